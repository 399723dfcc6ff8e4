package pcsc

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/ctap/nfc"
	"github.com/passkeylab/passkeylab/transport"
)

// Card is a card in a reader, shared with other programs. It is a
// [transport.Card]. It is safe for concurrent use; commands take turns.
type Card struct {
	reader Reader

	mu       sync.Mutex
	daemon   *daemon
	handle   int32
	protocol uint32
	closed   bool
}

var _ transport.Card = (*Card)(nil)

// closeTimeout is how long pcscd may take to let go of a card.
const closeTimeout = 3 * time.Second

// Open connects to the card in a reader of the pcscd at a socket: see
// [SocketPath]. The reader is given by its name or a part of it that no other
// has, or "" for the only one with a card. ctx bounds the opening alone.
func Open(ctx context.Context, socket, reader string) (*Card, error) {
	d, err := dial(ctx, socket)
	if err != nil {
		return nil, err
	}
	c := &Card{daemon: d}
	if err := c.open(ctx, reader); err != nil {
		return nil, errors.Join(err, d.conn.Close())
	}
	return c, nil
}

func (c *Card) open(ctx context.Context, name string) error {
	readers, err := c.daemon.readers(ctx)
	if err != nil {
		return err
	}
	if c.reader, err = pick(readers, name); err != nil {
		return err
	}
	connected := connectMessage{Context: c.daemon.context, Sharing: shared, Protocols: t0orT1}
	copy(connected.Reader[:], c.reader.Name)
	err = c.daemon.call(ctx, connect, &connected)
	if err = errors.Join(err, connected.Status.orNil()); err != nil {
		return fmt.Errorf("reader %q: %w", c.reader.Name, err)
	}
	c.handle, c.protocol = connected.Card, connected.Protocol
	return nil
}

// Reader is where the card lies, with its ATR as of when it was opened.
func (c *Card) Reader() Reader { return c.reader }

// Transmit implements [transport.Card]. Where ctx ends first the connection is
// lost. [ResetCard] says that another program has reset the card: what was
// selected is no longer, and commands can be sent again.
func (c *Card) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(command) > maxAPDU {
		return nil, fmt.Errorf("a command of %d bytes, at most %d fit", len(command), maxAPDU)
	}
	sent := transmitMessage{
		Card: c.handle, SendProtocol: c.protocol, SendPCI: pciLength, Send: uint32(len(command)),
		RecvProtocol: c.protocol, RecvPCI: pciLength, Recv: maxAPDU,
	}
	message, err := encode(transmit, &sent)
	if err != nil {
		return nil, err
	}
	var response []byte
	err = c.daemon.exchange(ctx, append(message, command...), func() (err error) {
		response, err = c.receive(&sent)
		return err
	})
	if err = errors.Join(err, sent.Status.orNil()); errors.Is(err, ResetCard) {
		err = errors.Join(err, c.reconnect(ctx, leaveCard))
	}
	if err != nil {
		return nil, err
	}
	return response, nil
}

// receive reads the structure that tells how a command ended, and the response if
// there is one.
func (c *Card) receive(sent *transmitMessage) ([]byte, error) {
	if err := binary.Read(c.daemon.conn, binary.NativeEndian, sent); err != nil || sent.Status != success {
		return nil, err
	}
	if sent.Recv > maxAPDU {
		return nil, fmt.Errorf("a response of %d bytes, at most %d are read", sent.Recv, maxAPDU)
	}
	var response bytes.Buffer // grows with what comes, whatever was announced
	_, err := io.CopyN(&response, c.daemon.conn, int64(sent.Recv))
	return response.Bytes(), err
}

// Reset takes the power from the card and gives it back.
func (c *Card) Reset(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reconnect(ctx, unpowerCard)
}

func (c *Card) reconnect(ctx context.Context, initial uint32) error {
	again := reconnectMessage{Card: c.handle, Sharing: shared, Protocols: t0orT1, Initial: initial}
	if err := c.daemon.call(ctx, reconnect, &again); err != nil {
		return err
	}
	if again.Status == success {
		c.protocol = again.Protocol
	}
	return again.Status.orNil()
}

// Close takes the power from the card and ends the connection. It may be called
// again.
func (c *Card) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	ctx, done := context.WithTimeout(context.Background(), closeTimeout)
	defer done()
	if !c.daemon.broken {
		_ = c.daemon.call(ctx, disconnect, &disconnectMessage{Card: c.handle, Disposition: unpowerCard}) // it may be gone
	}
	if c.daemon.broken {
		return c.daemon.conn.Close()
	}
	return c.daemon.close(ctx)
}

// Dial opens the FIDO applet of the card in a reader, pcsc:READER, in the form of
// commands that its ATR announces. It reads the environment for where pcscd is.
// ctx bounds the opening alone. Close the client to leave.
func Dial(ctx context.Context, at string) (*transport.NFCClient, error) {
	name, is := strings.CutPrefix(at, "pcsc:")
	if !is {
		return nil, fmt.Errorf("%q: give it as pcsc:READER, or pcsc: for the only reader with a card", at)
	}
	card, err := Open(ctx, SocketPath(), name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", at, err)
	}
	abilities, _ := nfc.ReadATR(card.reader.ATR) // without any, commands are short
	client, err := transport.OpenNFC(ctx, card, nfc.ReaderConfig{Extended: abilities.Extended})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", at, err)
	}
	return client, nil
}

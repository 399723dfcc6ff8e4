package transport

import (
	"context"
	"errors"
	"io"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/nfc"
	"github.com/passkeylab/passkeylab/ctap/u2f"
)

// Card takes a command APDU to a card and brings its response APDU back. The error
// is for what is between the two, never for a status word. It returns soon after
// ctx ends.
type Card interface {
	Transmit(ctx context.Context, command []byte) (response []byte, err error)
}

// NFCClient is an exchange with a card that has the FIDO applet (CTAP 2.3 §11.3).
// It is a [ctap.Transport] and a [u2f.Transport]. One request is under way at a
// time, others wait for their turn. It is safe for concurrent use.
type NFCClient struct {
	card   Card
	ctap2  bool
	turn   chan struct{} // holds a token while a request is under way
	reader *nfc.Reader   // belongs to whoever has the turn
	lost   bool          // what the applet is at is not known; also the turn's

	life   context.Context // ends with Close
	hangUp context.CancelFunc
}

var (
	_ ctap.Transport = (*NFCClient)(nil)
	_ u2f.Transport  = (*NFCClient)(nil)
)

// ErrU2FAlone is why a CTAP2 request is not sent to a card that has U2F only.
var ErrU2FAlone = errors.New("the card has U2F alone, no CTAP2")

// OpenNFC selects the FIDO applet of a card, and asks one that has U2F whether it
// has CTAP2 too (§11.3.3). A card that is an io.Closer is closed with the client,
// also where opening fails.
func OpenNFC(ctx context.Context, card Card, config nfc.ReaderConfig) (*NFCClient, error) {
	c := &NFCClient{card: card, turn: make(chan struct{}, 1), lost: true}
	c.life, c.hangUp = context.WithCancel(context.Background())
	var err error
	if c.reader, err = nfc.NewReader(config); err == nil {
		err = c.inTurn(ctx, c.meet)
	}
	if err != nil {
		c.hangUp()
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// meet selects the applet and finds out what is behind it.
func (c *NFCClient) meet(ctx context.Context) error {
	if err := c.selected(ctx); err != nil {
		return err
	}
	if c.ctap2 = c.reader.Version() != nfc.VersionU2F; c.ctap2 {
		return nil
	}
	question, err := c.reader.Send([]byte{byte(ctap.CommandGetInfo)})
	if err != nil {
		return err
	}
	answer, err := c.exchange(ctx, question)
	var refused nfc.Status
	if errors.As(err, &refused) {
		return nil
	}
	c.ctap2 = err == nil && ctap.Status(answer[0]) == ctap.OK
	return err
}

// HasCTAP2 tells whether the card has more than U2F.
func (c *NFCClient) HasCTAP2() bool { return c.ctap2 }

// Close cancels the request under way, ends what the applet is at, and closes the
// card if it can be closed. It may be called again.
func (c *NFCClient) Close() error {
	if c.life.Err() != nil {
		return nil
	}
	c.hangUp()
	c.turn <- struct{}{}
	defer c.release()
	ctx, done := context.WithTimeout(context.Background(), patience)
	defer done()
	if !c.lost {
		_, _ = c.exchange(ctx, c.reader.End()) // a courtesy; the card may be gone
	}
	return c.close()
}

func (c *NFCClient) close() error {
	if closer, ok := c.card.(io.Closer); ok {
		return closer.Close()
	}
	return nil
}

// Exchange sends a CTAP2 request. Where ctx ends first the card is asked to
// cancel, and what it answers then is the response: a status that says so, or
// success that came before.
func (c *NFCClient) Exchange(ctx context.Context, request []byte) (answer []byte, err error) {
	if !c.ctap2 {
		return nil, ErrU2FAlone
	}
	return c.transact(ctx, func() ([]byte, error) { return c.reader.Send(request) })
}

// ExchangeAPDU sends a U2F command.
func (c *NFCClient) ExchangeAPDU(ctx context.Context, command []byte) ([]byte, error) {
	return c.transact(ctx, func() ([]byte, error) { return c.reader.SendAPDU(command) })
}

func (c *NFCClient) transact(ctx context.Context, begin func() ([]byte, error)) (answer []byte, err error) {
	err = c.inTurn(ctx, func(ctx context.Context) error {
		if err := c.selected(ctx); err != nil {
			return err
		}
		first, err := begin()
		if err != nil {
			return err
		}
		answer, err = c.exchange(ctx, first)
		return err
	})
	return answer, err
}

// selected makes sure that the applet is selected and at nothing.
func (c *NFCClient) selected(ctx context.Context) error {
	if !c.lost {
		return nil
	}
	if _, err := c.exchange(ctx, c.reader.Select()); err != nil {
		return err
	}
	c.lost = false
	return nil
}

// inTurn does something while nobody else does, until ctx ends or the client is
// closed.
func (c *NFCClient) inTurn(ctx context.Context, do func(context.Context) error) error {
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer c.release()
	ctx, end := context.WithCancel(ctx)
	defer end()
	defer context.AfterFunc(c.life, end)()
	switch {
	case c.life.Err() != nil:
		return errors.New("the client was closed")
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return do(ctx)
}

func (c *NFCClient) release() { <-c.turn }

package vpcd

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"time"

	"github.com/passkeylab/passkeylab/ctap/nfc"
	"github.com/passkeylab/passkeylab/internal/apdu"
	"github.com/passkeylab/passkeylab/transport"
)

// What vpcd says with one byte. Anything else is a command for the card.
const (
	powerOff = 0
	powerOn  = 1
	reset    = 2
	askATR   = 4
)

// writeTimeout is how long a vpcd that reads nothing is borne with.
const writeTimeout = 5 * time.Second

// converse serves one connection until vpcd hangs up or breaks the framing, or ctx
// ends. Then the card is taken out of the reader.
func converse(ctx context.Context, conn net.Conn, card *transport.NFCServer) {
	ctx, hangUp := context.WithCancel(ctx)
	messages, left := make(chan []byte), make(chan struct{})
	go func() {
		defer close(left)
		defer hangUp() // also while the card is at a command
		listen(ctx, conn, messages)
	}()
	defer card.FieldOff()
	defer func() { <-left }()
	defer conn.Close()
	defer hangUp()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	for {
		select {
		case message := <-messages:
			if !respond(ctx, conn, card, message) {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// listen hands on what vpcd says.
func listen(ctx context.Context, conn net.Conn, messages chan<- []byte) {
	in := bufio.NewReader(conn)
	for {
		message, err := readMessage(in, func() { acknowledge(conn) })
		if err != nil {
			return
		}
		select {
		case messages <- message:
		case <-ctx.Done():
			return
		}
	}
}

// respond acts on what vpcd says, and tells whether the connection goes on. Only
// what asks for something has a response.
func respond(ctx context.Context, conn net.Conn, card *transport.NFCServer, message []byte) bool {
	if len(message) == 1 {
		switch message[0] {
		case powerOff:
			card.FieldOff()
			return true
		case powerOn, reset:
			card.FieldOn()
			return true
		case askATR:
			return write(conn, nfc.ATR())
		}
	}
	response, err := card.Transmit(ctx, message)
	switch {
	case errors.Is(err, transport.ErrNoField): // vpcd waits for a response all the same
		response = apdu.Response(nil, uint16(nfc.Internal))
	case err != nil:
		return false
	}
	return write(conn, response)
}

// readMessage reads a message: its length in two bytes, big-endian, and as many
// bytes. Once the length is there begun is called.
func readMessage(in io.Reader, begun func()) ([]byte, error) {
	var head [2]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint16(head[:])
	if n == 0 {
		return nil, errors.New("a message of no bytes")
	}
	begun()
	message := make([]byte, n)
	_, err := io.ReadFull(in, message)
	return message, err
}

func write(conn net.Conn, message []byte) bool {
	if len(message) > apdu.MaxExtended {
		return false
	}
	frame := append(binary.BigEndian.AppendUint16(nil, uint16(len(message))), message...)
	if err := conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return false
	}
	_, err := conn.Write(frame)
	return err == nil
}

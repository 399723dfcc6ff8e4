package tunnel

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/coder/websocket"

	"github.com/passkeylab/passkeylab/ctap/hybrid"
)

// chunk is how much of a message is held at once, in bytes. Most messages are
// shorter.
const chunk = 8 << 10

// buffers are lent while a message passes, so that a tunnel that rests has none.
var buffers = sync.Pool{New: func() any { return new([chunk]byte) }}

// forward passes on the messages of a side and returns why it ends. The first
// message waits where it is until the other side has come. Nothing is read ahead
// of the other side, so that a tunnel holds one chunk for each way, whoever is
// slow.
func (t *tunnel) forward(from, to *seat) *ending {
	for {
		// This context never ends: what ends the tunnel closes the WebSocket, with
		// a code, and that ends the read.
		kind, message, err := from.conn.Reader(context.Background())
		switch {
		case err != nil:
			return left(from, err)
		case kind != websocket.MessageBinary:
			return &ending{code: hybrid.ClosePolicy, by: from, byCode: hybrid.CloseUnsupported}
		case t.messages.Add(1) > int64(t.server.limits.Messages):
			return tooMuch
		case !to.arrives(t.ctx):
			return tooMuch // it has ended already, by whatever
		}
		t.quiet.Reset(t.server.limits.Idle)
		if end := t.pass(message, from, to); end != nil {
			return end
		}
	}
}

// pass hands one message on.
func (t *tunnel) pass(message io.Reader, from, to *seat) *ending {
	// Not the tunnel's context: its end would cut the WebSocket off before the other
	// side has heard why.
	ctx, cancel := context.WithTimeout(context.Background(), t.server.limits.Write)
	defer cancel()
	buffer := buffers.Get().(*[chunk]byte)
	defer buffers.Put(buffer)

	n, last, err := read(message, buffer[:])
	switch {
	case err != nil:
		return left(from, err)
	case last:
		return left(to, to.conn.Write(ctx, websocket.MessageBinary, buffer[:n]))
	}
	out, err := to.conn.Writer(ctx, websocket.MessageBinary)
	if err != nil {
		return left(to, err)
	}
	for {
		if _, err := out.Write(buffer[:n]); err != nil {
			return left(to, err)
		}
		if last {
			return left(to, out.Close())
		}
		if n, last, err = read(message, buffer[:]); err != nil {
			return left(from, err)
		}
	}
}

// read fills a buffer with more of a message and tells whether that was the end
// of it.
func read(message io.Reader, buffer []byte) (n int, last bool, err error) {
	for n < len(buffer) {
		more, err := message.Read(buffer[n:])
		n += more
		if err == io.EOF { // as such, the end of the message; wrapped, that of the connection
			return n, true, nil
		}
		if err != nil {
			return n, false, err
		}
	}
	return n, false, nil
}

// left is how a tunnel ends when a side cannot be read or written any more; nil
// where it can.
func left(side *seat, err error) *ending {
	if err == nil {
		return nil
	}
	end := &ending{code: hybrid.CloseLost, by: side, byCode: hybrid.CloseLost, internal: err}
	switch status := websocket.CloseStatus(err); {
	case errors.Is(err, websocket.ErrMessageTooBig):
		end.code, end.byCode = hybrid.ClosePolicy, hybrid.CloseTooLong
	case status != -1: // it has closed by itself
		end.code, end.byCode = hybrid.CloseNormal, hybrid.CloseNormal
	}
	return end
}

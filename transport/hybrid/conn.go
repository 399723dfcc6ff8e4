package hybrid

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
)

// Conn is one side of a tunnel. It carries whole messages, of at most
// protocol.MaxMessage bytes; longer ones are a protocol.ErrTooLong. Send and Receive
// may be called at the same time; a context that ends during either may close the
// tunnel. Once it is closed, by whomever, both fail, after what had been sent before
// was received; where the other side or the service did it, with an error that wraps
// [ErrLost]. Close may be called more than once. Package hybridtest has this as tests.
type Conn interface {
	Send(ctx context.Context, message []byte) error
	Receive(ctx context.Context) ([]byte, error)
	Close(code protocol.CloseCode) error
}

// Dialer opens a tunnel at the service of a domain: path and header are those of
// the HTTP request, and those of the response are returned. A service that refuses
// is a [*RefusedError]. ctx limits the dialling only. Package hybridtest has this as
// tests.
type Dialer interface {
	Dial(ctx context.Context, domain protocol.Domain, path string, header http.Header) (Conn, http.Header, error)
}

// openTunnel opens a new tunnel, which the other side is told the way to.
func openTunnel(ctx context.Context, d Dialer, domain protocol.Domain, id protocol.TunnelID) (Conn, protocol.RoutingID, error) {
	conn, header, err := d.Dial(ctx, domain, protocol.NewTunnelPath(id), nil)
	if err != nil {
		return nil, protocol.RoutingID{}, err
	}
	told := header.Values(protocol.RoutingHeader)
	if len(told) != 1 {
		return nil, protocol.RoutingID{}, errors.Join(fmt.Errorf("%w: the service gave %d routing IDs", ErrRules, len(told)), conn.Close(protocol.CloseNormal))
	}
	routing, err := protocol.ParseRoutingID(told[0])
	if err != nil {
		return nil, protocol.RoutingID{}, errors.Join(fmt.Errorf("%w: the service gave %w", ErrRules, err), conn.Close(protocol.CloseNormal))
	}
	return conn, routing, nil
}

// line is a tunnel with a session in it: only the two sides can read it.
type line struct {
	conn     Conn
	session  *protocol.Session
	revision protocol.Revision
}

func (l *line) send(ctx context.Context, kind protocol.FrameType, payload []byte) error {
	plaintext, err := l.revision.EncodeFrame(protocol.Frame{Type: kind, Payload: payload})
	if err != nil {
		return err
	}
	return l.sendSealed(ctx, plaintext)
}

// sendSealed sends nothing once ctx has ended, which a tunnel may notice too late.
func (l *line) sendSealed(ctx context.Context, plaintext []byte) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	message, err := l.session.Seal(plaintext)
	if err != nil {
		return err
	}
	return l.conn.Send(ctx, message)
}

func (l *line) receive(ctx context.Context) (protocol.Frame, error) {
	plaintext, err := l.receiveSealed(ctx)
	if err != nil {
		return protocol.Frame{}, err
	}
	return l.revision.DecodeFrame(plaintext)
}

func (l *line) receiveSealed(ctx context.Context) ([]byte, error) {
	message, err := l.conn.Receive(ctx)
	if err != nil {
		return nil, err
	}
	return l.session.Open(message)
}

// patiently is a context for a step that takes the other side no longer than d.
func patiently(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, d, ErrSilent)
}

// because has the cause of a context stand for an error that only says that it
// ended.
func because(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// patience is how long the other side may take for a step that needs nobody's
// hands.
const patience = 30 * time.Second

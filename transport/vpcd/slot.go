package vpcd

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/passkeylab/passkeylab/transport"
)

// DefaultPort is where vpcd listens unless its reader.conf says otherwise.
const DefaultPort = 35963

// redial is how long a vpcd that is not there, or that hangs up, is left alone.
const redial = time.Second

// ErrNotLocal is why an address on another machine is refused.
var ErrNotLocal = errors.New("that is another machine")

// Slot is a virtual reader at an address.
type Slot struct {
	at    string // HOST:PORT
	pause time.Duration
}

// Open names a virtual reader of this machine, vpcd:HOST:PORT. Nothing is dialled
// yet.
func Open(at string) (*Slot, error) {
	s, err := OpenAnywhere(at)
	if err != nil {
		return nil, err
	}
	host, _, _ := net.SplitHostPort(s.at)
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("%s: %w", at, ErrNotLocal)
	}
	return s, nil
}

// OpenAnywhere is [Open] without a look at whose machine it is. A device knows no
// passwords: whoever has the reader can use it.
func OpenAnywhere(at string) (*Slot, error) {
	address, is := strings.CutPrefix(at, "vpcd:")
	if _, _, err := net.SplitHostPort(address); !is || err != nil {
		return nil, fmt.Errorf("%q: give it as vpcd:HOST:PORT, such as vpcd:127.0.0.1:%d", at, DefaultPort)
	}
	return &Slot{at: address, pause: redial}, nil
}

// Address is where vpcd is, in the form that [Open] takes.
func (s *Slot) Address() string { return "vpcd:" + s.at }

// Serve has the card lie in the reader until ctx ends, which is no error. While
// there is no vpcd, or after it has hung up because pcscd was started anew, it is
// dialled again and again.
func (s *Slot) Serve(ctx context.Context, card *transport.NFCServer) error {
	for ctx.Err() == nil {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", s.at)
		if err == nil {
			converse(ctx, conn, card)
		}
		select {
		case <-time.After(s.pause):
		case <-ctx.Done():
		}
	}
	return nil
}

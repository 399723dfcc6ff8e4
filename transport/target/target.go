// Package target opens devices by name: the ones that our own programs serve and
// real ones, over whatever carries their requests.
//
// It owns the names. It must never know what is asked of a device.
package target

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/u2f"
	"github.com/passkeylab/passkeylab/transport"
	"github.com/passkeylab/passkeylab/transport/hidraw"
	"github.com/passkeylab/passkeylab/transport/pcsc"
	"github.com/passkeylab/passkeylab/transport/socket"
)

// Device is a device that was opened. It serves one request at a time.
type Device interface {
	ctap.Transport
	u2f.Transport
	io.Closer
}

// way is how devices of one kind are reached.
type way struct {
	form    string // of a name, for people
	open    func(ctx context.Context, name, at string) (Device, error)
	reports func(ctx context.Context, name, at string) (transport.Link, error) // nil where there are none
	card    func(ctx context.Context, name, at string) (Card, error)           // nil where there is none
}

// Card is a card that was opened: it takes APDUs as they are.
type Card interface {
	transport.Card
	io.Closer
}

// ways are those there are, by what a name begins with.
var ways = map[string]way{
	"unix": {form: "unix:PATH", open: dial, reports: dialLink},
	"tcp":  {form: "tcp:HOST:PORT", open: dial, reports: dialLink},
	"udp":  {form: "udp:HOST:PORT", open: dial, reports: dialLink},
	"pcsc": {
		form: "pcsc:READER",
		open: func(ctx context.Context, name, _ string) (Device, error) { return opened(pcsc.Dial(ctx, name)) },
		card: func(ctx context.Context, name, at string) (Card, error) {
			card, err := pcsc.Open(ctx, pcsc.SocketPath(), at)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			return card, nil
		},
	},
	"hidraw": {
		form:    "hidraw:PATH",
		open:    func(ctx context.Context, _, at string) (Device, error) { return opened(hidraw.Dial(ctx, at)) },
		reports: func(_ context.Context, _, at string) (transport.Link, error) { return hidraw.DialLink(at) },
	},
}

func dial(ctx context.Context, name, _ string) (Device, error) { return opened(socket.Dial(ctx, name)) }

func dialLink(ctx context.Context, name, _ string) (transport.Link, error) {
	return socket.DialLink(ctx, name)
}

// opened keeps a client that is nil from becoming a device that is not.
func opened[D Device](d D, err error) (Device, error) {
	if err != nil {
		return nil, err
	}
	return d, nil
}

// Open opens the device of a name, such as unix:PATH or hidraw:/dev/hidraw0:
// [Forms] lists what there is. ctx bounds the opening alone. Close the device to
// leave it.
func Open(ctx context.Context, name string) (Device, error) {
	w, at, err := lookup(name)
	if err != nil {
		return nil, err
	}
	return w.open(ctx, name, at)
}

// ErrNotCarried is why a device is not spoken to below messages: what it is reached by
// carries neither reports nor APDUs, or not those that were asked for.
var ErrNotCarried = errors.New("what the device is reached by does not carry that")

// OpenReports opens a way for CTAPHID reports to the device of a name, for those who
// speak CTAPHID themselves. Close it to leave.
func OpenReports(ctx context.Context, name string) (transport.Link, error) {
	w, at, err := lookup(name)
	if err != nil {
		return nil, err
	}
	if w.reports == nil {
		return nil, fmt.Errorf("%s: %w", name, ErrNotCarried)
	}
	return w.reports(ctx, name, at)
}

// OpenCard opens a way for APDUs to the card of a name. Close it to leave.
func OpenCard(ctx context.Context, name string) (Card, error) {
	w, at, err := lookup(name)
	if err != nil {
		return nil, err
	}
	if w.card == nil {
		return nil, fmt.Errorf("%s: %w", name, ErrNotCarried)
	}
	return w.card(ctx, name, at)
}

// Carries tells whether what the device of a name is reached by carries CTAPHID
// reports, and whether APDUs.
func Carries(name string) (reports, card bool) {
	w, _, err := lookup(name)
	return err == nil && w.reports != nil, err == nil && w.card != nil
}

func lookup(name string) (w way, at string, err error) {
	scheme, at, _ := strings.Cut(name, ":")
	w, ok := ways[scheme]
	if !ok || at == "" {
		return w, at, fmt.Errorf("%q: give it as %s", name, strings.Join(Forms(), ", "))
	}
	return w, at, nil
}

// Forms returns the forms that names have.
func Forms() []string {
	var forms []string
	for _, w := range ways {
		forms = append(forms, w.form)
	}
	return slices.Sorted(slices.Values(forms))
}

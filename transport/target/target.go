// Package target opens devices by name: the ones that our own programs serve and
// real ones, over whatever carries their requests.
//
// It owns the names. It must never know what is asked of a device.
package target

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/u2f"
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
	form string // of a name, for people
	open func(ctx context.Context, name, at string) (Device, error)
}

// ways are those there are, by what a name begins with.
var ways = map[string]way{
	"unix":   {"unix:PATH", dial},
	"tcp":    {"tcp:HOST:PORT", dial},
	"udp":    {"udp:HOST:PORT", dial},
	"pcsc":   {"pcsc:READER", func(ctx context.Context, name, _ string) (Device, error) { return opened(pcsc.Dial(ctx, name)) }},
	"hidraw": {"hidraw:PATH", func(ctx context.Context, _, at string) (Device, error) { return opened(hidraw.Dial(ctx, at)) }},
}

func dial(ctx context.Context, name, _ string) (Device, error) { return opened(socket.Dial(ctx, name)) }

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
	scheme, at, _ := strings.Cut(name, ":")
	w, ok := ways[scheme]
	if !ok || at == "" {
		return nil, fmt.Errorf("%q: give it as %s", name, strings.Join(Forms(), ", "))
	}
	return w.open(ctx, name, at)
}

// Forms returns the forms that names have.
func Forms() []string {
	var forms []string
	for _, w := range ways {
		forms = append(forms, w.form)
	}
	return slices.Sorted(slices.Values(forms))
}

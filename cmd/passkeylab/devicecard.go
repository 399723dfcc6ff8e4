package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/passkeylab/passkeylab/ctap/nfc"
	"github.com/passkeylab/passkeylab/transport"
	"github.com/passkeylab/passkeylab/transport/socket"
	"github.com/passkeylab/passkeylab/transport/vpcd"
)

// cardListener has a device lie in a virtual reader, beside the sockets that it is
// served at.
type cardListener struct {
	slot    *vpcd.Slot
	powered bool // also elsewhere
	seams   []nfc.Seams
	clock   transport.Clock
}

// openReader finds a virtual reader.
func (v *deviceVerb) openReader(at string, clock transport.Clock) (socket.Listener, error) {
	find := vpcd.Open
	if v.Anywhere {
		find = vpcd.OpenAnywhere
	}
	slot, err := find(at)
	if errors.Is(err, vpcd.ErrNotLocal) {
		return nil, fmt.Errorf("%w; use 127.0.0.1, or say --anywhere", err)
	}
	if err != nil {
		return nil, err
	}
	l := &cardListener{slot: slot, clock: clock}
	faults, err := v.faults()
	if err != nil {
		return nil, err
	}
	for _, one := range faults {
		l.seams = append(l.seams, one.NFC)
	}
	for _, other := range v.Listen {
		l.powered = l.powered || !isReader(other)
	}
	return l, nil
}

func isReader(at string) bool { return strings.HasPrefix(at, "vpcd:") }

func (l *cardListener) Address() string { return l.slot.Address() }
func (l *cardListener) Close() error    { return nil }

// Serve has the device lie in the reader until ctx ends. Reports have no part in
// it. Without other addresses the reader's power is all that the device has.
func (l *cardListener) Serve(ctx context.Context, server *transport.HIDServer) error {
	card, err := transport.NewNFCServer(server.Device(), transport.NFCServerConfig{Powered: l.powered, Seams: l.seams, Clock: l.clock})
	if err != nil {
		return err
	}
	defer card.Close()
	return l.slot.Serve(ctx, card)
}

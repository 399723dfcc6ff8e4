//go:build amd64 || arm64

package usbkey

import (
	"fmt"

	"github.com/passkeylab/passkeylab/transport/usbkey/internal/sysfs"
	"github.com/passkeylab/passkeylab/transport/usbkey/internal/warden"
)

// Unplug pulls the nth key out, counted from 0: its node and what /sys says of it
// go, and whoever has it open is hung up on. Programs that look for keys anew, as
// libfido2 does, see at once that it has gone, and those that listen to udev, as
// Chromium does, are told. The device behind it keeps its
// power; that is its owner's to cut.
func (b *Bus) Unplug(n int) error {
	b.orders.Lock()
	defer b.orders.Unlock()
	s, err := b.slot(n, true)
	if err != nil {
		return err
	}
	if _, err := b.order(warden.Order{Unplug: []sysfs.Device{s.device}}); err != nil {
		return err
	}
	s.disconnect()
	return nil
}

// Plug puts the nth key back where it was.
func (b *Bus) Plug(n int) error {
	b.orders.Lock()
	defer b.orders.Unlock()
	s, err := b.slot(n, false)
	if err != nil {
		return err
	}
	if err := s.connect(); err != nil {
		return err
	}
	if _, err := b.order(warden.Order{Plug: []sysfs.Device{s.device}}); err != nil {
		s.disconnect()
		return err
	}
	return nil
}

// slot is the nth, if its key is plugged in or not as it should be.
func (b *Bus) slot(n int, plugged bool) (*slot, error) {
	if n < 0 || n >= len(b.slots) {
		return nil, fmt.Errorf("no key %d: there are %d, counted from 0", n, len(b.slots))
	}
	select {
	case <-b.gone:
		return nil, ErrEnded
	default:
	}
	s := b.slots[n]
	s.mu.Lock()
	defer s.mu.Unlock()
	if there := s.shared != nil; there != plugged {
		return nil, fmt.Errorf("key %d is %s already", n, map[bool]string{true: "plugged in", false: "unplugged"}[there])
	}
	return s, nil
}

// order has the warden do something, once the command runs, and returns the
// descriptor that comes of it, or -1. The caller holds orders.
func (b *Bus) order(o warden.Order) (fd int, err error) {
	<-b.ready
	if b.failure != nil {
		return -1, b.failure
	}
	if err := b.control.Send(o, -1); err != nil {
		return -1, fmt.Errorf("%w (%w)", ErrEnded, err)
	}
	r, ok := <-b.replies
	switch {
	case !ok:
		return -1, ErrEnded
	case r.Failure != nil:
		return -1, r.Failure
	}
	return r.fd, nil
}

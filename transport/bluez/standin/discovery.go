package standin

import (
	"context"
	"slices"

	"github.com/godbus/dbus/v5"
)

// discovering tells whether somebody scans. The mutex is held.
func (s *StandIn) discovering() bool { return s.powered && len(s.scanners) > 0 }

// Scanning waits until a program scans.
func (s *StandIn) Scanning(ctx context.Context) error { return s.until(ctx, s.discovering) }

// Quiet waits until no program scans.
func (s *StandIn) Quiet(ctx context.Context) error {
	return s.until(ctx, func() bool { return !s.discovering() })
}

// setDiscoveryFilter takes any filter for low energy: all that is on the air is.
func (s *StandIn) setDiscoveryFilter(filter properties) *dbus.Error {
	transport, given := filter["Transport"]
	if given && !slices.Contains([]any{"le", "auto"}, transport.Value()) {
		return errInvalid
	}
	return nil
}

func (s *StandIn) startDiscovery(program dbus.Sender) *dbus.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !s.powered:
		return errNotReady
	case s.scanners[program]:
		return errInProgress
	}
	s.scanners[program] = true
	s.scansChanged()
	return nil
}

func (s *StandIn) stopDiscovery(program dbus.Sender) *dbus.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.scanners[program] {
		return errNoDiscovery
	}
	delete(s.scanners, program)
	s.scansChanged()
	return nil
}

func (s *StandIn) scansChanged() {
	s.changedProperties(adapterPath, adapterInterface, properties{"Discovering": dbus.MakeVariant(s.discovering())})
	s.tell()
}

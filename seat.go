package passkeylab

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"

	"github.com/passkeylab/passkeylab/browser"
	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/webauthn"
)

// seat is a browser context with one tab. A visitor has it alone, with nobody
// else's cookies or passkeys. Opening a context costs Chromium more than a whole
// journey in it, so a seat that a visitor left in good order is cleaned and
// taken by the next.
type seat struct {
	kind    seatKind
	desk    *desk // where its browser is nobody else's; nil on other links
	context *browser.Context
	tab     *browser.Tab
	visitor *visitor
}

// seatKind is what cannot be changed about a seat.
type seatKind struct {
	link    Link
	windows bool
	roaming bool // no authenticator is part of the computer; always false where Chromium knows by itself
}

// seatKind is the kind of seat that a visit on this device takes.
func (l *Lab) seatKind(d *Device) seatKind {
	return seatKind{
		link: l.options.link, windows: l.options.display || l.options.link.alone(),
		roaming: !d.model.Platform && !l.options.link.ownClient(),
	}
}

// seat returns a free seat of the kind wanted, or sets up a new one.
func (s *Stage) seat(ctx context.Context, kind seatKind) (*seat, error) {
	if taken := s.freeSeat(kind); taken != nil {
		return taken, nil
	}
	made := &seat{kind: kind, visitor: new(visitor)}
	if err := s.setUp(ctx, made); err != nil {
		return nil, errors.Join(err, s.remove(made))
	}
	return made, nil
}

// freeSeat takes a seat that was left in good order and whose browser still runs. One
// whose browser has ended is thrown away.
func (s *Stage) freeSeat(kind seatKind) *seat {
	for {
		s.mu.Lock()
		free := s.free[kind]
		if len(free) == 0 {
			s.mu.Unlock()
			return nil
		}
		last := free[len(free)-1]
		s.free[kind] = free[:len(free)-1]
		s.mu.Unlock()
		if last.tab.Ended() == nil {
			return last
		}
		_ = s.remove(last) // of which there is little left
	}
}

// setUp opens what a seat consists of. What it has opened when it fails is in the
// seat, for remove.
func (s *Stage) setUp(ctx context.Context, made *seat) error {
	running, err := s.browserFor(ctx, made)
	if err != nil {
		return err
	}
	made.context, err = running.NewContext(ctx, browser.ContextOptions{
		Link: made.kind.link.inContext(), Answerer: made.visitor, Roaming: made.kind.roaming, Report: made.visitor.report,
	})
	if err == nil {
		made.tab, err = made.context.NewTab(ctx)
	}
	if err != nil {
		return errors.Join(err, running.Ended())
	}
	return nil
}

// browserFor returns the browser that a seat is in.
func (s *Stage) browserFor(ctx context.Context, made *seat) (*browser.Browser, error) {
	if !made.kind.link.alone() {
		return s.browser(ctx, made.kind.windows)
	}
	desk, err := s.openDesk(ctx, made.kind.link)
	if err != nil {
		return nil, err
	}
	made.desk = desk
	s.mu.Lock()
	defer s.mu.Unlock()
	s.desks = append(s.desks, desk)
	return desk.browser, nil
}

// leave gives a seat back. One that cannot be cleaned is thrown away.
func (s *Stage) leave(ctx context.Context, left *seat, inGoodOrder bool) error {
	left.visitor.leave()
	if !inGoodOrder || left.clean(ctx) != nil {
		return s.remove(left)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free[left.kind] = append(s.free[left.kind], left)
	return nil
}

// remove ends a seat for good, and its browser where that is nobody else's.
func (s *Stage) remove(gone *seat) error {
	switch {
	case gone.desk != nil && s.disown(gone.desk):
		return gone.desk.close() // with all that is in its browser
	case gone.context != nil:
		return gone.context.Close()
	}
	return nil
}

// disown makes a desk the caller's to close. It reports false where the stage has
// closed it already.
func (s *Stage) disown(gone *desk) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.Index(s.desks, gone)
	if i < 0 {
		return false
	}
	s.desks = slices.Delete(s.desks, i, i+1)
	return true
}

// clean takes away what a visitor leaves behind: the page with its pending
// requests, and the login.
func (s *seat) clean(ctx context.Context) error {
	var pulled error
	if s.desk != nil {
		pulled = s.desk.clean()
	}
	return errors.Join(s.tab.Blank(ctx), s.context.Forget(ctx), pulled)
}

// visitor is whoever sits there now: it lets the pages ask their device.
type visitor struct {
	mu     sync.Mutex
	device *Device
}

var (
	_ browser.Answerer       = (*visitor)(nil)
	_ browser.SignalReceiver = (*visitor)(nil)
)

func (v *visitor) sitDown(d *Device) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.device = d
}

func (v *visitor) leave() { v.sitDown(nil) }

func (v *visitor) current() *Device {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.device
}

// report notes what went wrong in the browser where nobody waits for it.
func (v *visitor) report(err error) {
	if d := v.current(); d != nil {
		d.lab.Note("the browser reports: %v", err)
	}
}

// Create implements browser.Answerer.
func (v *visitor) Create(ctx context.Context, r browser.Request) (json.RawMessage, error) {
	if d := v.current(); d != nil {
		return credentials{d}.CreateJSON(ctx, callerOf(r), r.Options)
	}
	return nil, errNobody
}

// Get implements browser.Answerer.
func (v *visitor) Get(ctx context.Context, r browser.Request) (json.RawMessage, error) {
	if d := v.current(); d != nil {
		return credentials{d}.GetJSON(ctx, callerOf(r), r.Options)
	}
	return nil, errNobody
}

// Signal implements browser.SignalReceiver.
func (v *visitor) Signal(ctx context.Context, s browser.Signal) error {
	if d := v.current(); d != nil {
		return credentials{d}.SignalJSON(ctx, client.Caller{Origin: s.Origin}, string(s.Kind), s.Options)
	}
	return errNobody
}

var errNobody = &webauthn.DOMException{Name: webauthn.NotAllowedError, Message: "nobody sits at this browser any more"}

func callerOf(r browser.Request) client.Caller {
	return client.Caller{Origin: r.Origin, TopOrigin: r.TopOrigin, CrossOrigin: r.CrossOrigin, Mediation: r.Mediation}
}

package screen

import (
	"context"
	"fmt"
	"image"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/damage"
	"github.com/jezek/xgb/xproto"
)

// Watch shows look a picture of an area, and another one whenever something on the
// display has changed, until look is satisfied. It returns early, with the cause,
// when ctx ends. It has a connection of its own.
func Watch(ctx context.Context, display string, area image.Rectangle, look func(*image.RGBA) bool) error {
	s, err := Open(display)
	if err != nil {
		return err
	}
	defer s.Close()
	stop := context.AfterFunc(ctx, s.Close) // which ends what waits below
	defer stop()
	err = s.watch(area, look)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

func (s *Screen) watch(area image.Rectangle, look func(*image.RGBA) bool) error {
	changes, err := s.changes()
	if err != nil {
		return fmt.Errorf("watch display %s: %w", s.name, err)
	}
	for {
		// What changes from here on is told, once.
		damage.Subtract(s.conn, changes, 0, 0)
		picture, err := s.Grab(area)
		if err != nil {
			return err
		}
		if look(picture) {
			return nil
		}
		if event, fault := s.conn.WaitForEvent(); fault != nil || event == nil {
			return fmt.Errorf("watch display %s: the connection has ended: %v", s.name, fault)
		}
	}
}

// changes asks the display to tell of changes (extension DAMAGE).
func (s *Screen) changes() (damage.Damage, error) {
	const name = "DAMAGE"
	found, err := xproto.QueryExtension(s.conn, uint16(len(name)), name).Reply()
	if err != nil || !found.Present {
		return 0, fmt.Errorf("it does not tell of changes: it has no extension %s: %v", name, err)
	}
	// Not damage.Init, which writes to maps that all connections read, unlocked.
	s.conn.ExtLock.Lock()
	s.conn.Extensions[name] = found.MajorOpcode
	s.conn.ExtLock.Unlock()
	if _, err := damage.QueryVersion(s.conn, 1, 1).Reply(); err != nil {
		return 0, err
	}
	id, err := damage.NewDamageId(s.conn)
	if err != nil {
		return 0, err
	}
	return id, damage.CreateChecked(s.conn, id, s.root, damage.ReportLevelNonEmpty).Check()
}

// The numbers of events that servers give to extensions, which number they like.
const firstExtensionEvent, lastEvent = 64, 127

// init has the library hand on events of extensions. It does that by a map of its
// own, which nobody may write to later, when there are connections.
func init() {
	for number := firstExtensionEvent; number <= lastEvent; number++ {
		xgb.NewEventFuncs[number] = func(bytes []byte) xgb.Event { return event(bytes) }
	}
}

// event is one that only matters as such.
type event []byte

func (e event) Bytes() []byte  { return e }
func (e event) String() string { return "something has changed" }

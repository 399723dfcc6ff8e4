package hybridtest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync/atomic"

	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
)

// air is an [Air] under test.
type air struct {
	test
	Air
}

// advert is data as long as that of a phone.
func advert(n byte) []byte { return bytes.Repeat([]byte{n}, protocol.AdvertSize) }

// battery is a service that has nothing to do with passkeys.
const battery = "0000180f-0000-1000-8000-00805f9b34fb"

func (a *air) say(service string, data []byte) (stop func()) {
	a.Helper()
	stop, err := a.Advertiser.Advertise(a.ctx, service, data)
	a.must("Advertise", err)
	return stop
}

// ear is a scan under way.
type ear struct {
	*air
	heard chan []byte
	stop  context.CancelFunc
	ended chan error
}

// listen begins a scan. stop it when done.
func (a *air) listen() *ear {
	ctx, stop := context.WithCancel(a.ctx)
	e := &ear{a, make(chan []byte, 1024), stop, make(chan error, 1)}
	go func() {
		e.ended <- a.Scanner.Scan(ctx, func(data []byte) {
			select {
			case e.heard <- slices.Clone(data):
			default: // much more than any rule waits for
			}
		})
	}()
	return e
}

// next is what is heard next, apart from what is known and may be repeated.
func (e *ear) next(known ...[]byte) []byte {
	e.Helper()
	for {
		select {
		case data := <-e.heard:
			if !slices.ContainsFunc(known, func(k []byte) bool { return bytes.Equal(k, data) }) {
				return data
			}
		case err := <-e.ended:
			e.fail("Scan has ended: %v", err)
		case <-e.ctx.Done():
			e.fail("nothing is heard")
		}
	}
}

// all is everything that can be heard now: what else there is is heard before what
// is said last.
func (e *ear) all() (heard [][]byte) {
	e.Helper()
	heard = append(heard, e.next()) // so that it does listen
	last := advert(255)
	defer e.say(protocol.ServiceUUID, last)()
	for {
		data := e.next(heard...)
		if bytes.Equal(data, last) {
			return heard
		}
		heard = append(heard, data)
	}
}

// hears insists on what can be heard now, in any order.
func (a *air) hears(what string, want ...[]byte) {
	a.Helper()
	ear := a.listen()
	defer ear.end()
	got := ear.all()
	slices.SortFunc(got, bytes.Compare)
	a.equal(what, slices.Concat(want...), slices.Concat(got...))
}

// end ends the scan.
func (e *ear) end() {
	e.Helper()
	e.stop()
	select {
	case <-e.ended:
	case <-e.ctx.Done():
		e.fail("Scan goes on when its context has ended")
	}
}

func hearsWhatIsSaid(a *air) {
	a.say(protocol.ServiceUUID, advert(1))
	for range 2 { // and whoever listens later
		ear := a.listen()
		a.equal("what is said already", advert(1), ear.next())
		ear.end()
	}
}

func hearsWhatIsSaidMeanwhile(a *air) {
	a.say(protocol.ServiceUUID, advert(1))
	ear := a.listen()
	defer ear.stop()
	a.equal("what is said already", advert(1), ear.next())
	a.say(protocol.ServiceUUID, advert(2))
	a.equal("what is said meanwhile", advert(2), ear.next(advert(1)))
}

func hearsSeveral(a *air) {
	var want [][]byte
	for n := range byte(8) {
		want = append(want, advert(n))
		a.say(protocol.ServiceUUID, advert(n))
	}
	a.hears("what several say at once", want...)
}

func hearsItsServices(a *air) {
	a.say(battery, advert(1))
	a.say(protocol.ServiceUUID, advert(2))
	a.say(protocol.LegacyServiceUUID, advert(3))
	a.hears("the two services, and not a third", advert(2), advert(3))
}

func hearsNothingStopped(a *air) {
	stop := a.say(protocol.ServiceUUID, advert(1))
	stop()
	stop()
	a.say(protocol.ServiceUUID, advert(2))
	a.hears("what is said after another was stopped", advert(2))
}

func keepsWhatItWasGiven(a *air) {
	data := advert(1)
	a.say(protocol.ServiceUUID, data)
	data[0] = 9
	ear := a.listen()
	defer ear.stop()
	a.equal("what was said, and changed by who said it", advert(1), ear.next())
}

func givesEachItsOwn(a *air) {
	a.say(protocol.ServiceUUID, advert(1))
	for range 2 {
		ctx, stop := context.WithCancel(a.ctx)
		changed := false
		err := a.Scanner.Scan(ctx, func(data []byte) {
			changed = changed || !bytes.Equal(data, advert(1))
			data[0] = 9
			stop()
		})
		stop()
		a.check(!changed, "one listener hears what another has changed: %v", err)
	}
}

func saysOn(a *air) {
	starting, started := context.WithCancel(a.ctx)
	_, err := a.Advertiser.Advertise(starting, protocol.ServiceUUID, advert(1))
	a.must("Advertise", err)
	started()
	ear := a.listen()
	defer ear.stop()
	a.equal("what is said though its start is over", advert(1), ear.next())
}

func saysNothingForTheGone(a *air) {
	gone, leave := context.WithCancel(a.ctx)
	leave()
	_, err := a.Advertiser.Advertise(gone, protocol.ServiceUUID, advert(1))
	a.check(errors.Is(err, context.Canceled), "Advertise under a context that has ended: %v", err)
	a.say(protocol.ServiceUUID, advert(2))
	a.hears("what somebody says who is there", advert(2))
}

func tellsFromOneGoroutine(a *air) {
	for n := range byte(4) {
		a.say(protocol.ServiceUUID, advert(n))
	}
	var inside, ended atomic.Bool
	var calls atomic.Int32
	ctx, stop := context.WithCancel(a.ctx)
	defer stop()
	wrong := make(chan string, 1)
	note := func(what string) {
		select {
		case wrong <- what:
		default:
		}
	}
	_ = a.Scanner.Scan(ctx, func([]byte) {
		if !inside.CompareAndSwap(false, true) {
			note("two goroutines tell at the same time")
		}
		if ended.Load() {
			note("something is told after Scan has returned")
		}
		if calls.Add(1) == 4 {
			stop()
		}
		inside.Store(false)
	})
	ended.Store(true)
	a.check(a.ctx.Err() == nil, "Scan goes on when its context has ended")
	// Another listener hears the next advert, which the first does not.
	a.say(protocol.ServiceUUID, advert(9))
	ear := a.listen()
	defer ear.stop()
	a.equal("the next advert", advert(9), ear.next(advert(0), advert(1), advert(2), advert(3)))
	select {
	case what := <-wrong:
		a.fail("%s", what)
	default:
	}
}

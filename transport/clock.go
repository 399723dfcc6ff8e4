package transport

import "time"

// Clock is the time that a server lives in: when a client hears that its request
// goes on, and when a message of which the rest does not come is given up.
type Clock interface {
	Now() time.Time
	// AfterFunc has f called once d has passed, and not by whoever calls AfterFunc.
	AfterFunc(d time.Duration, f func()) Timer
}

// Timer is what [Clock.AfterFunc] returns. A [time.Timer] is one, and the methods are
// those of it.
type Timer interface {
	Reset(d time.Duration) bool
	Stop() bool
}

// systemClock is the clock of the machine.
type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) AfterFunc(d time.Duration, f func()) Timer { return time.AfterFunc(d, f) }

// alarm returns a timer of a clock that nobody has set yet.
func alarm(c Clock, f func()) Timer {
	t := c.AfterFunc(time.Hour, f)
	t.Stop()
	return t
}

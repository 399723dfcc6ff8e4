package provider

import (
	"fmt"
	"time"
)

// Event is one thing that happened in an account, for a log.
type Event struct {
	At     time.Time
	What   EventKind
	Member string // the device that it is about
	RPID   string // of the passkey; "" where there is none, or it is gone
	ID     []byte // of the passkey; nil where there is none
	Rule   Rule   // by which something lost
}

// EventKind is what happened.
type EventKind string

// The kinds of events.
const (
	Joined   EventKind = "joins"
	Gone     EventKind = "is out"
	Unlocked EventKind = "gets the key"
	Sent     EventKind = "sends" // and the account has taken it
	Heard    EventKind = "hears of"
	Lost     EventKind = "loses"
)

func (e Event) String() string {
	text := fmt.Sprintf("%s %s", e.Member, e.What)
	switch {
	case e.ID == nil:
		return text
	case e.RPID == "":
		text += fmt.Sprintf(" passkey %x, which is deleted", e.ID)
	default:
		text += fmt.Sprintf(" passkey %x for %q", e.ID, e.RPID)
	}
	if e.Rule != "" {
		text += ": " + string(e.Rule)
	}
	return text
}

// tell hands an event to whoever watches.
func (a *Account) tell(what EventKind, member string, v *version, rule Rule, at time.Time) {
	if a.options.Watch == nil {
		return
	}
	e := Event{At: at, What: what, Member: member, Rule: rule}
	if v != nil {
		e.ID = []byte(v.id)
		if !v.deleted() {
			e.RPID = v.credential.RPID
		}
	}
	a.options.Watch(e)
}

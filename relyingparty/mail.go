package relyingparty

import (
	"context"
	"strings"
	"sync"
	"time"
)

// Mail is a message the site has sent.
type Mail struct {
	Seq     int // ascending from 1
	Time    time.Time
	To      string
	Subject string
	Text    string
	Links   []string
}

// outboxSize bounds how many mails are kept.
const outboxSize = 1000

// Outbox holds what the site would have mailed. Its methods may be called
// concurrently.
type Outbox struct {
	mu      sync.Mutex
	sent    int
	mails   []Mail
	changed chan struct{} // closed and replaced with every mail
}

func newOutbox() *Outbox { return &Outbox{changed: make(chan struct{})} }

// All lists the mails still kept, oldest first.
func (o *Outbox) All() []Mail {
	mails, _ := o.state()
	return mails
}

// To lists the mails to one address, oldest first.
func (o *Outbox) To(address string) []Mail {
	var out []Mail
	for _, m := range o.All() {
		if strings.EqualFold(m.To, address) {
			out = append(out, m)
		}
	}
	return out
}

// Wait returns the first mail to address with a Seq above after, and waits for it
// if need be.
func (o *Outbox) Wait(ctx context.Context, address string, after int) (Mail, error) {
	for {
		mails, changed := o.state()
		for _, m := range mails {
			if m.Seq > after && strings.EqualFold(m.To, address) {
				return m, nil
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Mail{}, ctx.Err()
		}
	}
}

func (o *Outbox) state() ([]Mail, <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]Mail(nil), o.mails...), o.changed
}

func (o *Outbox) send(m Mail) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sent++
	m.Seq = o.sent
	if len(o.mails) == outboxSize {
		o.mails = append(o.mails[:0:0], o.mails[1:]...)
	}
	o.mails = append(o.mails, m)
	close(o.changed)
	o.changed = make(chan struct{})
}

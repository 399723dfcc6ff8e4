package relyingparty

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/internal/printable"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
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

// Outbox holds what the site has mailed, or would have where there is no mail server.
// Its methods may be called concurrently.
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

// send puts a mail into the outbox, and on its way to the mail server where there is one.
func (v *visit) send(m Mail, to subject) error {
	v.site.outbox.send(m)
	if v.site.postman == nil {
		return nil
	}
	id, err := v.site.drawToken()
	if err != nil {
		return err
	}
	v.site.postman.post(letter{mail: m, id: id, failed: v.event(EventMailFailed, to, Details{})})
	return nil
}

// mailGivenUp logs a mail that the mail server has not taken.
func (s *Site) mailGivenUp(l letter, why error) {
	line := l.failed
	line.At = s.config.Clock()
	line.Details, _ = json.Marshal(Details{Error: &ErrorDetails{Message: printable.Line(why.Error())}}) // nothing but text
	if err := s.store.Update(func(tx *store.Tx) error { return tx.InsertEvent(line) }); err != nil {
		s.config.Logger.Error("a mail that failed could not be logged", "error", err)
	}
	s.config.Logger.Warn("mail failed", "error", why)
}

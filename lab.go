package passkeylab

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/attestation/mds"
	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/browser"
	"github.com/passkeylab/passkeylab/internal/report"
)

// Lab is a world with one site in it. Everything it starts ends with the test.
// A failed step ends the test and prints the seed, the messages exchanged with
// devices and the tenant log. Labs are independent of each other and may run in
// parallel; one lab is used from one goroutine.
type Lab struct {
	// Site is the relying party: embedded, or the one of [WithSite].
	Site *Site

	t       T
	options options
	clock   *authenticator.ManualClock
	stage   *Stage
	record  *record
	devices []*Device
	pages   []*Page
	around  func() (*nearby, error) // what phones and computers have between them, from its first use on
	models  *mds.Service            // nil without WithModels
	shop    *Shop                   // nil without WithShop
	hosts   sync.Map                // of host names that are served in memory: http.Handler
	failed  bool
	ended   *browser.EndedError // of a browser that no page was open in yet
}

// New makes a lab that lives as long as the test.
func New(t T, opts ...Option) *Lab {
	t.Helper()
	o := defaults(t)
	for _, opt := range opts {
		opt(&o)
	}
	if o.report != "" && o.entry == nil {
		o.entry = new(report.Entry)
	}
	l := &Lab{t: t, options: o, clock: authenticator.NewManualClock(o.start), record: newRecord()}
	l.around = sync.OnceValues(l.startNearby)
	// Cleanups run last first: the record is written while the site's log can
	// still be read, and in any case if the site does not even open.
	write := sync.OnceFunc(l.writeRecord)
	t.Cleanup(write)
	l.stage = l.openStage()
	l.must("a metadata service", l.openModels())
	l.checkAdapter()
	if o.shop {
		l.openShop()
	}
	l.Site = l.openSite()
	t.Cleanup(write)
	return l
}

// Seed is the number that repeats this lab.
func (l *Lab) Seed() uint64 { return l.options.seed }

// Link is how devices get into pages in this lab.
func (l *Lab) Link() Link { return l.options.link }

// Wait lets time pass, for devices and the embedded site alike. Nothing sleeps.
func (l *Lab) Wait(d time.Duration) {
	l.clock.Advance(d)
	l.record.step(fmt.Sprintf("%s pass", d), nil)
}

// Someone returns the email address of a person in the journey. At a site
// elsewhere, which remembers earlier runs, it is one that nobody has used yet.
func (l *Lab) Someone(name string) string {
	if visit := l.visit(); visit != "" {
		name += "." + visit
	}
	return name + "@example.com"
}

// visit tells this lab apart from all others that a site elsewhere has seen or
// will see. It is "" at the embedded site, where everything is repeatable.
func (l *Lab) visit() string {
	if l.options.remote == "" {
		return ""
	}
	return strconv.FormatInt(l.record.started.UnixNano(), 36)
}

// Note adds a sentence to the record of the journey.
func (l *Lab) Note(format string, args ...any) { l.record.step(fmt.Sprintf(format, args...), nil) }

func (l *Lab) openStage() *Stage {
	if l.options.stage != nil {
		return l.options.stage
	}
	stage := NewStage(StageOptions{})
	l.t.Cleanup(func() {
		if err := stage.Close(); err != nil {
			l.t.Errorf("closing the browser: %v", err)
		}
	})
	return stage
}

// writeRecord hands the record over, and writes the report.
func (l *Lab) writeRecord() {
	if l.options.entry != nil {
		events, _ := l.Site.events() // a log that cannot be read is an empty one here
		l.record.into(l.options.entry, events, l.options.start)
	}
	if l.options.report != "" {
		if err := l.writeReport(); err != nil {
			l.t.Errorf("WithReport: %v", err)
		}
	}
}

// must ends the journey if something that should not fail did.
func (l *Lab) must(doing string, err error) {
	l.t.Helper()
	if err != nil {
		if ended, ok := errors.AsType[*browser.EndedError](err); ok {
			l.ended = ended
		}
		l.fail(doing, "no error", err.Error())
	}
}

// fail ends the journey and says what was expected, what was seen, and how to
// get here again.
func (l *Lab) fail(doing, expected, seen string) {
	l.t.Helper()
	l.failed = true
	if ended := l.browserEnded(); ended != nil {
		if !strings.Contains(seen, ended.Error()) {
			seen += "; " + ended.Error()
		}
		if r, ok := l.t.(*rehearsal); ok {
			r.browserEnded()
		}
	}
	l.record.failed(doing, expected, seen)
	for _, p := range l.pages {
		p.photograph("at the failure")
	}
	text := fmt.Sprintf("%s\nexpected: %s\nseen:     %s\nlink %s, seed %d", doing, expected, seen, l.options.link, l.options.seed)
	if events, err := l.Site.events(); err == nil && len(events) > 0 {
		text += "\n" + tell(events)
	}
	if messages := l.record.transcript(); messages != "" {
		text += "\nmessages:\n" + messages
	}
	l.t.Errorf("%s", text)
	l.t.FailNow()
}

// browserEnded returns why a page of the journey cannot go on, where that is not for
// the page to tell: its browser ended by itself.
func (l *Lab) browserEnded() error {
	if l.ended != nil {
		return l.ended
	}
	for _, p := range l.pages {
		if c, ok := p.tab.(*chromeTab); ok {
			if err := c.tab.Ended(); err != nil {
				return err
			}
		}
	}
	return nil
}

// patience is how long a step may take on a slow machine before it has failed.
const patience = 20 * time.Second

// within runs one step under its deadline.
func (l *Lab) within(step func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(l.t.Context(), patience)
	defer cancel()
	return step(ctx)
}

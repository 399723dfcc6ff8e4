package passkeylab

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/adapter"
)

// WithAdapter tells how to get about at the site of [WithSite], whose pages are not
// ours. The words of a journey then do what the adapter says, and those that name
// elements or screens of our pages do not apply. It needs a link with a browser.
func WithAdapter(a *adapter.Adapter) Option { return func(o *options) { o.adapter = a } }

// guide does the words of a page at a site of other people's.
type guide struct {
	page   *Page
	way    *adapter.Adapter
	begun  adapter.Ceremony // that the page stands before
	whose  string           // the email address that it began with
	listed bool             // the page stands before its autofill
}

// NotApplicable says that a rehearsal asks for something that the site, or what is
// known of it, does not have.
type NotApplicable struct{ Reason string }

func (n *NotApplicable) Error() string { return "not applicable: " + n.Reason }

// notApplicable ends the journey, which has neither failed nor passed.
func (l *Lab) notApplicable(format string, args ...any) {
	l.t.Helper()
	reason := fmt.Sprintf(format, args...)
	l.record.step("the journey does not apply: "+reason, nil)
	if r, ok := l.t.(*rehearsal); ok {
		r.notApplicable(reason)
	}
	l.t.Skipf("not applicable: %s", reason)
}

// checkAdapter finds out before the first step what would spoil them all.
func (l *Lab) checkAdapter() {
	l.t.Helper()
	a := l.options.adapter
	if a == nil {
		return
	}
	l.must("taking the adapter", a.Check())
	switch {
	case l.options.remote == "":
		l.fail("taking the adapter of "+a.Name, "the site's address, by WithSite", "the embedded site, which needs no adapter")
	case !l.options.link.InBrowser():
		l.notApplicable("%s", NoScripts)
	}
}

// NoScripts is why link [Wire] carries no journey at a site of other people's.
const NoScripts = "link wire has no browser: it reads the forms of our own pages, and cannot run the scripts of others"

// guided returns the page's guide, nil where the pages are ours.
func (l *Lab) guided(p *Page) *guide {
	if l.options.adapter == nil {
		return nil
	}
	return &guide{page: p, way: l.options.adapter}
}

// oursOnly ends the journey where it names what only our pages have.
func (p *Page) oursOnly(what string) {
	p.lab.t.Helper()
	if p.guide != nil {
		p.lab.notApplicable("the journey %s, which is of our own pages; the adapter of %s has no word for it", what, p.guide.way.Name)
	}
}

// SiteSignals is said at the beginning of a journey in which the site tells devices
// about passkeys (WebAuthn L3 §5.1.10): at a site of other people's that does not, it
// does not apply.
func (l *Lab) SiteSignals() {
	l.t.Helper()
	if a := l.options.adapter; a != nil && !a.Signals {
		l.notApplicable("the adapter of %s does not say that its pages signal", a.Name)
	}
}

// lacks ends the journey where the adapter does not say how to do something.
func (g *guide) lacks(is bool, what string) {
	g.page.lab.t.Helper()
	if is {
		g.page.lab.notApplicable("the adapter of %s does not say how to %s", g.way.Name, what)
	}
}

// do takes one step, which must be taken.
func (g *guide) do(what string, step func(context.Context, adapter.Page) error) {
	g.page.lab.t.Helper()
	g.page.do(what+" at "+g.way.Name, func(ctx context.Context) error { return step(ctx, g.sees()) })
	g.page.step("is there", true)
}

// fails takes one step, which the page must refuse in words that mean one of keys,
// where the adapter knows what its words mean. Nobody is logged in then, unless
// somebody was before.
func (g *guide) fails(what string, keys []string, step func(context.Context, adapter.Page) error) {
	p := g.page
	p.lab.t.Helper()
	err := p.lab.within(func(ctx context.Context) error { return step(ctx, g.sees()) })
	var refused *adapter.Refused
	want := "the page shows an error " + strings.Join(keys, " or ")
	switch {
	case err == nil:
		p.lab.fail(what, want, "it goes along")
	case !errors.As(err, &refused):
		p.lab.fail(what, want, err.Error())
	}
	p.step(fmt.Sprintf("%s: reads the error %q", what, refused.Text), true)
	if words := g.way.Words; words != nil && slices.ContainsFunc(keys, words.Tells) {
		if got := words.Translate(refused.Text); !slices.Contains(keys, got) {
			p.lab.fail(what, want, fmt.Sprintf("the error %q, which means %q", refused.Text, got))
		}
		return
	}
	p.lab.Note("the adapter does not say how the page words %s, so any error is taken for it", strings.Join(keys, " or "))
}

// session checks that it is user who is logged in.
func (g *guide) session(user string) *Session {
	g.page.lab.t.Helper()
	var got string
	g.page.lab.must("reading who is logged in", g.page.lab.within(func(ctx context.Context) (err error) {
		got, err = g.way.Session.WhoAmI(ctx, g.sees())
		return err
	}))
	if user != "" && !strings.Contains(strings.ToLower(got), strings.ToLower(user)) {
		g.page.lab.fail("reading who is logged in", user+" is logged in", fmt.Sprintf("the page says %q", got))
	}
	g.page.step(fmt.Sprintf("is logged in: %q", got), false)
	return &Session{page: g.page, user: user}
}

// sees is the page as the adapter sees it.
func (g *guide) sees() adapter.Page { return g.tab().elsewhere(g.page.site.base) }

func (g *guide) tab() adapted { return g.page.tab.(adapted) }

// The words of a journey, as the adapter has them.

func (g *guide) begin(what string, c adapter.Ceremony, email string) {
	g.page.lab.t.Helper()
	g.lacks(c == nil, what)
	g.do("get ready to "+what, func(ctx context.Context, p adapter.Page) error { return c.Begin(ctx, p, email) })
	g.begun, g.whose = c, email
}

// finish has the passkey asked for on the page that stands before it.
func (g *guide) finish(what, email string) *Session {
	g.page.lab.t.Helper()
	g.standsBefore(what)
	g.do(what, func(ctx context.Context, p adapter.Page) error { return g.begun.Finish(ctx, p, g.whose) })
	g.begun = nil
	return g.session(email)
}

func (g *guide) finishFails(what string, keys []string) {
	g.page.lab.t.Helper()
	g.standsBefore(what)
	g.fails(what, keys, func(ctx context.Context, p adapter.Page) error { return g.begun.Finish(ctx, p, g.whose) })
}

func (g *guide) standsBefore(what string) {
	g.page.lab.t.Helper()
	if g.begun == nil {
		g.page.lab.notApplicable("the journey goes on to %s on a page that the adapter of %s knows nothing of", what, g.way.Name)
	}
}

// offer opens the page whose autofill lists passkeys.
func (g *guide) offer() {
	g.page.lab.t.Helper()
	g.lacks(g.way.Autofill == nil, "log in by autofill")
	g.do("get ready to log in by autofill", func(ctx context.Context, p adapter.Page) error {
		if err := g.tab().prepare(ctx); err != nil {
			return err
		}
		return g.way.Autofill.Begin(ctx, p)
	})
	g.begun, g.listed = nil, true
}

func (g *guide) pick(email string) func(context.Context, adapter.Page) error {
	g.page.lab.t.Helper()
	if !g.listed {
		g.offer()
	}
	g.listed = false
	return func(ctx context.Context, p adapter.Page) error {
		return p.Ceremony(ctx, func(ctx context.Context) error {
			if err := g.tab().choose(ctx, email); err != nil {
				return err
			}
			return g.way.Autofill.Finish(ctx, p)
		})
	}
}

func (g *guide) enter(what string, w adapter.Password, email, password string) func(context.Context, adapter.Page) error {
	g.page.lab.t.Helper()
	g.lacks(w == nil, what)
	g.begun = nil
	return func(ctx context.Context, p adapter.Page) error { return w.Enter(ctx, p, email, password) }
}

package passkeylab

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/passkeylab/passkeylab/adapter"
)

// adapted is a tab that other people's pages can be in.
type adapted interface {
	// elsewhere is the tab as adapters see it, with the site at base in it.
	elsewhere(base *url.URL) adapter.Page
	// prepare makes the next page that is opened one on which autofill can be picked
	// from.
	prepare(ctx context.Context) error
	// choose picks a name from the list that autofill shows.
	choose(ctx context.Context, name string) error
}

var _ adapted = (*chromeTab)(nil)

func (c *chromeTab) elsewhere(base *url.URL) adapter.Page { return &foreignPage{c, base} }

// prepare implements adapted: Chromium shows its own popup only to pages that were
// opened after it had been told to.
func (c *chromeTab) prepare(ctx context.Context) error {
	if _, own := c.autofill.(popup); own {
		return c.mirrors.build(ctx, true)
	}
	return nil
}

func (c *chromeTab) choose(ctx context.Context, name string) error { return c.autofill.take(ctx, name) }

// foreignPage is a page of other people's in a real browser. What it knows of its
// state is what can be seen.
type foreignPage struct {
	*chromeTab
	base *url.URL
}

var _ adapter.Page = (*foreignPage)(nil)

// Open implements [adapter.Hands].
func (f *foreignPage) Open(ctx context.Context, address string) error {
	target, err := f.base.Parse(address)
	if err != nil {
		return err
	}
	f.device.person.clearOffer()
	return f.tab.Navigate(ctx, target.String())
}

// Fill implements [adapter.Hands].
func (f *foreignPage) Fill(ctx context.Context, selector, text string) error {
	return f.tab.Fill(ctx, selector, text)
}

// Press implements [adapter.Hands].
func (f *foreignPage) Press(ctx context.Context, selector string) error {
	if err := f.tab.WaitVisible(ctx, selector); err != nil {
		return err
	}
	if err := f.tab.Eval(ctx, watchForNews, nil); err != nil {
		return err
	}
	return f.tab.Click(ctx, selector)
}

// Ceremony implements [adapter.Page].
func (f *foreignPage) Ceremony(ctx context.Context, something func(context.Context) error) error {
	switch {
	case f.attendant != nil:
		return f.attendant.during(ctx, something)
	case f.mirrors == nil:
		return something(ctx)
	case f.mirrors.popup:
		if err := something(ctx); err != nil {
			return err
		}
		return f.mirrors.build(ctx, false)
	}
	return f.mirrors.during(ctx, something)
}

// A page may show already when something is pressed what it is to show then, and may
// show the same error again. So what the press changes is watched. Another document is
// all news.
const (
	watchForNews = `(() => {
		document.labObserver?.disconnect();
		document.labMark = true;
		const shown = (e) => e.checkVisibility({visibilityProperty: true}) && e.getClientRects().length > 0;
		document.labOld = new Map([...document.querySelectorAll("body *")].filter(shown).map((e) => [e, e.textContent]));
		document.labChanged = new Set();
		document.labObserver = new MutationObserver((records) => records.forEach((r) => document.labChanged.add(r.target)));
		document.labObserver.observe(document, {subtree: true, childList: true, characterData: true, attributes: true});
	})()`
	sight = `(() => {
		const shown = (e) => e.checkVisibility({visibilityProperty: true}) && e.getClientRects().length > 0;
		const other = (e) => !document.labMark || document.labOld.get(e) !== e.textContent;
		const news = (e) => other(e) || [...document.labChanged].some((changed) => e.contains(changed));
		if ([...document.querySelectorAll(%[1]s)].some((e) => shown(e) && other(e))) return {Shown: true, Error: ""};
		const errors = %[2]s === "" ? [] : [...document.querySelectorAll(%[2]s)];
		const error = errors.find((e) => shown(e) && e.textContent.trim() !== "" && news(e));
		return {Shown: false, Error: error?.textContent.trim() ?? ""};
	})()`
)

// Await implements [adapter.Eyes].
func (f *foreignPage) Await(ctx context.Context, selector, errors string) error {
	look := fmt.Sprintf(sight, quoted(selector), quoted(errors))
	for {
		if err := f.tab.WaitFunc(ctx, fmt.Sprintf(`((seen) => seen.Shown || seen.Error !== "")(%s)`, look)); err != nil {
			return fmt.Errorf("waiting for %s: %w", selector, err)
		}
		var seen struct {
			Shown bool
			Error string
		}
		switch err := f.tab.Eval(ctx, look, &seen); {
		case err != nil:
			return err
		case seen.Shown:
			return nil
		case seen.Error != "":
			return &adapter.Refused{Text: seen.Error}
		}
	}
}

// Text implements [adapter.Eyes].
func (f *foreignPage) Text(ctx context.Context, selector string) (string, error) {
	return f.tab.Text(ctx, selector)
}

// Shows implements [adapter.Eyes].
func (f *foreignPage) Shows(ctx context.Context, selector string) (bool, error) {
	return f.tab.Visible(ctx, selector)
}

// quoted is a text as JavaScript has it.
func quoted(text string) string {
	out, _ := json.Marshal(text) // a text always encodes
	return string(out)
}

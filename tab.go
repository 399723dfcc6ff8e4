package passkeylab

import "context"

// view is what a page shows when it has come to rest.
type view struct {
	Screen  string // the name the page gives itself
	Message string // the error shown, "" for none
	Key     string // its machine-readable name
	URL     string
}

// tab is one page of a site in front of a user, in a browser or without one.
// Elements are named by the IDs of docs/site-hooks.md. Its methods return when
// the page has come to rest, unless they say otherwise.
type tab interface {
	// open loads an absolute URL.
	open(ctx context.Context, url string) error
	// fill types text into a field.
	fill(ctx context.Context, id, text string) error
	// press clicks an element.
	press(ctx context.Context, id string) error
	// look tells what the page shows now.
	look(ctx context.Context) (view, error)
	// text returns the text of an element.
	text(ctx context.Context, id string) (string, error)
	// has reports whether an element is there to be seen.
	has(ctx context.Context, id string) (bool, error)
	// removeFirst presses the remove button of the first passkey listed.
	removeFirst(ctx context.Context) error
	// waiting reports whether a request waits behind the email field.
	waiting(ctx context.Context) (bool, error)
	// offered waits until autofill shows its list, and returns the names in it.
	// Where the list has a picture of its own, it comes along.
	offered(ctx context.Context) ([]string, *picture, error)
	// pick takes a name from the open list.
	pick(ctx context.Context, name string) error
	// upgrade waits until the page's attempt to get a passkey in silence is over, and
	// tells how it ended, "" where it made none: see data-upgrade of the hooks.
	upgrade(ctx context.Context) (string, error)
	// arrive waits until the page shows a screen, to which it leads by itself.
	arrive(ctx context.Context, screen string) error
	// photograph returns a picture of the page, nil where there is none.
	photograph(ctx context.Context) (*picture, error)
	// close ends the visit.
	close(ctx context.Context) error
}

// openTab opens a tab for a visit, by the lab's link.
func (l *Lab) openTab(ctx context.Context, s *Site, d *Device) (tab, error) {
	if !l.options.link.ownClient() { // there Chromium asks authenticators of its own
		for _, reached := range append([]*Device{d}, d.plugged...) {
			reached.introduce(ctx)
		}
	}
	if l.options.link == Wire {
		return openWire(s, d)
	}
	return l.openChrome(ctx, d)
}

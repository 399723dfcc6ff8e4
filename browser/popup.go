package browser

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/passkeylab/passkeylab/browser/internal/desktop"
)

// ErrHeadless reports that something can be seen only in a browser with
// windows.
var ErrHeadless = errors.New("a headless browser shows no windows; start it with Options.Headed")

// PopupEntry is one line of the autofill popup.
type PopupEntry struct {
	Label    string // all it shows, such as "alice@example.com Use device sign-in"
	Passkey  bool   // one of the site's passkeys, not a command such as "Use passkey from another device"
	Selected bool   // highlighted by the keyboard
}

const (
	// popupPatience is how long the popup may take to follow what was done,
	// before it is done again. Chromium ignores keys in the first half second
	// of a popup, so that nobody picks what they had no time to read.
	popupPatience = 800 * time.Millisecond

	// passkeyDepth is how many containers are around a suggestion at least:
	// suggestions are in a scroll view, the commands below it are not.
	passkeyDepth = 4
)

// Popup waits until the real autofill popup of Chromium is open and returns
// what it shows, read through the accessibility interface that screen readers
// use. A field with autocomplete="… webauthn" is to have the focus; should the
// popup not be open, another click on the field opens it. Without a passkey for the site the
// popup shows commands only.
//
// Other tabs of the same display wait with their keyboard and mouse until the
// popup was picked from or the tab did something else.
func (t *Tab) Popup(ctx context.Context) ([]PopupEntry, error) {
	entries, err := t.openPopup(ctx)
	if err != nil {
		t.context.browser.focus.release(t)
		return nil, err
	}
	return entries, nil
}

func (t *Tab) openPopup(ctx context.Context) ([]PopupEntry, error) {
	if err := t.canSeePopup(); err != nil {
		return nil, err
	}
	if err := t.takeFocus(ctx); err != nil {
		return nil, err
	}
	for {
		entries, err := t.waitPopup(ctx, popupPatience, isOpen)
		if err == nil {
			return entries, nil
		}
		if ctx.Err() != nil {
			return nil, t.explain(ctx, &WaitError{Action: "autofill popup", Reason: "not open", Err: err})
		}
		// The field got its focus before the page's request had reached the
		// browser, or another window closed the popup.
		if err := t.comeForward(ctx); err != nil {
			return nil, err
		}
		if err := t.click(ctx, ":focus"); err != nil {
			return nil, err
		}
	}
}

// PopupOpen reports whether the autofill popup is open now.
func (t *Tab) PopupOpen(ctx context.Context) (bool, error) {
	if err := t.canSeePopup(); err != nil {
		return false, err
	}
	entries, err := t.waitPopup(ctx, popupPatience, func([]PopupEntry) bool { return true })
	return isOpen(entries), err
}

// PickPopup picks an entry of the autofill popup, counted from 0, with the
// keyboard, and returns when the popup has closed. It works in a headless
// browser, too, for passkeys but not for commands.
func (t *Tab) PickPopup(ctx context.Context, index int) error {
	return t.withPopup(ctx, func() error {
		if t.canSeePopup() != nil {
			return t.pickBlindly(ctx, index)
		}
		if err := t.selectEntry(ctx, index); err != nil {
			return err
		}
		return t.until(ctx, "close the autofill popup", KeyEnter, func(ctx context.Context) error {
			_, err := t.waitPopup(ctx, popupPatience, isClosed)
			return err
		})
	})
}

// ClosePopup closes the autofill popup without picking.
func (t *Tab) ClosePopup(ctx context.Context) error {
	return t.withPopup(ctx, func() error {
		if err := t.canSeePopup(); err != nil {
			return t.keys(ctx, string(KeyEscape))
		}
		return t.until(ctx, "close the autofill popup", KeyEscape, func(ctx context.Context) error {
			_, err := t.waitPopup(ctx, popupPatience, isClosed)
			return err
		})
	})
}

// WindowScreenshot is a PNG of the display, with the browser's own windows and
// popups.
func (t *Tab) WindowScreenshot(ctx context.Context) ([]byte, error) {
	d := t.context.browser.desktop
	if d == nil {
		return nil, ErrHeadless
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return d.Screenshot()
}

func (t *Tab) canSeePopup() error {
	d := t.context.browser.desktop
	switch {
	case d == nil:
		return ErrHeadless
	case !d.Readable():
		return &MissingProgramError{
			Program: "dbus-daemon",
			Purpose: "to read the browser's own windows",
			Install: "apt-get install dbus-daemon",
		}
	}
	return nil
}

// selectEntry moves the highlight of the open popup to an entry.
func (t *Tab) selectEntry(ctx context.Context, index int) error {
	entries, err := t.openPopup(ctx)
	if err != nil {
		return err
	}
	if index < 0 || index >= len(entries) {
		return fmt.Errorf("the autofill popup has no entry %d: it shows %d: %+v", index, len(entries), entries)
	}
	for range entries {
		if entries[index].Selected {
			return nil
		}
		before := selected(entries)
		err := t.until(ctx, "move in the autofill popup", KeyDown, func(ctx context.Context) error {
			var err error
			entries, err = t.waitPopup(ctx, popupPatience, func(now []PopupEntry) bool {
				return index < len(now) && selected(now) != before
			})
			return err
		})
		if err != nil {
			return err
		}
	}
	return fmt.Errorf("the keyboard does not reach entry %d of the autofill popup: %+v", index, entries)
}

// pickBlindly picks where the popup cannot be read. While a passkey is
// highlighted, the field shows it, and matches :autofill.
func (t *Tab) pickBlindly(ctx context.Context, index int) error {
	const previewed = `document.activeElement?.matches(":autofill")`
	isPreviewed := func(ctx context.Context) error { return t.soon(ctx, previewed) }
	isNot := func(ctx context.Context) error { return t.soon(ctx, "!("+previewed+")") }
	for stable := false; !stable; {
		if err := t.until(ctx, "open the autofill popup", KeyDown, isPreviewed); err != nil {
			return err
		}
		// A popup that opens once more, because both a click and a key asked
		// for it, forgets what was highlighted.
		stable = isNot(ctx) != nil
	}
	for range index {
		if err := t.keys(ctx, string(KeyDown)); err != nil {
			return err
		}
	}
	return t.until(ctx, "pick from the autofill popup", KeyEnter, isNot)
}

// until presses a key, again and again, until done succeeds.
func (t *Tab) until(ctx context.Context, what string, key Key, done func(context.Context) error) error {
	for {
		if err := t.keys(ctx, string(key)); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		err := done(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return t.explain(ctx, &WaitError{Action: what, Reason: "it does not follow the keyboard", Err: err})
		}
	}
}

// waitPopup waits for at most patience until the popup's entries are as wanted;
// no popup has no entries.
func (t *Tab) waitPopup(ctx context.Context, patience time.Duration, wanted func([]PopupEntry) bool) ([]PopupEntry, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var entries []PopupEntry
	err := t.context.browser.desktop.Find(ctx, "list box", func(lists []desktop.Element) bool {
		entries = popupEntries(lists)
		return wanted(entries)
	})
	return entries, err
}

func isOpen(entries []PopupEntry) bool   { return len(entries) > 0 }
func isClosed(entries []PopupEntry) bool { return len(entries) == 0 }

// selected is the index of the highlighted entry, -1 if there is none.
func selected(entries []PopupEntry) int {
	for i, e := range entries {
		if e.Selected {
			return i
		}
	}
	return -1
}

// popupEntries reads the list that can be seen. Chromium opens one at a time.
func popupEntries(lists []desktop.Element) []PopupEntry {
	for _, list := range lists {
		if list.Showing {
			return listItems(list, 0)
		}
	}
	return nil
}

func listItems(e desktop.Element, depth int) []PopupEntry {
	if e.Role == "list item" {
		// Chromium highlights the cell in the row.
		highlighted := slices.ContainsFunc(e.All(), func(part desktop.Element) bool { return part.Selected })
		return []PopupEntry{{Label: e.Name, Passkey: depth > passkeyDepth, Selected: highlighted}}
	}
	var entries []PopupEntry
	for _, child := range e.Children {
		entries = append(entries, listItems(child, depth+1)...)
	}
	return entries
}

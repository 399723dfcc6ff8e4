package browser

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/passkeylab/passkeylab/browser/internal/desktop"
)

// Dialog is what Chromium's own passkey dialog shows: one step on the way of a
// request to a device.
type Dialog struct {
	Title   string
	Texts   []string // what it explains
	Buttons []string // that can be pressed, accounts and devices to choose from among them
	Fields  int      // for a PIN
	Form    string   // which fields these are: where the same is asked again, they are others
}

// String is the dialog in one line.
func (d Dialog) String() string {
	return fmt.Sprintf("dialog %q with the buttons %q: %s", d.Title, d.Buttons, strings.Join(d.Texts, " "))
}

// Is reports whether nothing has changed.
func (d Dialog) Is(other Dialog) bool {
	return d.Title == other.Title && d.Fields == other.Fields && d.Form == other.Form && slices.Equal(d.Buttons, other.Buttons) && slices.Equal(d.Texts, other.Texts)
}

// follows reports whether the dialog has gone on since. One that only says less has
// not: hints go away while somebody types.
func (d Dialog) follows(before Dialog) bool {
	said := func(text string) bool { return slices.Contains(before.Texts, text) }
	news := slices.ContainsFunc(d.Texts, func(text string) bool { return !said(text) })
	return d.Title != before.Title || d.Fields != before.Fields || d.Form != before.Form || !slices.Equal(d.Buttons, before.Buttons) || news
}

// Dialog waits until the browser's passkey dialog is as wanted, and returns it.
// It is read through the accessibility interface that screen readers use. Where
// several windows have one, it is the first.
func (t *Tab) Dialog(ctx context.Context, wanted func(Dialog) bool) (Dialog, error) {
	seen, _, err := t.waitDialog(ctx, func(d Dialog, _ []desktop.Element) bool { return d.Title != "" && wanted(d) })
	return seen, err
}

// DialogCloses waits until the browser shows no passkey dialog.
func (t *Tab) DialogCloses(ctx context.Context) error {
	_, _, err := t.waitDialog(ctx, func(d Dialog, _ []desktop.Element) bool { return d.Title == "" })
	return err
}

// PressDialog waits for a button in the browser's passkey dialog whose label begins
// so, and presses it until the dialog goes on: Chromium ignores what is pressed in
// the first half second of a dialog, as nobody can have read it.
func (t *Tab) PressDialog(ctx context.Context, label string) error {
	for {
		before, parts, err := t.waitDialog(ctx, func(_ Dialog, parts []desktop.Element) bool { return buttonAt(parts, label) >= 0 })
		if err != nil {
			return fmt.Errorf("button %q: %w", label, err)
		}
		pressed := t.context.browser.desktop.Press(ctx, parts[buttonAt(parts, label)])
		soon, cancel := context.WithTimeout(ctx, popupPatience)
		_, _, err = t.waitDialog(soon, func(now Dialog, _ []desktop.Element) bool { return now.follows(before) })
		cancel()
		if err == nil {
			return nil // also where the dialog went on by itself, and the button was gone
		}
		if ctx.Err() != nil {
			return errors.Join(err, pressed)
		}
	}
}

// FillDialog waits for fields in the browser's passkey dialog, as many as there are
// texts, and types these into them.
func (t *Tab) FillDialog(ctx context.Context, texts ...string) error {
	for i, text := range texts {
		if err := t.fillField(ctx, i, len(texts), text); err != nil {
			return fmt.Errorf("field %d of %d: %w", i+1, len(texts), err)
		}
	}
	return nil
}

// pushPatience is how long whoever is behind a dialog may take to hear of it.
const pushPatience = time.Second

// SubmitDialog presses a button of the browser's passkey dialog, while it has this form,
// until somebody else has heard of that, which is for who can see more than the dialog:
// see [Tab.PressDialog]. It also ends, without an error, when another dialog has taken
// the form's place. heard waits until its ctx ends, and may be called several times. Where
// ctx ends before, the error is that of the last try.
func (t *Tab) SubmitDialog(ctx context.Context, form, label string, heard func(context.Context) error) error {
	for {
		shown, err := t.Dialog(ctx, func(Dialog) bool { return true })
		if err != nil || shown.Form != form {
			return err
		}
		soon, cancel := context.WithTimeout(ctx, pushPatience)
		if err = t.pressOnce(soon, label); err == nil {
			err = heard(soon)
		}
		cancel()
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return fmt.Errorf("button %q, of which nobody heard: %w", label, err)
		}
	}
}

func (t *Tab) pressOnce(ctx context.Context, label string) error {
	_, parts, err := t.waitDialog(ctx, func(_ Dialog, parts []desktop.Element) bool { return buttonAt(parts, label) >= 0 })
	if err != nil {
		return err
	}
	return t.context.browser.desktop.Press(ctx, parts[buttonAt(parts, label)])
}

// fillField types into the nth field of so many, until the text is there: keys go to
// what has the focus, and a dialog that has just come may take that away again.
func (t *Tab) fillField(ctx context.Context, n, of int, text string) error {
	d := t.context.browser.desktop
	for {
		field, err := t.field(ctx, n, of, func(desktop.Element) bool { return true })
		if err != nil {
			return err
		}
		soon, cancel := context.WithTimeout(ctx, popupPatience)
		err = d.Focus(soon, field)
		if err == nil {
			_, err = t.field(soon, n, of, func(e desktop.Element) bool { return e.Selected })
		}
		if err == nil {
			err = d.Type(text)
		}
		if err == nil {
			_, err = t.field(soon, n, of, func(e desktop.Element) bool { return e.Length == utf8.RuneCountInString(text) })
		}
		cancel()
		if err == nil || ctx.Err() != nil {
			return err
		}
	}
}

// field waits for the nth field of so many to be as wanted.
func (t *Tab) field(ctx context.Context, n, of int, wanted func(desktop.Element) bool) (found desktop.Element, err error) {
	_, _, err = t.waitDialog(ctx, func(_ Dialog, parts []desktop.Element) bool {
		fields := slices.DeleteFunc(slices.Clone(parts), func(e desktop.Element) bool { return !e.IsField() })
		if len(fields) != of || !wanted(fields[n]) {
			return false
		}
		found = fields[n]
		return true
	})
	return found, err
}

// PressDisplayKey presses a key of the display's keyboard, which goes to the dialog
// that is in front. It knows Enter and Escape, and what types a character.
func (t *Tab) PressDisplayKey(ctx context.Context, key Key) error {
	if err := t.canSeePopup(); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return t.context.browser.desktop.PressKey(string(key))
}

// waitDialog waits for the parts of the dialog to be as wanted.
func (t *Tab) waitDialog(ctx context.Context, wanted func(Dialog, []desktop.Element) bool) (seen Dialog, parts []desktop.Element, err error) {
	if err := t.canSeePopup(); err != nil {
		return Dialog{}, nil, err
	}
	err = t.context.browser.desktop.Find(ctx, "dialog", func(dialogs []desktop.Element) bool {
		seen, parts = Dialog{}, nil
		if i := slices.IndexFunc(dialogs, func(e desktop.Element) bool { return e.Showing }); i >= 0 {
			seen, parts = readDialog(dialogs[i])
		}
		return wanted(seen, parts)
	})
	if err != nil {
		return seen, parts, fmt.Errorf("the browser's passkey dialog: %w; it shows: %s", err, seen)
	}
	return seen, parts, nil
}

// readDialog lists what can be seen in a dialog.
func readDialog(e desktop.Element) (Dialog, []desktop.Element) {
	d := Dialog{Title: e.Name}
	parts := slices.DeleteFunc(e.All(), func(part desktop.Element) bool { return !part.Showing })
	for _, part := range parts {
		switch {
		case isButton(part):
			d.Buttons = append(d.Buttons, part.Name)
		case part.IsField():
			d.Fields++
			if d.Form == "" {
				d.Form = part.ID()
			}
		case part.Role == "static" && part.Name != "":
			d.Texts = append(d.Texts, part.Name)
		}
	}
	return d, parts
}

func isButton(e desktop.Element) bool { return e.Role == "push button" && e.Enabled }

func buttonAt(parts []desktop.Element, label string) int {
	return slices.IndexFunc(parts, func(e desktop.Element) bool { return isButton(e) && strings.HasPrefix(e.Name, label) })
}

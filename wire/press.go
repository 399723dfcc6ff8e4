package wire

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Press does what a click on the element does: it follows a link, submits a
// form, or holds the ceremony that the page's script ties to the button. It
// returns when the page has come to rest.
func (t *Tab) Press(ctx context.Context, id string) error {
	node, err := t.element(id)
	if err != nil {
		return err
	}
	switch {
	case id == "create-passkey":
		return t.register(ctx)
	case id == "passkey-button":
		return t.logIn(ctx)
	case id == "use-passkey":
		return t.showFactor(ctx)
	case id == "keep-note":
		return t.keepNote(ctx)
	case id == "read-note":
		return t.readNote(ctx)
	case node.Data == "a":
		return t.Open(ctx, attribute(node, "href"))
	case node.Data == "summary":
		return nil // what it shows is in the page already
	case node.Data == "input" && attribute(node, "type") == "checkbox":
		t.toggle(node)
		return nil
	}
	form := enclosing(node, "form")
	if form == nil {
		return fmt.Errorf("#%s on screen %q is neither a link nor in a form: nothing would happen", id, t.Screen())
	}
	return t.submit(ctx, form, node)
}

// PressFirst presses the first button of a class, for lists whose buttons have
// no ID of their own.
func (t *Tab) PressFirst(ctx context.Context, class string) error {
	button := find(t.page, func(n *html.Node) bool {
		return isElement("button")(n) && slices.Contains(strings.Fields(attribute(n, "class")), class)
	})
	if button == nil {
		return fmt.Errorf("no button of class %q on screen %q (%s)", class, t.Screen(), t.url)
	}
	return t.submit(ctx, enclosing(button, "form"), button)
}

func (t *Tab) toggle(box *html.Node) {
	id := attribute(box, "id")
	if _, ticked := t.filled[id]; ticked {
		delete(t.filled, id)
		return
	}
	t.filled[id] = "on"
}

// submit sends a form as a browser does (HTML §4.10.21), the pressed button
// included.
func (t *Tab) submit(ctx context.Context, form, button *html.Node) error {
	target, err := t.resolve(attribute(form, "action"))
	if err != nil {
		return err
	}
	values := t.values(form)
	if name := attribute(button, "name"); name != "" {
		values.Set(name, attribute(button, "value"))
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), strings.NewReader(values.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", t.origin())
	return t.load(r)
}

// values collects the form's fields: what was typed, otherwise what the page
// put there.
func (t *Tab) values(form *html.Node) url.Values {
	values := url.Values{}
	for n := range form.Descendants() {
		if !isElement("input")(n) {
			continue
		}
		name := attribute(n, "name")
		typed, touched := t.filled[attribute(n, "id")]
		switch {
		case name == "":
		case attribute(n, "type") == "checkbox":
			if touched {
				values.Add(name, valueOr(n, "on"))
			}
		case touched:
			values.Add(name, typed)
		default:
			values.Add(name, attribute(n, "value"))
		}
	}
	return values
}

func valueOr(n *html.Node, fallback string) string {
	if value, ok := lookup(n, "value"); ok {
		return value
	}
	return fallback
}

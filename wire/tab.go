package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"golang.org/x/net/html"

	"github.com/passkeylab/passkeylab/client"
)

// maxPage bounds a page or answer, in bytes.
const maxPage = 1 << 20

// Credentials stands for navigator.credentials: options JSON in, response JSON
// out. [*client.Client] is one.
type Credentials interface {
	CreateJSON(ctx context.Context, caller client.Caller, options []byte) ([]byte, error)
	GetJSON(ctx context.Context, caller client.Caller, options []byte) ([]byte, error)
	SignalJSON(ctx context.Context, caller client.Caller, method string, options []byte) error
}

// Tab is one visit to a site. It is not safe for concurrent use; a pending
// autofill request runs beside it on a goroutine of its own, until the next
// page, a button or Close ends it.
type Tab struct {
	http        *http.Client
	credentials Credentials
	random      io.Reader // what scripts draw
	url         *url.URL
	page        *html.Node
	filled      map[string]string // by element ID
	key         string            // of the error that the script would show; "" for the page's own
	message     string            // and its text
	waiting     *waiting          // the pending conditional request
	upgrade     string            // how the page's attempt at a passkey in silence ended; "" without one
}

// New returns a tab that shows nothing yet. Requests travel over transport;
// cookies are the tab's own. Scripts of the pages draw from random.
func New(transport http.RoundTripper, credentials Credentials, random io.Reader) (*Tab, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	return &Tab{http: &http.Client{Transport: transport, Jar: jar}, credentials: credentials, random: random}, nil
}

// Open loads an absolute URL, or one relative to the page shown.
func (t *Tab) Open(ctx context.Context, address string) error {
	target, err := t.resolve(address)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return err
	}
	return t.load(r)
}

// Close ends the pending autofill request, if there is one.
func (t *Tab) Close() { t.abandon() }

// URL returns the address of the page shown.
func (t *Tab) URL() string {
	if t.url == nil {
		return ""
	}
	return t.url.String()
}

// Screen returns the name the page gives itself (data-screen).
func (t *Tab) Screen() string {
	if t.page == nil {
		return ""
	}
	return attribute(find(t.page, isElement("body")), "data-screen")
}

// variant returns what the page says it is for (data-variant), or "".
func (t *Tab) variant() string {
	if t.page == nil {
		return ""
	}
	return attribute(find(t.page, isElement("body")), "data-variant")
}

// Message returns the error the page shows, or "".
func (t *Tab) Message() string {
	if t.message != "" {
		return t.message
	}
	text, err := t.Text("error")
	if err != nil {
		return ""
	}
	return text
}

// ErrorKey returns the machine-readable name of the error shown, or "": a key
// of the site, or the name of an exception.
func (t *Tab) ErrorKey() string {
	if t.key != "" {
		return t.key
	}
	box, err := t.element("error")
	if err != nil {
		return ""
	}
	return attribute(box, "data-error")
}

// Text returns the text of an element, white space folded.
func (t *Tab) Text(id string) (string, error) {
	node, err := t.element(id)
	if err != nil {
		return "", err
	}
	return strings.Join(strings.Fields(textOf(node)), " "), nil
}

// Has reports whether the page shows an element of this ID. What the page keeps
// hidden until its script finds passkeys supported counts as shown.
func (t *Tab) Has(id string) bool {
	node, err := t.element(id)
	return err == nil && !hidden(node)
}

// Fill types text into a field.
func (t *Tab) Fill(id, text string) error {
	node, err := t.element(id)
	if err != nil {
		return err
	}
	if node.Data != "input" && node.Data != "textarea" {
		return fmt.Errorf("#%s on %s is a %s, not a field", id, t.Screen(), node.Data)
	}
	t.filled[id] = text
	return nil
}

// load sends r, follows redirects and shows the page that comes.
func (t *Tab) load(r *http.Request) error {
	t.abandon()
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	answer, err := t.http.Do(r)
	if err != nil {
		return fmt.Errorf("%s %s: %w", r.Method, r.URL, err)
	}
	defer answer.Body.Close()
	page, err := html.Parse(io.LimitReader(answer.Body, maxPage))
	if err != nil {
		return fmt.Errorf("%s %s: %w", r.Method, r.URL, err)
	}
	t.url, t.page, t.filled, t.message = answer.Request.URL, page, map[string]string{}, ""
	t.key, t.upgrade = "", ""
	if answer.StatusCode >= 500 {
		return fmt.Errorf("%s %s: the site answered %s", r.Method, r.URL, answer.Status)
	}
	t.signal(r.Context())
	if to := t.tryUpgrade(r.Context()); to != "" {
		return t.Open(r.Context(), to)
	}
	t.offerAutofill(r.Context())
	return nil
}

func (t *Tab) resolve(address string) (*url.URL, error) {
	target, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	if t.url != nil {
		target = t.url.ResolveReference(target)
	}
	if target.Host == "" {
		return nil, fmt.Errorf("%q is no address to begin with; give scheme and host", address)
	}
	return target, nil
}

// origin is the page's origin as browsers serialise it.
func (t *Tab) origin() string { return t.url.Scheme + "://" + t.url.Host }

var errNoPage = errors.New("no page is open")

func (t *Tab) element(id string) (*html.Node, error) {
	if t.page == nil {
		return nil, errNoPage
	}
	node := find(t.page, func(n *html.Node) bool { return attribute(n, "id") == id })
	if node == nil {
		return nil, fmt.Errorf("no element #%s on screen %q (%s)", id, t.Screen(), t.url)
	}
	return node, nil
}

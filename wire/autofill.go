package wire

import (
	"context"
	"errors"

	"golang.org/x/net/html"

	"github.com/passkeylab/passkeylab/client"
)

// waiting is a conditional request that waits for the user to pick a passkey.
type waiting struct {
	cancel context.CancelFunc
	done   chan struct{} // closed when the request has ended
	end    outcome       // valid once done is closed
}

// ErrNoAutofill says that the page shown makes no conditional request.
var ErrNoAutofill = errors.New("this page offers no passkeys by autofill")

// offerAutofill is what the login page's script does at load: where the page
// asks for autofill, a conditional get() waits beside it.
func (t *Tab) offerAutofill(ctx context.Context) {
	if !t.asksForAutofill() {
		return
	}
	// The options are fetched at once, so that a run draws its challenges in the
	// same order every time; only the waiting goes on beside the tab.
	options, err := t.options(ctx, loginOptions, map[string]string{"mediation": client.Conditional})
	if err != nil {
		t.show(err)
		return
	}
	// The request outlives the call that loaded the page, not the tab.
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	w := &waiting{cancel: cancel, done: make(chan struct{})}
	t.waiting = w
	page := *t // a copy: a tab has one owner
	go func() {
		defer close(w.done)
		caller := client.Caller{Origin: page.origin(), Mediation: client.Conditional}
		w.end = page.respond(ctx, options, loginVerify, func(options []byte) ([]byte, error) {
			return page.credentials.GetJSON(ctx, caller, options)
		})
	}()
}

// asksForAutofill reads data-autofill of the page's body.
func (t *Tab) asksForAutofill() bool {
	body := find(t.page, isElement("body"))
	state, present := lookup(body, "data-autofill")
	return present && state != "off" && find(body, acceptsPasskeys) != nil
}

func acceptsPasskeys(n *html.Node) bool {
	return isElement("input")(n) && attribute(n, "autocomplete") == "username webauthn"
}

// abandon aborts the pending conditional request and waits until it is gone.
func (t *Tab) abandon() {
	if t.waiting == nil {
		return
	}
	t.waiting.cancel()
	<-t.waiting.done
	t.waiting = nil
}

// OffersAutofill reports whether a conditional request is pending.
func (t *Tab) OffersAutofill() bool { return t.waiting != nil }

// AwaitAutofill waits until the user's pick has come to its end, and follows
// where the site leads.
func (t *Tab) AwaitAutofill(ctx context.Context) error {
	if t.waiting == nil {
		return ErrNoAutofill
	}
	select {
	case <-t.waiting.done:
	case <-ctx.Done():
		return ctx.Err()
	}
	end := t.waiting.end
	t.waiting = nil
	if end.redirect == "" {
		t.offerAutofill(ctx)
	}
	return t.conclude(ctx, end)
}

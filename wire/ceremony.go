package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"golang.org/x/net/html"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/webauthn"
)

// Endpoints of the ceremonies, as in docs/site-hooks.md.
const (
	registerOptions = "/u/passkey/register/options"
	registerVerify  = "/u/passkey/register/verify"
	registerAbandon = "/u/passkey/register/abandon"
	loginOptions    = "/u/passkey/login/options"
	loginVerify     = "/u/passkey/login/verify"
	factorOptions   = "/u/mfa-webauthn/options"
	factorVerify    = "/u/mfa-webauthn/verify"
	factorAbandon   = "/u/mfa-webauthn/abandon"
)

// outcome is how a ceremony ended: the site sends the page on, or the page has
// an error to show.
type outcome struct {
	redirect string
	err      error
}

// refusal is what the site says when it does not go along.
type refusal struct {
	Key     string `json:"error"`
	Message string `json:"message"`
	// Signal is the argument of signalUnknownCredential, which the script calls then.
	Signal json.RawMessage `json:"signal"`
}

func (r *refusal) Error() string { return r.Message }

// explanations are the data attributes of #error that hold the words for the
// exceptions of navigator.credentials, by their names.
var explanations = map[string]string{
	webauthn.NotAllowedError:   "data-cancelled",
	webauthn.AbortError:        "data-cancelled",
	webauthn.InvalidStateError: "data-registered",
	webauthn.SecurityError:     "data-insecure",
	webauthn.NotSupportedError: "data-unsupported",
}

// register is the script behind #create-passkey.
func (t *Tab) register(ctx context.Context) error {
	t.abandon()
	body := map[string]string{"screen": t.Screen()}
	if variant := t.variant(); variant != "" {
		body["variant"] = variant
	}
	return t.conclude(ctx, t.ceremony(ctx, registerOptions, body, registerVerify, func(options []byte) ([]byte, error) {
		return t.create(ctx, t.caller(), options)
	}))
}

// create has a passkey made, and tells the site where none will come.
func (t *Tab) create(ctx context.Context, caller client.Caller, options []byte) ([]byte, error) {
	made, err := t.credentials.CreateJSON(ctx, caller, options)
	if err != nil {
		t.giveUp(ctx, options, err)
	}
	return made, err
}

// logIn is the script behind #passkey-button: it takes back the request that
// waits behind the email field, and puts it up again if the modal one fails.
func (t *Tab) logIn(ctx context.Context) error {
	t.abandon()
	end := t.ceremony(ctx, loginOptions, map[string]string{}, loginVerify, func(options []byte) ([]byte, error) {
		return t.credentials.GetJSON(ctx, client.Caller{Origin: t.origin()}, options)
	})
	if end.redirect == "" {
		t.offerAutofill(ctx)
	}
	return t.conclude(ctx, end)
}

// showFactor is the script behind #use-passkey: a passkey as a second factor.
func (t *Tab) showFactor(ctx context.Context) error {
	body := map[string]string{"screen": t.Screen()}
	return t.conclude(ctx, t.ceremony(ctx, factorOptions, body, factorVerify, func(options []byte) ([]byte, error) {
		answer, err := t.credentials.GetJSON(ctx, client.Caller{Origin: t.origin()}, options)
		if err != nil {
			body["error"] = exceptionName(err)
			_ = t.exchange(ctx, factorAbandon, body, new(struct{})) // as a page does, whatever comes of it
		}
		return answer, err
	}))
}

// giveUp tells the site that no passkey will come. A site that does not listen stops
// waiting by itself.
func (t *Tab) giveUp(ctx context.Context, options []byte, why error) {
	var asked struct {
		Challenge string `json:"challenge"`
	}
	_ = json.Unmarshal(options, &asked)
	body := map[string]string{"challenge": asked.Challenge, "error": exceptionName(why)}
	_ = t.exchange(ctx, registerAbandon, body, new(struct{}))
}

// exceptionName is the name that a page would see.
func exceptionName(err error) string {
	var exception *webauthn.DOMException
	if errors.As(err, &exception) {
		return exception.Name
	}
	return "Error"
}

func (t *Tab) conclude(ctx context.Context, end outcome) error {
	if end.redirect != "" {
		return t.Open(ctx, end.redirect)
	}
	t.show(end.err)
	return nil
}

// show puts an error where the script puts it: the site's words for a refusal
// by the site, the page's own for an exception.
func (t *Tab) show(err error) {
	var refused *refusal
	var exception *webauthn.DOMException
	switch {
	case errors.As(err, &refused):
		t.key, t.message = refused.Key, refused.Message
	case errors.As(err, &exception):
		words, known := explanations[exception.Name]
		if !known {
			words = "data-failed"
		}
		box, _ := t.element("error")
		t.key, t.message = exception.Name, attribute(box, words)
	default:
		t.key, t.message = "failed", err.Error()
	}
}

// ceremony fetches options, has them answered and posts the answer.
func (t *Tab) ceremony(ctx context.Context, optionsAt string, ask any, verifyAt string, answer func(options []byte) ([]byte, error)) outcome {
	options, err := t.options(ctx, optionsAt, ask)
	if err != nil {
		return outcome{err: err}
	}
	return t.respond(ctx, options, verifyAt, answer)
}

// options fetches what a ceremony begins with.
func (t *Tab) options(ctx context.Context, path string, ask any) ([]byte, error) {
	var options struct {
		PublicKey json.RawMessage `json:"publicKey"`
	}
	err := t.exchange(ctx, path, ask, &options)
	return options.PublicKey, err
}

// respond has options answered and posts the answer.
func (t *Tab) respond(ctx context.Context, options []byte, verifyAt string, answer func(options []byte) ([]byte, error)) outcome {
	response, err := answer(options)
	if err != nil {
		return outcome{err: err}
	}
	var next struct {
		Redirect string `json:"redirect"`
	}
	if err := t.exchange(ctx, verifyAt, json.RawMessage(response), &next); err != nil {
		t.signalUnknown(ctx, err)
		return outcome{err: err}
	}
	return outcome{redirect: next.Redirect}
}

// exchange posts JSON and reads the JSON answer. The error is a [*refusal] when
// the site says no.
func (t *Tab) exchange(ctx context.Context, path string, body, into any) error {
	encoded, err := json.Marshal(body)
	if err != nil {
		return err
	}
	target, err := t.resolve(path)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), bytes.NewReader(encoded))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Origin", t.origin())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("X-CSRF-Token", t.csrf())
	answer, err := t.http.Do(r)
	if err != nil {
		return fmt.Errorf("POST %s: %w", path, err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(io.LimitReader(answer.Body, maxPage))
	if err != nil {
		return fmt.Errorf("POST %s: %w", path, err)
	}
	if answer.StatusCode != http.StatusOK {
		refused := new(refusal)
		if json.Unmarshal(data, refused) == nil && refused.Message != "" {
			return refused
		}
		return fmt.Errorf("POST %s: the site answered %s", path, answer.Status)
	}
	return json.Unmarshal(data, into)
}

func (t *Tab) csrf() string {
	return attribute(find(t.page, func(n *html.Node) bool {
		return isElement("meta")(n) && attribute(n, "name") == "csrf-token"
	}), "content")
}

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
	loginOptions    = "/u/passkey/login/options"
	loginVerify     = "/u/passkey/login/verify"
)

// outcome is how a ceremony ended: the site sends the page on, or the page has
// something to say.
type outcome struct {
	redirect string
	message  string
}

// register is the script behind #create-passkey.
func (t *Tab) register(ctx context.Context) error {
	t.abandon()
	body := map[string]string{"screen": t.Screen()}
	return t.conclude(ctx, t.ceremony(ctx, registerOptions, body, registerVerify, func(options []byte) ([]byte, error) {
		return t.credentials.CreateJSON(ctx, client.Caller{Origin: t.origin()}, options)
	}))
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

func (t *Tab) conclude(ctx context.Context, end outcome) error {
	if end.redirect != "" {
		return t.Open(ctx, end.redirect)
	}
	t.message = end.message
	return nil
}

// ceremony fetches options, has them answered and posts the answer.
func (t *Tab) ceremony(ctx context.Context, optionsAt string, ask any, verifyAt string, answer func(options []byte) ([]byte, error)) outcome {
	var options struct {
		PublicKey json.RawMessage `json:"publicKey"`
	}
	if err := t.exchange(ctx, optionsAt, ask, &options); err != nil {
		return outcome{message: err.Error()}
	}
	response, err := answer(options.PublicKey)
	if err != nil {
		return outcome{message: explain(err)}
	}
	var next struct {
		Redirect string `json:"redirect"`
	}
	if err := t.exchange(ctx, verifyAt, json.RawMessage(response), &next); err != nil {
		return outcome{message: err.Error()}
	}
	return outcome{redirect: next.Redirect}
}

// explain says what a script can say about a failed ceremony: the exception's
// name and message are all it gets to see.
func explain(err error) string {
	var exception *webauthn.DOMException
	if errors.As(err, &exception) {
		return "The passkey could not be used: " + exception.Error()
	}
	return err.Error()
}

// exchange posts JSON and reads the JSON answer. The error is what the site
// says to the user.
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
		var problem struct {
			Message string `json:"message"`
		}
		if json.Unmarshal(data, &problem) == nil && problem.Message != "" {
			return errors.New(problem.Message)
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

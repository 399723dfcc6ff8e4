package passkeylab

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/relyingparty"
)

// App is the shop's own app on one device: it asks for passkeys with its own screens,
// and the site's API for what to ask.
type App struct {
	shop   *Shop
	device *Device
	access string // token for My Account, once somebody is logged in
}

// AppOn starts the app on a device.
func (s *Shop) AppOn(d *Device) *App { return &App{shop: s, device: d} }

// maxAPIAnswer bounds an answer of the API, in bytes.
const maxAPIAnswer = 1 << 20

// selfServiceScope is what the app may do for its user.
const selfServiceScope = "create:me:authentication_methods read:me:authentication_methods update:me:authentication_methods delete:me:authentication_methods"

// begun is how the API answers what begins a ceremony.
type begun struct {
	Options json.RawMessage `json:"authn_params_public_key"`
	Session string          `json:"auth_session"`
}

// SignUp makes an account with a passkey.
func (a *App) SignUp(email string) {
	a.shop.lab.t.Helper()
	a.must("sign up as "+email, a.signUp(email))
}

func (a *App) signUp(email string) error {
	return a.inTime(func(ctx context.Context) error {
		var b begun
		if err := a.ask(ctx, http.MethodPost, "/passkey/register", "", a.identified(map[string]any{"user_profile": map[string]string{"email": email}}), &b); err != nil {
			return err
		}
		response, err := credentials{a.device}.CreateJSON(ctx, a.caller(), b.Options)
		if err != nil {
			return err
		}
		return a.token(ctx, b, response)
	})
}

// LogIn logs in by a passkey of the device.
func (a *App) LogIn() {
	a.shop.lab.t.Helper()
	a.must("log in", a.logIn())
}

// LogInFails tries to, and checks that the site's API refuses it with one of these
// codes, such as "invalid_grant", or that the device has the exception of that name.
func (a *App) LogInFails(codes ...string) {
	a.shop.lab.t.Helper()
	a.shop.refused("log in", a.logIn(), codes)
}

func (a *App) logIn() error {
	return a.inTime(func(ctx context.Context) error {
		var b begun
		if err := a.ask(ctx, http.MethodPost, "/passkey/challenge", "", a.identified(nil), &b); err != nil {
			return err
		}
		response, err := credentials{a.device}.GetJSON(ctx, a.caller(), b.Options)
		if err != nil {
			return err
		}
		return a.token(ctx, b, response)
	})
}

// token exchanges what the device answered for tokens.
func (a *App) token(ctx context.Context, b begun, response json.RawMessage) error {
	var got struct {
		Access string `json:"access_token"`
	}
	err := a.ask(ctx, http.MethodPost, "/oauth/token", "", a.identified(map[string]any{
		"grant_type": relyingparty.GrantPasskey, "auth_session": b.Session, "authn_response": response,
		"audience": a.shop.lab.Site.URL() + "/me/", "scope": selfServiceScope,
	}), &got)
	a.access = got.Access
	return err
}

// AddPasskey has the user, who is logged in, make another passkey on this device, by My
// Account, and returns its ID there.
func (a *App) AddPasskey() (id string) {
	a.shop.lab.t.Helper()
	a.must("add a passkey", a.inTime(func(ctx context.Context) error {
		var b begun
		if err := a.ask(ctx, http.MethodPost, "/me/v1/authentication-methods", a.access, map[string]any{"type": "passkey", "use_exclude_credentials": true}, &b); err != nil {
			return err
		}
		response, err := credentials{a.device}.CreateJSON(ctx, a.caller(), b.Options)
		if err != nil {
			return err
		}
		var made Method
		err = a.ask(ctx, http.MethodPost, "/me/v1/authentication-methods/"+url.PathEscape("passkey|new")+"/verify", a.access,
			map[string]any{"auth_session": b.Session, "authn_response": json.RawMessage(response)}, &made)
		id = made.ID
		return err
	}))
	return id
}

// On carries what the user is allowed to over to another device of theirs.
func (a *App) On(d *Device) *App { return &App{shop: a.shop, device: d, access: a.access} }

// Method is a way to log in, as My Account and the Management API tell it.
type Method struct {
	ID         string `json:"id"`
	Type       string `json:"type"` // "passkey" or "password"
	Name       string `json:"name"`
	DeviceType string `json:"credential_device_type"`
	BackedUp   bool   `json:"credential_backed_up"`
}

// ListsPasskeys checks how many passkeys the user has, by My Account.
func (a *App) ListsPasskeys(n int) {
	a.shop.lab.t.Helper()
	var list struct {
		Methods []Method `json:"authentication_methods"`
	}
	a.must("list the passkeys", a.inTime(func(ctx context.Context) error {
		return a.ask(ctx, http.MethodGet, "/me/v1/authentication-methods", a.access, nil, &list)
	}))
	if got := len(passkeysAmong(list.Methods)); got != n {
		a.shop.lab.fail("listing passkeys in the shop's app", fmt.Sprintf("%d passkeys", n), fmt.Sprintf("%d", got))
	}
}

func passkeysAmong(all []Method) (passkeys []Method) {
	for _, m := range all {
		if m.Type == "passkey" {
			passkeys = append(passkeys, m)
		}
	}
	return passkeys
}

// Rename gives a passkey another name, by My Account.
func (a *App) Rename(id, name string) {
	a.shop.lab.t.Helper()
	a.must("rename a passkey", a.inTime(func(ctx context.Context) error {
		return a.ask(ctx, http.MethodPatch, "/me/v1/authentication-methods/"+url.PathEscape(id), a.access, map[string]string{"name": name}, nil)
	}))
}

// Remove removes a passkey from the account, by My Account. The device keeps it.
func (a *App) Remove(id string) {
	a.shop.lab.t.Helper()
	a.must("remove a passkey", a.inTime(func(ctx context.Context) error {
		return a.ask(ctx, http.MethodDelete, "/me/v1/authentication-methods/"+url.PathEscape(id), a.access, nil, nil)
	}))
}

func (a *App) caller() client.Caller { return client.Caller{Origin: a.shop.site.URL()} }

// identified is a body with what the application says of itself.
func (a *App) identified(body map[string]any) map[string]any {
	all := map[string]any{"client_id": shopID, "client_secret": a.shop.secret}
	for k, v := range body {
		all[k] = v
	}
	return all
}

func (a *App) inTime(step func(context.Context) error) error { return a.shop.lab.within(step) }

func (a *App) must(what string, err error) {
	a.shop.lab.t.Helper()
	a.shop.lab.must(a.device.name+", the shop's app: "+what, err)
	a.shop.lab.Note("%s, the shop's app: %s", a.device.name, what)
}

func (a *App) ask(ctx context.Context, method, path, token string, body, answer any) error {
	return a.shop.ask(ctx, method, path, token, body, answer)
}

// Refusal is how an API of the site says no.
type Refusal struct {
	Status int    // of HTTP
	Code   string // "invalid_grant"; of My Account, the title
	Text   string
}

// Error implements error.
func (r *Refusal) Error() string {
	return fmt.Sprintf("the site refuses with %d %s: %s", r.Status, r.Code, r.Text)
}

// ask calls an API of the site with JSON.
func (s *Shop) ask(ctx context.Context, method, path, token string, body, answer any) error {
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		sent = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, s.lab.Site.URL()+path, sent)
	if err != nil {
		return err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	got, err := s.lab.Site.Client().Do(r)
	if err != nil {
		return err
	}
	defer got.Body.Close()
	text, err := io.ReadAll(io.LimitReader(got.Body, maxAPIAnswer))
	if err != nil {
		return err
	}
	if got.StatusCode >= http.StatusBadRequest {
		return readRefusal(got.StatusCode, text)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(text, answer)
}

// readRefusal reads an error of any of the three APIs.
func readRefusal(status int, body []byte) error {
	var told struct {
		Error, ErrorDescription, Title, Detail, ErrorCode, Message string
	}
	fields := map[string]*string{
		"error": &told.Error, "error_description": &told.ErrorDescription, "title": &told.Title,
		"detail": &told.Detail, "errorCode": &told.ErrorCode, "message": &told.Message,
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(body, &all); err != nil {
		return &Refusal{Status: status, Text: string(body)}
	}
	for name, to := range fields {
		_ = json.Unmarshal(all[name], to) // what is no text is not told
	}
	first := func(texts ...string) string {
		for _, t := range texts {
			if t != "" {
				return t
			}
		}
		return ""
	}
	return &Refusal{Status: status, Code: first(told.ErrorCode, told.Error, told.Title), Text: first(told.ErrorDescription, told.Detail, told.Message)}
}

package subject

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/passkeylab/passkeylab/browser"
	"github.com/passkeylab/passkeylab/conformance/clients"
	"github.com/passkeylab/passkeylab/webauthn"
)

// Perform implements [clients.Client].
func (v *visit) Perform(ctx context.Context, device *clients.Device, r *clients.Request) (*clients.Result, error) {
	result, err := v.perform(ctx, device, r)
	if err == nil {
		return result, nil
	}
	v.origin = "" // so that the next case finds a page on which nothing is under way
	if ended := (*browser.EndedError)(nil); errors.As(v.browser.Ended(), &ended) {
		return nil, fmt.Errorf("%w: %s ended by itself: %s", clients.ErrCrashed, ended.What, ended.Exit)
	}
	return nil, err
}

func (v *visit) perform(ctx context.Context, device *clients.Device, r *clients.Request) (_ *clients.Result, err error) {
	if err := v.goTo(ctx, r.Origin); err != nil {
		return nil, err
	}
	v.web.publish(r.RPID, r.WellKnown)
	unplug, err := v.plug(append([]*clients.Device{device}, r.Others...))
	defer func() { err = errors.Join(err, unplug()) }()
	if err != nil {
		return nil, err
	}
	outcome, err := v.ask(ctx, device, r)
	if err != nil {
		return nil, err
	}
	if r.Cancel != nil || len(r.Others) > 0 {
		v.pulse.settle(ctx)
	}
	return resultOf([]byte(outcome))
}

// ask has the page ask, and the user do what they do, and returns what the page got.
func (v *visit) ask(ctx context.Context, device *clients.Device, r *clients.Request) (outcome string, err error) {
	method, options := optionsOf(r)
	text, err := json.Marshal(options)
	if err != nil {
		return "", err
	}
	if err := v.tab.Eval(ctx, fmt.Sprintf("ask(%q, %s)", method, text), nil); err != nil {
		return "", err
	}
	u := &user{tab: v.tab, link: v.target.link, request: r, pulse: &v.pulse}
	if v.nearby != nil {
		u.scan = (&phone{v.nearby, device, &v.pulse}).scan
	}
	if err := u.attend(ctx); err != nil {
		return "", err
	}
	if err := v.tab.Eval(ctx, "outcome", &outcome); err != nil {
		return "", err
	}
	return outcome, v.tab.DialogCloses(ctx)
}

// goTo has the tab show the page at an origin.
func (v *visit) goTo(ctx context.Context, origin string) error {
	if v.origin == origin {
		return nil
	}
	v.origin = ""
	if err := v.tab.Navigate(ctx, origin+"/"); err != nil {
		return err
	}
	if err := v.tab.Eval(ctx, "location.origin", &v.origin); err != nil {
		return err
	}
	if v.origin != origin {
		return fmt.Errorf("%s leads to %s", origin, v.origin)
	}
	return nil
}

// made is what the page tells of a credential or an assertion, or why there is none.
// What is bytes is base64url.
type made struct {
	Error, Detail                                     string
	ID, ClientData, AuthData, Object, Signature, User webauthn.Base64URL
	Extensions                                        map[string]any
}

func resultOf(outcome []byte) (*clients.Result, error) {
	var m made
	if err := json.Unmarshal(outcome, &m); err != nil {
		return nil, fmt.Errorf("what the page tells: %w: %.200q", err, outcome)
	}
	r := &clients.Result{
		Error: m.Error, Detail: m.Detail, ClientData: m.ClientData, CredentialID: m.ID, AuthData: m.AuthData,
		Signature: m.Signature, UserHandle: m.User, Extensions: m.Extensions,
	}
	if len(m.Object) > 0 {
		object, err := webauthn.ParseAttestationObject(m.Object)
		if err != nil {
			return nil, fmt.Errorf("the attestation object that the page got: %w", err)
		}
		r.Format, r.Statement = object.Format, object.Statement
	}
	return r, nil
}

// optionsOf are the options of a page; what is bytes is base64url.
func optionsOf(r *clients.Request) (method string, options map[string]any) {
	options = map[string]any{"challenge": base64url(r.Challenge)}
	set := func(in map[string]any, name, value string) {
		if value != "" {
			in[name] = value
		}
	}
	if r.Timeout > 0 {
		options["timeout"] = r.Timeout.Milliseconds()
	}
	if len(r.Hints) > 0 {
		options["hints"] = r.Hints
	}
	if len(r.Extensions) > 0 {
		options["extensions"] = r.Extensions
	}
	if !r.Create {
		set(options, "rpId", r.RPID)
		set(options, "userVerification", r.UserVerification)
		options["allowCredentials"] = descriptors(r)
		return "get", options
	}
	rp, selection := map[string]any{"name": r.RPName}, map[string]any{}
	set(rp, "id", r.RPID)
	options["rp"] = rp
	options["user"] = map[string]any{"id": base64url(r.UserID), "name": r.UserName, "displayName": r.DisplayName}
	options["pubKeyCredParams"] = parameters(r)
	options["excludeCredentials"] = descriptors(r)
	set(options, "attestation", r.Attestation)
	set(selection, "residentKey", r.ResidentKey)
	set(selection, "userVerification", r.UserVerification)
	set(selection, "authenticatorAttachment", r.Attachment)
	options["authenticatorSelection"] = selection
	return "create", options
}

const publicKey = webauthn.PublicKeyCredentialType

func parameters(r *clients.Request) []map[string]any {
	all := make([]map[string]any, len(r.Algorithms))
	for i, alg := range r.Algorithms {
		all[i] = map[string]any{"type": publicKey, "alg": alg}
		if i < len(r.Types) {
			all[i]["type"] = r.Types[i]
		}
	}
	return all
}

func descriptors(r *clients.Request) []map[string]any {
	all := make([]map[string]any, len(r.List))
	for i, id := range r.List {
		all[i] = map[string]any{"type": publicKey, "id": base64url(id)}
		if i < len(r.ListTypes) {
			all[i]["type"] = r.ListTypes[i]
		}
	}
	return all
}

func base64url(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

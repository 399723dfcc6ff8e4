package fleet

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/provider"
	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/webauthn"
	"github.com/passkeylab/passkeylab/wire"
)

// device is an authenticator and the browser beside it, in the hands of one person.
type device struct {
	name   string
	owner  *person
	store  *authenticator.MemoryStore // its own
	member *provider.Member           // in its owner's account at a provider; nil for one that syncs nothing
	held   authenticator.Store        // all that it shows
	auth   *authenticator.Authenticator
	info   *ctap.GetInfoResponse
	user   *user
	tab    *wire.Tab
	inside string // who is logged in there, by the book
	given  given

	signalled []provider.Effect // what came of signals in this step
}

// given is what the device has answered to the ceremony of this step, and what is
// done to answers on their way to the site.
type given struct {
	tamper func([]byte) []byte
	seams  []client.Seams
	answer *answer // nil if it has given none
	raw    []byte
	err    error
}

// answer is what a response says.
type answer struct {
	id       string
	eligible bool
	backedUp bool
	count    uint32
}

var _ wire.Credentials = (*device)(nil)

// CreateJSON implements [wire.Credentials].
func (d *device) CreateJSON(ctx context.Context, caller client.Caller, options []byte) ([]byte, error) {
	return d.ask(caller, func(c *client.Client) ([]byte, error) { return c.CreateJSON(ctx, caller, options) })
}

// GetJSON implements [wire.Credentials].
func (d *device) GetJSON(ctx context.Context, caller client.Caller, options []byte) ([]byte, error) {
	return d.ask(caller, func(c *client.Client) ([]byte, error) { return c.GetJSON(ctx, caller, options) })
}

func (d *device) ask(caller client.Caller, ceremony func(*client.Client) ([]byte, error)) ([]byte, error) {
	if caller.Mediation == client.Conditional && !d.user.wants() {
		return nil, &webauthn.DOMException{Name: webauthn.AbortError} // nobody is going to pick
	}
	on, err := client.New(client.Config{
		Authenticators: client.Attached(client.Authenticator{Name: d.name, Transport: d.auth, Info: d.info}), User: d.user,
	}, d.given.seams...)
	if err != nil {
		return nil, err
	}
	raw, err := ceremony(on)
	d.given.raw, d.given.err = raw, err
	if err != nil {
		return nil, err
	}
	if d.given.answer, err = read(raw); err != nil {
		return nil, err
	}
	if d.given.tamper != nil {
		raw = d.given.tamper(raw)
	}
	return raw, nil
}

// SignalJSON implements [wire.Credentials]: what a page tells is told to the provider's
// app on the device (WebAuthn L3 §5.1.10).
func (d *device) SignalJSON(_ context.Context, _ client.Caller, method string, options []byte) error {
	told, err := webauthn.ParseSignal(method, options)
	if err != nil || d.member == nil {
		return err
	}
	switch s := told.(type) {
	case *webauthn.UnknownCredential:
		d.signalled = append(d.signalled, d.member.UnknownCredential(s.RPID, s.CredentialID)...)
	case *webauthn.AllAcceptedCredentials:
		accepted := make([][]byte, len(s.CredentialIDs))
		for i, id := range s.CredentialIDs {
			accepted[i] = id
		}
		d.signalled = append(d.signalled, d.member.AllAcceptedCredentials(s.RPID, s.UserID, accepted)...)
	case *webauthn.CurrentUserDetails:
		d.member.CurrentUserDetails(s.RPID, s.UserID, s.Name, s.DisplayName)
	}
	return nil
}

// read takes from a response what the book wants to know.
func read(raw []byte) (*answer, error) {
	var r struct {
		RawID    string `json:"rawId"`
		Response struct {
			AuthenticatorData string `json:"authenticatorData"`
		} `json:"response"`
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, err
	}
	id, err := base64.RawURLEncoding.DecodeString(r.RawID)
	if err != nil {
		return nil, err
	}
	said, err := base64.RawURLEncoding.DecodeString(r.Response.AuthenticatorData)
	if err != nil {
		return nil, err
	}
	data, err := webauthn.ParseAuthenticatorData(said)
	if err != nil {
		return nil, err
	}
	return &answer{string(id), data.Flags.Has(webauthn.BackupEligible), data.Flags.Has(webauthn.BackedUp), data.SignCount}, nil
}

// user answers the device's prompts as scripted, and picks from lists by number.
type user struct {
	authenticator.ScriptedUser
	pick   int
	picked bool // autofill is to be picked from, once
}

var _ client.User = (*user)(nil)

func (u *user) wants() bool { return u.picked }

// ChooseAuthenticators implements client.User.
func (u *user) ChooseAuthenticators(_ context.Context, names []string) ([]int, error) {
	return []int{u.pick % len(names)}, nil
}

// ChooseAccount implements client.User.
func (u *user) ChooseAccount(_ context.Context, _ string, accounts []client.Account) (int, error) {
	return u.pick % len(accounts), nil
}

// PickPasskey implements client.User.
func (u *user) PickPasskey(ctx context.Context, _ string, accounts []client.Account) (int, error) {
	if !u.picked || len(accounts) == 0 {
		<-ctx.Done()
		return 0, context.Cause(ctx)
	}
	u.picked = false
	return u.pick % len(accounts), nil
}

// newDevice makes one that syncs by the account, or nothing where that is nil.
func (w *world) newDevice(owner *person, account *provider.Account, model authenticator.Model) *device {
	w.made++
	d := &device{name: fmt.Sprintf("device %d of %s", w.made, owner.name), owner: owner, store: authenticator.NewMemoryStore(), user: new(user)}
	d.held = d.store
	if account != nil {
		m, err := account.Join(provider.Device{Name: d.name, Store: d.store})
		w.must(err)
		d.member, d.held = m, m.Store()
		w.unlock(d)
		model = account.Provider().Equip(model)
	}
	if w.plant.Store != nil {
		d.held = w.plant.Store(d.held)
	}
	model.Algorithms = slices.DeleteFunc(slices.Clone(model.Algorithms), func(a webauthn.Algorithm) bool { return a != webauthn.ES256 })
	var err error
	d.auth, err = authenticator.New(model, authenticator.Env{
		Store: d.held, User: d.user, Clock: w.clock, Random: seed.Stream(w.seed, "device", d.name),
	})
	w.must(err)
	d.info, err = ctap.Call(w.ctx, d.auth, new(ctap.GetInfoRequest))
	w.must(err)
	d.openTab(w)
	w.devices = append(w.devices, d)
	return d
}

func (d *device) openTab(w *world) {
	tab, err := wire.New(inMemory{w.front}, d, seed.Stream(w.seed, "browser", d.name))
	w.must(err)
	d.tab, d.inside = tab, ""
}

// passkeys are what the device shows for the site, oldest first.
func (d *device) passkeys(w *world) []*authenticator.Credential {
	found, err := d.held.Find(w.ctx, authenticator.Query{RPID: rpID})
	w.must(err)
	return found
}

// inMemory serves requests without a network.
type inMemory struct{ handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (m inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	in.RemoteAddr, in.RequestURI, in.Host = "127.0.0.1:0", r.URL.RequestURI(), r.URL.Host
	if in.Body == nil {
		in.Body = http.NoBody
	}
	out := httptest.NewRecorder()
	m.handler.ServeHTTP(out, in)
	answer := out.Result()
	answer.Request = r
	return answer, nil
}

package notes

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// problem is what visitors are told, as a sentence.
type problem string

func (p problem) Error() string { return string(p) }

const (
	errTaken  = problem("Somebody has this address already.")
	errNotNow = problem("Please begin again.")
	errNoGood = problem("This passkey does not open anything here.")
)

func newMember(email string) *member {
	handle := make([]byte, 32)
	_, _ = rand.Read(handle) // never fails
	return &member{handle: handle, email: email}
}

// The interface webauthn.User.

func (m *member) WebAuthnID() []byte                         { return m.handle }
func (m *member) WebAuthnName() string                       { return m.email }
func (m *member) WebAuthnDisplayName() string                { return m.email }
func (m *member) WebAuthnCredentials() []webauthn.Credential { return m.passkeys }

// json serves a call of passkeys.js.
func (a *App) json(serve func(*http.Request, *visit) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		defer a.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		answer, err := serve(r, a.visit(w, r))
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			answer = map[string]string{"problem": err.Error()}
		}
		_ = json.NewEncoder(w).Encode(answer)
	}
}

func (a *App) beginJoin(r *http.Request, v *visit) (any, error) {
	var asked struct{ Mail string }
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil || asked.Mail == "" {
		return nil, errNotNow
	}
	email := strings.ToLower(asked.Mail)
	if a.members[email] != nil {
		return nil, errTaken
	}
	v.joining = newMember(email)
	return a.register(v, v.joining)
}

// beginMore is for somebody who is in and wants another passkey.
func (a *App) beginMore(_ *http.Request, v *visit) (any, error) {
	if v.member == nil {
		return nil, errNotNow
	}
	v.joining = v.member
	return a.register(v, v.member)
}

func (a *App) register(v *visit, m *member) (any, error) {
	options, session, err := a.webauthn.BeginRegistration(m,
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		}),
		webauthn.WithExclusions(webauthn.Credentials(m.passkeys).CredentialDescriptors()))
	v.register = session
	return options, err
}

func (a *App) endJoin(r *http.Request, v *visit) (any, error) {
	if v.joining == nil || v.register == nil {
		return nil, errNotNow
	}
	made, err := a.webauthn.FinishRegistration(v.joining, *v.register, r)
	v.register = nil
	switch {
	case err != nil:
		return nil, problem("We cannot use this passkey.")
	case v.joining != v.member && a.members[v.joining.email] != nil:
		return nil, errTaken
	}
	v.joining.passkeys = append(v.joining.passkeys, *made)
	a.members[v.joining.email], v.member, v.joining = v.joining, v.joining, nil
	return map[string]string{"next": "/desk"}, nil
}

func (a *App) beginEnter(_ *http.Request, v *visit) (any, error) {
	options, session, err := a.webauthn.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	v.login = session
	return options, err
}

func (a *App) endEnter(r *http.Request, v *visit) (any, error) {
	if v.login == nil {
		return nil, errNotNow
	}
	var whose *member
	used, err := a.webauthn.FinishDiscoverableLogin(func(_, handle []byte) (webauthn.User, error) {
		for _, m := range a.members {
			if bytes.Equal(m.handle, handle) {
				whose = m
				return m, nil
			}
		}
		return nil, errNoGood
	}, *v.login, r)
	v.login = nil
	if err != nil || used.Authenticator.CloneWarning {
		return nil, errNoGood
	}
	for i := range whose.passkeys {
		if bytes.Equal(whose.passkeys[i].ID, used.ID) {
			whose.passkeys[i] = *used
		}
	}
	v.member = whose
	return map[string]string{"next": "/desk"}, nil
}

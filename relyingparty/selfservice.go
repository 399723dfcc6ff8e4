package relyingparty

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/passkeylab/passkeylab/internal/printable"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// The My Account API lets an application show users their own passkeys, add some,
// rename and remove them. Its base is /me/v1.

const (
	pathMethods = "/me/v1/authentication-methods"
	// newPasskeyID stands for a passkey that is being enrolled; it has no ID yet.
	newPasskeyID    = passkeyIDPrefix + "new"
	passkeyIDPrefix = "passkey|"
	passwordID      = "password|"
)

// withSelf makes a handler that an access token with a scope may reach.
func withSelf(scope string, h func(*visit, store.User) error) handler {
	return func(v *visit) error {
		u, access, err := v.bearer(v.at.audienceSelfService(), scope)
		if err != nil {
			return err
		}
		v.login = access.LoggedIn
		return h(v, u)
	}
}

// ownMethod is an authentication method as its user sees it.
type ownMethod struct {
	ID             string   `json:"id"`
	Type           string   `json:"type"`
	CreatedAt      string   `json:"created_at"`
	Usage          []string `json:"usage"`
	IdentityUserID string   `json:"identity_user_id"`
	Name           string   `json:"name,omitempty"` // but of passwords
	*ownPasskey
}

// ownPasskey is what a passkey has besides.
type ownPasskey struct {
	DeviceType     string   `json:"credential_device_type"`
	BackedUp       bool     `json:"credential_backed_up"`
	KeyID          string   `json:"key_id"`
	PublicKey      string   `json:"public_key"` // COSE, in base64url
	UserHandle     string   `json:"user_handle"`
	Transports     []string `json:"transports,omitempty"`
	UserAgent      string   `json:"user_agent,omitempty"`
	AAGUID         string   `json:"aaguid"`
	RelyingPartyID string   `json:"relying_party_id"`
	LastAuthAt     string   `json:"last_auth_at,omitempty"`
}

func ownMethodOf(u store.User, k store.Passkey) ownMethod {
	return ownMethod{
		ID: k.ID, Type: "passkey", CreatedAt: timeText(k.Created), Usage: []string{"primary"}, IdentityUserID: u.ID, Name: k.Name,
		ownPasskey: &ownPasskey{
			DeviceType: deviceType(k.BackupEligible), BackedUp: k.BackedUp,
			KeyID: encode(k.CredentialID), PublicKey: encode(k.PublicKey), UserHandle: encode(u.Handle),
			Transports: k.Transports, UserAgent: describeAgent(k.UserAgent), AAGUID: aaguidText(k.AAGUID),
			RelyingPartyID: k.RPID, LastAuthAt: timeText(k.LastUsed),
		},
	}
}

// timeText is how the APIs write a moment; "" for none.
func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

func aaguidText(raw []byte) string {
	if len(raw) != len(ceremony.AAGUID{}) {
		return ""
	}
	return ceremony.AAGUID(raw).String()
}

// ownMethods lists what a user can log in with: the passkeys, oldest first, the password,
// and the second factors.
func (v *visit) ownMethods(u store.User) ([]ownMethod, error) {
	keys, err := v.site.store.Passkeys(u.ID)
	if err != nil {
		return nil, err
	}
	all := make([]ownMethod, 0, len(keys)+1)
	for _, k := range keys {
		all = append(all, ownMethodOf(u, k))
	}
	if u.Password != "" {
		all = append(all, ownMethod{
			ID: passwordID + encode([]byte(u.ID)), Type: "password", CreatedAt: timeText(u.Created),
			Usage: []string{"primary"}, IdentityUserID: u.ID,
		})
	}
	held, err := v.site.store.Authenticators(u.ID)
	if err != nil {
		return nil, err
	}
	for _, a := range held {
		all = append(all, ownMethod{
			ID: a.ID, Type: methodType(a.Type), CreatedAt: timeText(a.Created), Usage: []string{"secondary"}, IdentityUserID: u.ID, Name: a.Name,
		})
	}
	return all, nil
}

// methodList is the answer to a list.
type methodList struct {
	Methods []ownMethod `json:"authentication_methods"`
}

func listOwnMethods(v *visit, u store.User) error {
	all, err := v.ownMethods(u)
	if err != nil {
		return err
	}
	if wanted := v.r.URL.Query().Get("type"); wanted != "" {
		kept := all[:0]
		for _, m := range all {
			if m.Type == wanted {
				kept = append(kept, m)
			}
		}
		all = kept
	}
	return v.answer(http.StatusOK, methodList{all})
}

func getOwnMethod(v *visit, u store.User) error {
	all, err := v.ownMethods(u)
	if err != nil {
		return err
	}
	for _, m := range all {
		if m.ID == v.r.PathValue("id") {
			return v.answer(http.StatusOK, m)
		}
	}
	return noSuchMethod()
}

func noSuchMethod() *apiProblem {
	return &apiProblem{status: http.StatusNotFound, code: "inexistent_authentication_method", text: "The authentication method does not exist."}
}

// renameRequest is the body of a change of name.
type renameRequest struct {
	Name string `json:"name"`
}

// readName reads a new name for a passkey or a second factor.
func (v *visit) readName() (string, error) {
	var asked renameRequest
	if err := v.decodeStrict(&asked); err != nil {
		return "", err
	}
	name := strings.TrimSpace(asked.Name)
	if name == "" || utf8.RuneCountInString(name) > longestName || name != printable.Only(name) {
		p := badRequest("Give it a name of 1 to %d characters.", longestName)
		p.fields = []fieldProblem{{Detail: p.text, Field: "name", Pointer: "/name", Source: "body"}}
		return "", p
	}
	return name, nil
}

func renameOwnMethod(v *visit, u store.User) error {
	name, err := v.readName()
	if err != nil {
		return err
	}
	if err := v.renameMethod(u, v.r.PathValue("id"), name); err != nil {
		return err
	}
	return getOwnMethod(v, u)
}

// renameMethod gives a passkey or a second factor of an account another name.
func (v *visit) renameMethod(u store.User, id, name string) error {
	err := v.site.store.Update(func(tx *store.Tx) error {
		if strings.HasPrefix(id, passkeyIDPrefix) {
			return tx.RenamePasskey(u.ID, id, name)
		}
		return tx.RenameAuthenticator(u.ID, id, name)
	})
	if errors.Is(err, store.ErrNotFound) {
		return noSuchMethod()
	}
	return err
}

func deleteOwnMethod(v *visit, u store.User) error {
	id := v.r.PathValue("id")
	switch {
	case strings.HasPrefix(id, passwordID):
		return &apiProblem{status: http.StatusConflict, code: "conflict", text: "A password cannot be removed, only changed."}
	case !strings.HasPrefix(id, passkeyIDPrefix):
		if err := v.loggedInLately(); err != nil {
			return err
		}
	}
	if err := v.deleteMethod(u, id); err != nil {
		return err
	}
	return v.noContent()
}

// lately is how long ago a login may be that takes a second factor away, which is as long
// as an access token lives that came of it.
const lately = selfServiceLifetime

// loggedInLately refuses tokens of a login that was long ago, such as refreshed ones and
// those of a browser session that was there: whoever has found them must not get rid of
// the second factor by them (RFC 9470 §3).
func (v *visit) loggedInLately() error {
	if v.login.IsZero() || v.now.Sub(v.login) > lately {
		return &apiProblem{status: http.StatusUnauthorized, code: codeLoginTooOld,
			text: fmt.Sprintf("Removing a second factor takes a login of the last %d minutes.", lately/time.Minute)}
	}
	return nil
}

// deleteMethod removes a passkey or a second factor of an account.
func (v *visit) deleteMethod(u store.User, id string) error {
	err := v.site.store.Update(func(tx *store.Tx) error { return v.removeMethod(tx, u, id) })
	if errors.Is(err, store.ErrNotFound) {
		return noSuchMethod()
	}
	return err
}

// removeMethod removes a passkey or a second factor, with its log line.
func (v *visit) removeMethod(tx *store.Tx, u store.User, id string) error {
	if strings.HasPrefix(id, passkeyIDPrefix) {
		return v.removePasskey(tx, u, id)
	}
	return v.removeAuthenticator(tx, u, id)
}

func (v *visit) noContent() error {
	if err := v.finish(); err != nil {
		return err
	}
	v.w.WriteHeader(http.StatusNoContent)
	return nil
}

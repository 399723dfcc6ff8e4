package relyingparty

import (
	"encoding/base64"
	"errors"
	"net/http"
	"slices"

	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// userJSON is an account in the Management API.
type userJSON struct {
	ID            string            `json:"user_id"`
	Email         string            `json:"email,omitempty"`
	EmailVerified bool              `json:"email_verified"`
	Name          string            `json:"name"`
	Nickname      string            `json:"nickname,omitempty"`
	GivenName     string            `json:"given_name,omitempty"`
	FamilyName    string            `json:"family_name,omitempty"`
	Picture       string            `json:"picture,omitempty"`
	Username      string            `json:"username,omitempty"`
	PhoneNumber   string            `json:"phone_number,omitempty"`
	Metadata      map[string]string `json:"user_metadata,omitempty"`
	CreatedAt     string            `json:"created_at"`
	Logins        int               `json:"logins_count"`
	Identities    []identityJSON    `json:"identities"`
}

type identityJSON struct {
	Connection string `json:"connection"`
	Provider   string `json:"provider"`
	UserID     string `json:"user_id"`
	Social     bool   `json:"isSocial"`
}

func userJSONOf(u store.User) (userJSON, error) {
	p, err := profileOf(u)
	who := newcomer{email: u.Email, profile: p}
	return userJSON{
		ID: u.ID, Email: u.Email, Name: who.displayName(), Nickname: p.Nickname, GivenName: p.GivenName, FamilyName: p.FamilyName,
		Picture: p.Picture, Username: p.Username, PhoneNumber: p.PhoneNumber, Metadata: p.Metadata,
		CreatedAt: timeText(u.Created), Logins: u.Logins,
		Identities: []identityJSON{{connectionName, strategyName, identityOf(u), false}},
	}, err
}

// withManaged makes a handler about the account that the path names.
func withManaged(h func(*visit, store.User) error) handler {
	return func(v *visit) error {
		u, err := v.site.store.UserByID(v.r.PathValue("user"))
		if errors.Is(err, store.ErrNotFound) {
			return &apiProblem{status: http.StatusNotFound, code: "inexistent_user", text: "The user does not exist."}
		}
		if err != nil {
			return err
		}
		return h(v, u)
	}
}

func getUser(v *visit, u store.User) error {
	out, err := userJSONOf(u)
	if err != nil {
		return err
	}
	return v.answer(http.StatusOK, out)
}

func usersByEmail(v *visit) error {
	email := v.r.URL.Query().Get("email")
	if email == "" {
		return badRequest("email is required")
	}
	all := []userJSON{}
	u, err := v.site.store.UserByEmail(emailKey(email))
	switch {
	case err == nil:
		found, err := userJSONOf(u)
		if err != nil {
			return err
		}
		all = append(all, found)
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	return v.answer(http.StatusOK, all)
}

// managedMethod is an authentication method in the Management API.
type managedMethod struct {
	ID         string `json:"id"`
	Type       string `json:"type"`
	Name       string `json:"name,omitempty"`
	Confirmed  bool   `json:"confirmed"`
	CreatedAt  string `json:"created_at"`
	EnrolledAt string `json:"enrolled_at"`
	LastAuthAt string `json:"last_auth_at,omitempty"`
	Email      string `json:"email,omitempty"`
	TOTPSecret string `json:"totp_secret,omitempty"` // that was drawn for it just now, in base32
	*managedPasskey
}

// managedPasskey is what a passkey has besides.
type managedPasskey struct {
	KeyID          string `json:"key_id"`
	PublicKey      string `json:"public_key"` // COSE, in base64
	DeviceType     string `json:"credential_device_type"`
	BackedUp       bool   `json:"credential_backed_up"`
	IdentityUserID string `json:"identity_user_id"`
	UserAgent      string `json:"user_agent,omitempty"`
	AAGUID         string `json:"aaguid"`
	RelyingParty   string `json:"relying_party_identifier"`
}

func managedMethodOf(k store.Passkey) managedMethod {
	return managedMethod{
		ID: k.ID, Type: "passkey", Name: k.Name, Confirmed: true, CreatedAt: timeText(k.Created), EnrolledAt: timeText(k.Created),
		LastAuthAt: timeText(k.LastUsed),
		managedPasskey: &managedPasskey{
			KeyID: encode(k.CredentialID), PublicKey: base64.StdEncoding.EncodeToString(k.PublicKey),
			DeviceType: deviceType(k.BackupEligible), BackedUp: k.BackedUp, IdentityUserID: k.UserID,
			UserAgent: describeAgent(k.UserAgent), AAGUID: aaguidText(k.AAGUID), RelyingParty: k.RPID,
		},
	}
}

func managedFactorOf(a store.Authenticator) managedMethod {
	return managedMethod{
		ID: a.ID, Type: methodType(a.Type), Name: a.Name, Confirmed: true, CreatedAt: timeText(a.Created), EnrolledAt: timeText(a.Created),
		LastAuthAt: timeText(a.LastUsed), Email: a.Address,
	}
}

// methodType is how the Management and My Account APIs call a second factor.
func methodType(t store.AuthenticatorType) string {
	if t == store.AuthenticatorOTP {
		return "totp"
	}
	return string(t)
}

// userMethods lists the passkeys and second factors of an account.
func (v *visit) userMethods(u store.User) ([]managedMethod, error) {
	keys, err := v.site.store.Passkeys(u.ID)
	if err != nil {
		return nil, err
	}
	held, err := v.site.store.Authenticators(u.ID)
	if err != nil {
		return nil, err
	}
	all := make([]managedMethod, 0, len(keys)+len(held))
	for _, k := range keys {
		all = append(all, managedMethodOf(k))
	}
	for _, a := range held {
		all = append(all, managedFactorOf(a))
	}
	return all, nil
}

func listUserMethods(v *visit, u store.User) error {
	all, err := v.userMethods(u)
	if err != nil {
		return err
	}
	page, err := v.readPage()
	if err != nil {
		return err
	}
	return v.answerPage(page, "authenticators", len(all), slices.Clone(all[min(page.start(), len(all)):min(page.start()+page.size, len(all))]))
}

func getUserMethod(v *visit, u store.User) error {
	all, err := v.userMethods(u)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(m managedMethod) bool { return m.ID == v.r.PathValue("id") })
	if i < 0 {
		return noSuchMethod()
	}
	return v.answer(http.StatusOK, all[i])
}

func renameUserMethod(v *visit, u store.User) error {
	name, err := v.readName()
	if err != nil {
		return err
	}
	if err := v.renameMethod(u, v.r.PathValue("id"), name); err != nil {
		return err
	}
	return getUserMethod(v, u)
}

func deleteUserMethod(v *visit, u store.User) error {
	if err := v.deleteMethod(u, v.r.PathValue("id")); err != nil {
		return err
	}
	return v.noContent()
}

// deleteUserMethods removes all passkeys and second factors of an account, or none. It is
// how somebody who has lost them is let in again.
func deleteUserMethods(v *visit, u store.User) error {
	if err := v.replaceMethods(u, nil); err != nil {
		return err
	}
	return v.noContent()
}

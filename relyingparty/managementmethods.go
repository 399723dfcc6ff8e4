package relyingparty

import (
	"encoding/base32"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/passkeylab/passkeylab/internal/printable"
	"github.com/passkeylab/passkeylab/internal/totp"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// An operator gives accounts passkeys and second factors, one at a time (POST) or all that
// there are to be (PUT). They are confirmed at once, and bring no recovery code: nobody
// would see it.

// methodRequest is one of them as it is sent.
type methodRequest struct {
	Type string `json:"type"`
	Name string `json:"name"`

	// Of an authenticator app and of an email address.
	TOTPSecret string `json:"totp_secret"` // in base32; "" has one drawn
	Email      string `json:"email"`

	// Of a phone, which is refused.
	PhoneNumber string `json:"phone_number"`
	Preferred   string `json:"preferred_authentication_method"`

	// Of a passkey.
	KeyID        string   `json:"key_id"`     // credential ID in base64url
	PublicKey    string   `json:"public_key"` // COSE, in base64 or base64url
	DeviceType   string   `json:"credential_device_type"`
	BackedUp     bool     `json:"credential_backed_up"`
	UserHandle   string   `json:"user_handle"`
	Transports   []string `json:"transports"`
	AAGUID       string   `json:"aaguid"`
	RelyingParty string   `json:"relying_party_identifier"`
}

const (
	maxFactors = 20 // second factors that an operator gives an account
	maxMethods = 100

	leastSecret = 10 // bytes of the key of an app: common ones have no more
	mostSecret  = 64
)

// strays reports members of another type than that which is sent.
func (r methodRequest) strays() bool {
	ofPasskey := r.KeyID+r.PublicKey+r.DeviceType+r.UserHandle+r.AAGUID+r.RelyingParty != "" || r.BackedUp || r.Transports != nil
	ofOTP, ofEmail, ofPhone := r.TOTPSecret != "", r.Email != "", r.PhoneNumber+r.Preferred != ""
	return ofPasskey && r.Type != "passkey" || ofOTP && r.Type != "totp" || ofEmail && r.Type != "email" || ofPhone && r.Type != "phone"
}

// newMethod is one of them as it is stored: a passkey or a second factor.
type newMethod struct {
	passkey *store.Passkey
	factor  store.Authenticator
	shown   string // key of an app that was drawn
}

func (m newMethod) json() managedMethod {
	if m.passkey != nil {
		return managedMethodOf(*m.passkey)
	}
	out := managedFactorOf(m.factor)
	out.TOTPSecret = m.shown
	return out
}

func createUserMethod(v *visit, u store.User) error {
	m, err := v.readMethod(v.body, u)
	if err != nil {
		return err
	}
	held, err := v.site.store.Authenticators(u.ID)
	if err != nil {
		return err
	}
	if m.passkey == nil && len(held) >= maxFactors {
		return badRequest("the user has %d second factors, and can have no more", len(held))
	}
	if err := methodRefused(v.site.store.Update(func(tx *store.Tx) error { return v.keepMethod(tx, u, m) })); err != nil {
		return err
	}
	return v.answer(http.StatusCreated, m.json())
}

// putUserMethods puts what is sent in the place of all that there were, or changes nothing.
func putUserMethods(v *visit, u store.User) error {
	var sent []json.RawMessage
	if err := json.Unmarshal(v.body, &sent); err != nil || sent == nil {
		return badRequest("the body must be an array of authentication methods").because(err)
	}
	if len(sent) > maxMethods {
		return badRequest("the body has more than %d authentication methods", maxMethods)
	}
	all, out, factors := make([]newMethod, len(sent)), make([]managedMethod, len(sent)), 0
	for i, body := range sent {
		var err error
		if all[i], err = v.readMethod(body, u); err != nil {
			return err
		}
		if out[i] = all[i].json(); all[i].passkey == nil {
			factors++
		}
	}
	if factors > maxFactors {
		return badRequest("a user can have no more than %d second factors", maxFactors)
	}
	if err := methodRefused(v.replaceMethods(u, all)); err != nil {
		return err
	}
	return v.answer(http.StatusOK, out)
}

// readMethod reads one that is to be stored.
func (v *visit) readMethod(body []byte, u store.User) (m newMethod, err error) {
	var asked methodRequest
	if err := decodeObject(body, &asked, true); err != nil {
		return m, err
	}
	if asked.Name != "" && !upTo(longestName)(asked.Name) {
		return m, badRequest("name must have 1 to %d characters", longestName)
	}
	if asked.strays() {
		return m, badRequest("there are members that do not go with type %q", printable.Line(asked.Type))
	}
	switch asked.Type {
	case "passkey":
		k, err := v.importedPasskey(asked, u)
		m.passkey = &k
		return m, err
	case "totp":
		m.factor.Type = store.AuthenticatorOTP
		if m.factor.Secret, err = readSecret(asked.TOTPSecret); err == nil && m.factor.Secret == nil {
			m.factor.Secret, err = v.site.draw(totp.SecretSize)
			m.shown = totp.Text(m.factor.Secret)
		}
	case "email":
		m.factor.Type, m.factor.Address = store.AuthenticatorEmail, asked.Email
		if !validEmail(asked.Email) {
			err = badRequest("email is required, and must be an address")
		}
	case "phone":
		err = badRequest("No messages are sent to phones here; type must be passkey, totp or email.")
	default:
		err = badRequest("type must be passkey, totp or email")
	}
	if err != nil {
		return m, err
	}
	m.factor.Name = asked.Name
	return m, v.nameFactor(&m.factor, u)
}

// readSecret reads the key of an app as people type it; nil for none.
func readSecret(text string) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	plain := strings.TrimRight(strings.ToUpper(strings.ReplaceAll(text, " ", "")), "=")
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(plain)
	if err != nil || len(secret) < leastSecret || len(secret) > mostSecret {
		return nil, badRequest("totp_secret must be %d to %d bytes in base32", leastSecret, mostSecret).because(err)
	}
	return secret, nil
}

// keepMethod stores one, with its log line.
func (v *visit) keepMethod(tx *store.Tx, u store.User, m newMethod) error {
	d := Details{}
	var err error
	if m.passkey != nil {
		d.AuthenticationMethods, d.Authenticator = []string{"passkey"}, authenticatorDetails(*m.passkey, "")
		err = tx.InsertPasskey(*m.passkey, v.policy.MaxPasskeys)
	} else {
		of := detailsOf(m.factor)
		d.Authenticator = &of
		err = tx.InsertAuthenticators([]store.Authenticator{m.factor}, false)
	}
	if err != nil {
		return err
	}
	return tx.InsertEvent(v.event(EventPasskeyEnrolled, subjectOf(u), d))
}

// methodRefused says what the database refused as the API does.
func methodRefused(err error) error {
	switch {
	case errors.Is(err, store.ErrCredentialTaken):
		return &apiProblem{status: http.StatusConflict, code: "authentication_method_exists", text: "The passkey is registered already.", cause: err}
	case errors.Is(err, store.ErrTooManyPasskeys):
		return badRequest("%s", words[problemTooManyPasskeys].text).because(err)
	}
	return err
}

// replaceMethods removes all passkeys and second factors of an account and stores others,
// or changes nothing.
func (v *visit) replaceMethods(u store.User, all []newMethod) error {
	there, err := v.userMethods(u)
	if err != nil {
		return err
	}
	return v.site.store.Update(func(tx *store.Tx) error {
		for _, m := range there {
			if m.Type == string(store.AuthenticatorRecoveryCode) {
				continue // it goes with the last of the others
			}
			if err := v.removeMethod(tx, u, m.ID); err != nil {
				return err
			}
		}
		for _, m := range all {
			if err := v.keepMethod(tx, u, m); err != nil {
				return err
			}
		}
		return nil
	})
}

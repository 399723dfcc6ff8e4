package relyingparty

import (
	"cmp"
	"encoding/base64"
	"errors"
	"net/http"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// importRequest is a passkey that was registered elsewhere for an RP ID of the site.
type importRequest struct {
	Type         string   `json:"type"`
	Name         string   `json:"name"`
	KeyID        string   `json:"key_id"`     // credential ID in base64url
	PublicKey    string   `json:"public_key"` // COSE, in base64 or base64url
	DeviceType   string   `json:"credential_device_type"`
	BackedUp     bool     `json:"credential_backed_up"`
	UserHandle   string   `json:"user_handle"`
	Transports   []string `json:"transports"`
	AAGUID       string   `json:"aaguid"`
	RelyingParty string   `json:"relying_party_identifier"`
}

// maxCredentialID bounds credential IDs (WebAuthn L3 §7.1 step 25).
const maxCredentialID = 1023

func createUserMethod(v *visit, u store.User) error {
	var asked importRequest
	if err := v.decodeStrict(&asked); err != nil {
		return err
	}
	c, err := v.importedCredential(asked, u)
	if err != nil {
		return err
	}
	k, err := v.newPasskey(u.ID, c)
	if err != nil {
		return err
	}
	k.RPID = cmp.Or(asked.RelyingParty, k.RPID)
	if asked.Name != "" {
		if k.Name = asked.Name; !upTo(longestName)(k.Name) {
			return badRequest("name must have 1 to %d characters", longestName)
		}
	}
	err = v.site.store.Update(func(tx *store.Tx) error {
		return errors.Join(tx.InsertPasskey(k, v.policy.MaxPasskeys), tx.InsertEvent(v.event(EventPasskeyEnrolled, subjectOf(u), Details{
			AuthenticationMethods: []string{"passkey"}, Authenticator: authenticatorDetails(k, ""),
		})))
	})
	switch {
	case errors.Is(err, store.ErrCredentialTaken):
		return &apiProblem{status: http.StatusConflict, code: "authentication_method_exists", text: "The passkey is registered already.", cause: err}
	case errors.Is(err, store.ErrTooManyPasskeys):
		return badRequest("%s", words[problemTooManyPasskeys].text).because(err)
	case err != nil:
		return err
	}
	return v.answer(http.StatusCreated, managedMethodOf(k))
}

// importedCredential holds what is sent to what a registration would have been held to.
func (v *visit) importedCredential(asked importRequest, u store.User) (c ceremony.Credential, err error) {
	if asked.Type != "passkey" {
		return c, badRequest("type must be passkey")
	}
	if asked.RelyingParty != "" && !v.site.serves(asked.RelyingParty) {
		return c, badRequest("relying_party_identifier is of none of the custom domains")
	}
	if asked.UserHandle != "" && asked.UserHandle != encode(u.Handle) {
		return c, badRequest("user_handle is not the user's")
	}
	c.ID, err = strictBase64.DecodeString(asked.KeyID)
	if err != nil || len(c.ID) == 0 || len(c.ID) > maxCredentialID {
		return c, badRequest("key_id must be a credential ID in base64url").because(err)
	}
	if c.PublicKey, err = strictBase64.DecodeString(asked.PublicKey); err != nil {
		c.PublicKey, err = base64.StdEncoding.Strict().DecodeString(asked.PublicKey)
	}
	if err == nil {
		err = ceremony.CheckPublicKey(c.PublicKey)
	}
	if err != nil {
		return c, badRequest("public_key must be a COSE key in base64").because(err)
	}
	switch asked.DeviceType {
	case "multi_device":
		c.BackupEligible = true
	case "single_device":
	default:
		return c, badRequest("credential_device_type must be single_device or multi_device")
	}
	if c.BackedUp = asked.BackedUp; c.BackedUp && !c.BackupEligible {
		return c, badRequest("a single_device credential cannot be backed up")
	}
	var model ceremony.AAGUID
	if asked.AAGUID != "" {
		if model, err = ceremony.ParseAAGUID(asked.AAGUID); err != nil {
			return c, badRequest("aaguid is not one").because(err)
		}
	}
	c.AAGUID, c.Transports = model[:], asked.Transports
	return c, nil
}

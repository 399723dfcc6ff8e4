package relyingparty

import (
	"cmp"
	"encoding/base64"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// maxCredentialID bounds credential IDs (WebAuthn L3 §7.1 step 25).
const maxCredentialID = 1023

// importedPasskey is a passkey that was registered elsewhere for an RP ID of the site.
func (v *visit) importedPasskey(asked methodRequest, u store.User) (k store.Passkey, err error) {
	c, err := v.importedCredential(asked, u)
	if err != nil {
		return k, err
	}
	if k, err = v.newPasskey(u.ID, c); err != nil {
		return k, err
	}
	k.RPID, k.Name = cmp.Or(asked.RelyingParty, k.RPID), cmp.Or(asked.Name, k.Name)
	return k, nil
}

// importedCredential holds what is sent to what a registration would have been held to.
func (v *visit) importedCredential(asked methodRequest, u store.User) (c ceremony.Credential, err error) {
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

package client

import (
	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// conveys reports whether the page gets the authenticator's own attestation
// (§5.4.7). "indirect" leaves the choice to the client, and it is not
// anonymised here. No relying party is on a list for enterprise attestation,
// which makes "enterprise" the same as "direct".
func (op *creation) conveys() bool {
	switch op.options.Attestation {
	case webauthn.AttestationIndirect, webauthn.AttestationDirect, webauthn.AttestationEnterprise:
		return true
	}
	return false
}

// attestationFormats is what the authenticator is told to prefer, if it is
// recent enough to say which formats it has (CTAP 2.3 §6.4, member 0x16).
func (op *creation) attestationFormats(a *candidate) []string {
	switch {
	case len(a.info.AttestationFormats) == 0:
		return nil
	case !op.conveys():
		return []string{webauthn.FormatNone}
	}
	return op.options.AttestationFormats
}

// convey builds the attestation object that the page gets, and returns the
// authenticator data in it.
func (op *creation) convey(made *newCredential) (object, authData []byte) {
	o := webauthn.AttestationObject{Format: made.answer.Format, Statement: made.answer.Statement, AuthData: made.answer.AuthData}
	if o.Statement == nil {
		o.Statement = webauthn.EmptyStatement
	}
	if !op.conveys() && !isAnonymousSelfAttestation(made) {
		o.Format, o.Statement = webauthn.FormatNone, webauthn.EmptyStatement
		if op.client.config.ZeroAAGUID {
			o.AuthData = withoutAAGUID(&made.authData)
		}
	}
	return o.Marshal(), o.AuthData
}

// isAnonymousSelfAttestation reports whether an attestation reveals nothing
// about the authenticator: it stays even under conveyance "none".
func isAnonymousSelfAttestation(made *newCredential) bool {
	if made.answer.Format != webauthn.FormatPacked || made.authData.Attested.AAGUID != (webauthn.AAGUID{}) {
		return false
	}
	var members map[string]canon.Raw
	if canon.Unmarshal(made.answer.Statement, &members) != nil {
		return false
	}
	_, certified := members["x5c"]
	return !certified
}

func withoutAAGUID(data *webauthn.AuthenticatorData) []byte {
	anonymous, attested := *data, *data.Attested
	attested.AAGUID = webauthn.AAGUID{}
	anonymous.Attested = &attested
	return anonymous.Marshal()
}

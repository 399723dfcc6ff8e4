package client

import (
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// conveys reports whether the page gets the authenticator's own attestation
// (§5.4.7). "indirect" leaves the choice to the client, and it is not
// anonymised here. "enterprise" is the same as "direct" for relying parties
// that may not have it, and on authenticators that do not give it.
func (op *creation) conveys() bool {
	switch op.options.Attestation {
	case webauthn.AttestationIndirect, webauthn.AttestationDirect, webauthn.AttestationEnterprise:
		return true
	}
	return false
}

// Enterprise is the kind of enterprise attestation that a relying party may have
// (CTAP 2.3 §7.1.3).
type Enterprise uint64

// The kinds.
const (
	NoEnterprise      Enterprise = 0
	VendorFacilitated Enterprise = 1 // where the authenticator has the RP ID on its own list
	PlatformManaged   Enterprise = 2 // on the word of whoever manages the client
)

// enterprise is the CTAP parameter: absent unless the page asks, may have it,
// and the authenticator has it enabled.
func (op *creation) enterprise(a *candidate) *uint64 {
	if op.options.Attestation != webauthn.AttestationEnterprise || op.client.config.Enterprise == nil || !a.info.Option(ctap.OptionEP) {
		return nil
	}
	kind := uint64(op.client.config.Enterprise(op.rpID))
	if kind == uint64(NoEnterprise) {
		return nil
	}
	return &kind
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
			o.AuthData = withoutAAGUID(made.authData)
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

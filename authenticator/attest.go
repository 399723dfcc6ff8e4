package authenticator

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/passkeylab/passkeylab/webauthn"
)

// attest is step 19 of makeCredential: the authenticator data of the new
// credential and the statement about it.
func (op *makeCredential) attest(context.Context) error {
	cose, err := op.key.cose()
	if err != nil {
		return err
	}
	data := webauthn.AuthenticatorData{
		RPIDHash:  sha256.Sum256([]byte(op.req.RP.ID)),
		Flags:     op.credential.flags().With(webauthn.UserPresent, op.present).With(webauthn.UserVerified, op.verified),
		SignCount: op.signCount,
		Attested: &webauthn.AttestedCredential{
			AAGUID:       op.a.model.AAGUID,
			CredentialID: op.credential.ID,
			PublicKey:    cose,
		},
	}
	op.resp.AuthData = op.a.active.authData(data.Marshal())
	if op.attestationFormat() == webauthn.FormatNone {
		op.resp.Format, op.resp.Statement = webauthn.FormatNone, webauthn.EmptyStatement
		return nil
	}
	return op.selfAttest()
}

// attestationFormat follows the platform's preference only where it is exactly
// ["none"]: a device with one format has no other choice to offer.
func (op *makeCredential) attestationFormat() string {
	if p := op.req.AttestationFormatsPreference; len(p) == 1 && p[0] == webauthn.FormatNone {
		return webauthn.FormatNone
	}
	return op.a.model.AttestationFormat
}

// selfAttest signs with the credential's own key (WebAuthn L3 §8.2).
func (op *makeCredential) selfAttest() error {
	signature, err := op.a.sign(op.key, op.resp.AuthData, op.req.ClientDataHash)
	if err != nil {
		return err
	}
	op.resp.Format = webauthn.FormatPacked
	op.resp.Statement = (&webauthn.PackedStatement{Algorithm: op.algorithm, Signature: signature}).Marshal()
	return nil
}

// sign signs authData ‖ clientDataHash.
func (a *Authenticator) sign(k *key, authData, clientDataHash []byte) ([]byte, error) {
	message := make([]byte, 0, len(authData)+len(clientDataHash))
	message = append(append(message, authData...), clientDataHash...)
	signature, err := k.sign(message)
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	return a.active.sign(message, signature), nil
}

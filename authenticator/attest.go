package authenticator

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/ctap/u2f"
	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// attest is step 19 of makeCredential: the authenticator data of the new
// credential and the statement about it.
func (op *makeCredential) attest(ctx context.Context) error {
	cose, err := op.key.cose()
	if err != nil {
		return err
	}
	format := op.attestationFormat()
	out, signed, err := run(ctx, op.due, op.credential)
	if err != nil {
		return err
	}
	data := webauthn.AuthenticatorData{
		RPIDHash:  rpIDHash(op.req.RP.ID),
		Flags:     op.credential.flags().With(webauthn.UserPresent, op.present).With(webauthn.UserVerified, op.verified),
		SignCount: op.signCount,
		Attested: &webauthn.AttestedCredential{
			AAGUID:       op.a.model.AAGUID,
			CredentialID: op.credential.ID,
			PublicKey:    cose,
		},
		Extensions: signed,
	}
	op.resp.AuthData = op.a.active.authData(data.Marshal())
	op.resp.LargeBlobKey, op.resp.UnsignedExtensionOutputs = out.largeBlobKey, out.unsigned
	return op.state(format, data.Attested)
}

// attestationFormat follows the platform's preference where there is a choice,
// and where it is exactly ["none"], which wins over enterprise attestation too:
// whoever asks for no attestation wants to stay unknown.
func (op *makeCredential) attestationFormat() string {
	wanted := op.req.AttestationFormatsPreference
	if len(wanted) == 1 && wanted[0] == webauthn.FormatNone {
		op.enterprise = false
		return webauthn.FormatNone
	}
	if op.enterprise {
		return op.a.model.Enterprise.format()
	}
	possible := op.a.model.AttestationFormats
	if op.algorithm != webauthn.ES256 { // U2F knows no other
		possible = slices.DeleteFunc(slices.Clone(possible), func(f string) bool { return f == webauthn.FormatFIDOU2F })
	}
	for _, format := range wanted {
		if slices.Contains(possible, format) {
			return format
		}
	}
	if len(possible) == 0 {
		return webauthn.FormatNone
	}
	return possible[0]
}

// state has an attester make the statement, or makes it without one.
func (op *makeCredential) state(format string, about *webauthn.AttestedCredential) (err error) {
	op.resp.EnterpriseAttestation = op.enterprise
	if by := op.attester(format); by != nil {
		op.resp.Format = by.Format()
		op.resp.Statement, err = by.Attest(op.subject(about))
		return err
	}
	op.resp.Format = format
	op.resp.Statement, err = op.statement(format, about.PublicKey)
	return err
}

func (op *makeCredential) statement(format string, cose []byte) (canon.Raw, error) {
	switch {
	case format == webauthn.FormatNone:
		return webauthn.EmptyStatement, nil
	case format == webauthn.FormatFIDOU2F:
		return op.attestU2F(cose)
	case op.enterprise:
		return op.attestBy(op.a.model.Enterprise.Key)
	case op.a.model.Attestation != nil:
		return op.attestBy(op.a.model.Attestation)
	}
	return op.selfAttest()
}

// selfAttest signs with the credential's own key (WebAuthn L3 §8.2).
func (op *makeCredential) selfAttest() (canon.Raw, error) {
	signature, err := op.a.sign(op.key, op.resp.AuthData, op.req.ClientDataHash)
	if err != nil {
		return nil, err
	}
	return (&webauthn.PackedStatement{Algorithm: op.algorithm, Signature: signature}).Marshal(), nil
}

// attestBy signs with a key of the maker (§8.2).
func (op *makeCredential) attestBy(k *AttestationKey) (canon.Raw, error) {
	private, err := op.a.attestationKey(k)
	if err != nil {
		return nil, err
	}
	signature, err := op.a.sign(private, op.resp.AuthData, op.req.ClientDataHash)
	if err != nil {
		return nil, err
	}
	return (&webauthn.PackedStatement{Algorithm: k.Algorithm, Signature: signature, X5C: k.Certificates}).Marshal(), nil
}

// attestU2F signs what a U2F registration signs (§8.6).
func (op *makeCredential) attestU2F(cose []byte) (canon.Raw, error) {
	point, ok := webauthn.AppendES256Point(nil, cose)
	if !ok {
		return nil, errors.New("fido-u2f attestation is for ES256 alone")
	}
	maker, challenge := op.a.model.Attestation, u2f.Parameter(op.req.ClientDataHash)
	private, err := op.a.attestationKey(maker)
	if err != nil {
		return nil, err
	}
	signature, err := op.a.signMessage(private, u2f.RegistrationSigned(rpIDHash(op.req.RP.ID), challenge, op.credential.ID, point))
	if err != nil {
		return nil, err
	}
	return canon.Marshal(&webauthn.FIDOU2FStatement{X5C: maker.Certificates[:1], Signature: signature})
}

// sign signs authData ‖ clientDataHash.
func (a *Authenticator) sign(k *key, authData, clientDataHash []byte) ([]byte, error) {
	message := make([]byte, 0, len(authData)+len(clientDataHash))
	return a.signMessage(k, append(append(message, authData...), clientDataHash...))
}

func (a *Authenticator) signMessage(k *key, message []byte) ([]byte, error) {
	signature, err := k.sign(message)
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	return a.active.sign(message, signature), nil
}

// rpIDHash is SHA-256 of an RP ID, by which devices know it.
func rpIDHash(rpID string) [32]byte { return sha256.Sum256([]byte(rpID)) }

package authenticator

import (
	"errors"
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

var errNoU2FCertificate = errors.New("its statement has no certificate, without which there is no registration (U2F §4.3); attest with one that has x5c, such as of attestation.FIDOU2F")

// attester is who makes a model's statements of a format, nil for nobody.
func (m *Model) attester(format string) attestation.Attester {
	for _, a := range m.Attesters {
		if a.Format() == format {
			return a
		}
	}
	return nil
}

// checkFormats refuses formats that nobody here makes statements of, and attesters
// that nobody would ask.
func (m *Model) checkFormats() error {
	own := []string{webauthn.FormatPacked, webauthn.FormatFIDOU2F}
	for _, format := range m.AttestationFormats {
		alone := format == webauthn.FormatNone && len(m.AttestationFormats) == 1
		if !alone && !slices.Contains(own, format) && (format == webauthn.FormatNone || m.attester(format) == nil) {
			return fmt.Errorf("authenticator: model %q: AttestationFormats: %q is none of %q, nor %q alone, and no Attester makes its statements: add one to Attesters, or take the format out", m.Name, format, own, webauthn.FormatNone)
		}
	}
	for i, a := range m.Attesters {
		if first := slices.IndexFunc(m.Attesters, func(other attestation.Attester) bool { return other.Format() == a.Format() }); first < i {
			return fmt.Errorf("authenticator: model %q: Attesters[%d] makes statements of %q, as Attesters[%d] does: take one of them out", m.Name, i, a.Format(), first)
		}
		if !m.attests(a.Format()) {
			return fmt.Errorf("authenticator: model %q: Attesters[%d] makes statements of %q, which is not in AttestationFormats %q: nobody would ask for them; add the format, or take the attester out", m.Name, i, a.Format(), m.AttestationFormats)
		}
	}
	return nil
}

// format is that of statements which identify the device.
func (e *EnterpriseFeatures) format() string {
	if e.Attester != nil {
		return e.Attester.Format()
	}
	return webauthn.FormatPacked
}

// attester is who makes the statement, nil where it takes none: for an
// [AttestationKey], and for what is made often and without, as long as no seam wants to
// see who makes it.
func (op *makeCredential) attester(format string) attestation.Attester {
	m := op.a.model
	by := m.attester(format)
	if op.enterprise {
		by = m.Enterprise.Attester
	}
	if by == nil && op.a.active.watchAttesters() {
		switch {
		case format == webauthn.FormatNone:
			by = attestation.None()
		case format == webauthn.FormatPacked && !op.enterprise && m.Attestation == nil:
			by = attestation.PackedSelf()
		}
	}
	if by == nil {
		return nil
	}
	return op.a.active.attester(by)
}

// subject is what the statement is about.
func (op *makeCredential) subject(about *webauthn.AttestedCredential) *attestation.Subject {
	kept := *about // so that it need not be on the heap where there is no attester
	return &attestation.Subject{
		AuthData: op.resp.AuthData, ClientDataHash: op.req.ClientDataHash, Time: op.a.env.Clock.Now(), Credential: &kept,
		Sign: func(message []byte) ([]byte, error) { return op.a.signMessage(op.key, message) },
	}
}

// attestBy has an attester of fido-u2f sign a registration, which signs what the
// statement does (WebAuthn L3 §8.6).
func (op *registerU2F) attestBy(by attestation.Attester) error {
	cose, err := op.key.cose()
	if err != nil {
		return err
	}
	data := webauthn.AuthenticatorData{
		RPIDHash: op.req.Application, Flags: webauthn.Flags(0).With(webauthn.UserPresent, true),
		Attested: &webauthn.AttestedCredential{CredentialID: op.resp.KeyHandle, PublicKey: cose},
	}
	made, err := by.Attest(&attestation.Subject{
		AuthData: data.Marshal(), ClientDataHash: op.req.Challenge[:], Time: op.a.env.Clock.Now(), Credential: data.Attested,
		Sign: func(message []byte) ([]byte, error) { return op.a.signMessage(op.key, message) },
	})
	if err != nil {
		return fmt.Errorf("the attester of %q: %w", by.Format(), err)
	}
	var statement webauthn.FIDOU2FStatement
	if err := canon.Unmarshal(made, &statement); err != nil {
		return fmt.Errorf("the attester of %q: what it made is no statement of %s (WebAuthn L3 §8.6): %w", by.Format(), webauthn.FormatFIDOU2F, err)
	}
	if len(statement.X5C) == 0 {
		return fmt.Errorf("the attester of %q: %w", by.Format(), errNoU2FCertificate)
	}
	op.resp.Certificate, op.resp.Signature = statement.X5C[0], statement.Signature
	return nil
}

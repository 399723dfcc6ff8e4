package attestation

import (
	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// packedSelf attests with the credential's own key (§8.2).
type packedSelf struct{ bend bend[selfDraft] }

// selfDraft is a self attestation being made.
type selfDraft struct {
	about     *Subject
	algorithm webauthn.Algorithm
	message   []byte
	sign      func([]byte) ([]byte, error)
	statement statement
}

// PackedSelf returns an attester that vouches for nothing but that the authenticator
// has the credential's private key.
func PackedSelf() Attester { return packedSelf{} }

func (packedSelf) Format() string { return webauthn.FormatPacked }

func (p packedSelf) Attest(about *Subject) (canon.Raw, error) {
	c, err := about.credential()
	if err != nil {
		return nil, err
	}
	draft := selfDraft{about: about, algorithm: c.algorithm, message: about.message(), sign: about.Sign}
	p.bend.shaped(&draft)
	signature, err := draft.sign(draft.message)
	if err != nil {
		return nil, err
	}
	draft.statement = statement{"alg": int64(draft.algorithm), "sig": signature}
	p.bend.spoiled(&draft)
	return draft.statement.encode()
}

func (p packedSelf) broken(b any) (Attester, bool) {
	bent, ok := b.(bend[selfDraft])
	return packedSelf{bent}, ok
}

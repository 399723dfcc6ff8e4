package attestation

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509/pkix"
	"errors"
	"slices"
	"time"

	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// FIDOU2FOptions describe the batch that a U2F attestation certificate is for. U2F
// knows no AAGUID.
type FIDOU2FOptions struct {
	Subject  pkix.Name
	Extra    []pkix.Extension // a maker's own
	From, To time.Time        // validity; zero = as the authority
}

// fidoU2F attests as U2F devices do at registration (§8.6).
type fidoU2F struct {
	options FIDOU2FOptions
	issuer  *Authority
	key     *Key
	bend    bend[u2fDraft]
}

// u2fDraft is a fido-u2f statement being made.
type u2fDraft struct {
	chained
	key     *Key
	message u2fMessage
}

// u2fMessage is what a U2F registration signs (FIDO U2F Raw Message Formats §4.3).
type u2fMessage struct {
	reserved           byte
	application        []byte // hash of the RP ID
	challenge          []byte // hash of the client data
	keyHandle          []byte
	userPublicKey      []byte // uncompressed point
	leavesReservedAway bool
}

func (m *u2fMessage) bytes() []byte {
	rest := slices.Concat(m.application, m.challenge, m.keyHandle, m.userPublicKey)
	if m.leavesReservedAway {
		return rest
	}
	return append([]byte{m.reserved}, rest...)
}

var errNotES256 = errors.New("attestation: fido-u2f attests to keys of ES256 alone")

// FIDOU2F returns an attester with a batch key of ES256, the only algorithm of U2F,
// and a certificate that issuer gives it.
func FIDOU2F(issuer *Authority, o FIDOU2FOptions) (Attester, error) {
	key, err := NewKey(issuer.ca.secret, "fido-u2f "+o.Subject.String(), webauthn.ES256)
	if err != nil {
		return nil, err
	}
	return &fidoU2F{options: o, issuer: issuer, key: key}, nil
}

func (u *fidoU2F) Format() string { return webauthn.FormatFIDOU2F }

func (u *fidoU2F) Attest(about *Subject) (canon.Raw, error) {
	c, err := about.credential()
	if err != nil {
		return nil, err
	}
	public, ok := c.public.(*ecdsa.PublicKey)
	if !ok || public.Curve != elliptic.P256() || c.algorithm != webauthn.ES256 {
		return nil, errNotES256
	}
	point, err := public.Bytes()
	if err != nil {
		return nil, err
	}
	draft := u2fDraft{key: u.key, message: u2fMessage{
		application: c.RPIDHash[:], challenge: about.ClientDataHash, keyHandle: c.Attested.CredentialID, userPublicKey: point,
	}}
	draft.about = about
	draft.leaf = leaf{batchTemplate(u.issuer, u.options.Subject, u.options.From, u.options.To, slices.Clone(u.options.Extra)), u.key.Public(), u.issuer}
	draft.rearrange = func(x5c [][]byte, _ *Authority) [][]byte { return x5c[:1] } // whoever verifies has the rest
	u.bend.shaped(&draft)
	x5c, err := draft.x5c()
	if err != nil {
		return nil, err
	}
	signature, err := draft.key.Sign(draft.message.bytes())
	if err != nil {
		return nil, err
	}
	draft.statement = statement{"sig": signature, "x5c": x5c}
	u.bend.spoiled(&draft)
	return draft.statement.encode()
}

func (u *fidoU2F) broken(b any) (Attester, bool) {
	bent, ok := b.(bend[u2fDraft])
	copied := *u
	copied.bend = bent
	return &copied, ok
}

package attestation

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"slices"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// PackedOptions describe the batch that a packed attestation certificate is for
// (§8.2.1). With a [SerialExtension] the batch is one device, and the attestation
// enterprise attestation (§8.2.2).
type PackedOptions struct {
	AAGUID    webauthn.AAGUID    // in the certificate's extension; zero = no such extension
	Subject   pkix.Name          // with the organizational unit that §8.2.1 demands
	Algorithm webauthn.Algorithm // of the attestation key; 0 = ES256
	Extra     []pkix.Extension   // a maker's own
	From, To  time.Time          // validity; zero = as the authority
}

// packed attests with the key of a batch (§8.2).
type packed struct {
	options PackedOptions
	issuer  *Authority
	key     *Key
	issue   func() ([][]byte, error)
	bend    bend[packedDraft]
}

// packedDraft is a packed statement being made.
type packedDraft struct {
	chained
	algorithm webauthn.Algorithm // member alg
	key       *Key
	message   []byte // to be signed
}

// otherThan is the first algorithm, or the second where the first is this one.
func otherThan(this, first, second webauthn.Algorithm) webauthn.Algorithm {
	if this == first {
		return second
	}
	return first
}

// Packed returns an attester with a batch key and a certificate that issuer gives
// it: basic attestation, or enterprise attestation where the options name a device.
func Packed(issuer *Authority, o PackedOptions) (Attester, error) {
	if o.Algorithm == 0 {
		o.Algorithm = webauthn.ES256
	}
	key, err := NewKey(issuer.ca.secret, "packed "+o.AAGUID.String()+" "+o.Subject.String(), o.Algorithm)
	if err != nil {
		return nil, err
	}
	p := &packed{options: o, issuer: issuer, key: key}
	p.issue = sync.OnceValues(func() ([][]byte, error) {
		l := p.leaf()
		return l.x5c()
	})
	return p, nil
}

func (p *packed) Format() string { return webauthn.FormatPacked }

func (p *packed) leaf() leaf {
	extensions := slices.Clone(p.options.Extra)
	if p.options.AAGUID != (webauthn.AAGUID{}) {
		extensions = append(extensions, aaguidExtension(p.options.AAGUID))
	}
	return leaf{batchTemplate(p.issuer, p.options.Subject, p.options.From, p.options.To, extensions), p.key.Public(), p.issuer}
}

// batchTemplate is what a certificate for a batch of security keys says.
func batchTemplate(issuer *Authority, subject pkix.Name, from, to time.Time, extensions []pkix.Extension) *x509.Certificate {
	if from.IsZero() {
		from, to = issuer.certificate.NotBefore, issuer.certificate.NotAfter
	}
	return &x509.Certificate{Subject: subject, NotBefore: from, NotAfter: to, BasicConstraintsValid: true, ExtraExtensions: extensions}
}

func (p *packed) Attest(about *Subject) (canon.Raw, error) {
	draft := packedDraft{algorithm: p.key.Algorithm, key: p.key, message: about.message()}
	draft.about, draft.leaf = about, p.leaf()
	issue := p.issue
	if p.bend.shape != nil {
		p.bend.shaped(&draft)
		issue = draft.x5c
	}
	x5c, err := issue()
	if err != nil {
		return nil, err
	}
	signature, err := draft.key.Sign(draft.message)
	if err != nil {
		return nil, err
	}
	draft.statement = statement{"alg": int64(draft.algorithm), "sig": signature, "x5c": x5c}
	p.bend.spoiled(&draft)
	return draft.statement.encode()
}

func (p *packed) broken(b any) (Attester, bool) {
	bent, ok := b.(bend[packedDraft])
	copied := *p
	copied.bend = bent
	return &copied, ok
}

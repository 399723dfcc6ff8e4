package attestation

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// PackedOptions describe the batch that a packed attestation certificate is for
// (§8.2.1).
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
	about     *Subject
	algorithm webauthn.Algorithm // member alg
	key       *Key
	leaf      leaf
	message   []byte // to be signed
	statement statement
}

var oidAAGUID = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 45724, 1, 1, 4} // id-fido-gen-ce-aaguid

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
	from, to := p.issuer.certificate.NotBefore, p.issuer.certificate.NotAfter
	if !p.options.From.IsZero() {
		from, to = p.options.From, p.options.To
	}
	template := &x509.Certificate{
		Subject: p.options.Subject, NotBefore: from, NotAfter: to, BasicConstraintsValid: true,
		ExtraExtensions: p.options.Extra,
	}
	if p.options.AAGUID != (webauthn.AAGUID{}) {
		template.ExtraExtensions = append(template.ExtraExtensions[:len(template.ExtraExtensions):len(template.ExtraExtensions)], aaguidExtension(p.options.AAGUID))
	}
	return leaf{template, p.key.Public(), p.issuer}
}

// aaguidExtension wraps the AAGUID in two OCTET STRINGs, of which this is the inner.
func aaguidExtension(id webauthn.AAGUID) pkix.Extension {
	return pkix.Extension{Id: oidAAGUID, Value: append([]byte{asn1.TagOctetString, byte(len(id))}, id[:]...)}
}

func (p *packed) Attest(about *Subject) (canon.Raw, error) {
	draft := packedDraft{about: about, algorithm: p.key.Algorithm, key: p.key, leaf: p.leaf(), message: about.message()}
	issue := p.issue
	if p.bend.shape != nil {
		p.bend.shaped(&draft)
		issue = draft.leaf.x5c
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

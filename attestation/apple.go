package attestation

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"time"

	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// AppleOptions describe how an anonymization CA names what it certifies.
type AppleOptions struct {
	// Subject is the certificate's, behind the common name that is drawn for each
	// credential.
	Subject pkix.Name
	// Algorithm has the statement carry the member alg, as what Apple's devices sent
	// does, though §8.8 knows no such member.
	Algorithm bool
}

// apple has a certificate made for each credential (§8.8). The certificate is the
// attestation: there is no signature besides.
type apple struct {
	options AppleOptions
	issuer  *Authority
	bend    bend[appleDraft]
}

// appleDraft is an apple statement being made.
type appleDraft struct {
	chained
	nonced []byte // hashed into the nonce
	wrap   func(nonce []byte) pkix.Extension
}

// Apple returns an attester that has issuer, an anonymization CA, certify every
// credential for about a day.
func Apple(issuer *Authority, o AppleOptions) Attester { return &apple{options: o, issuer: issuer} }

func (a *apple) Format() string { return webauthn.FormatApple }

// Validity of Apple's certificates, as seen in those of its devices.
const (
	appleBefore = 24 * time.Hour
	appleAfter  = 10 * time.Minute
)

func (a *apple) leaf(about *Subject, c *credential) leaf {
	id := sha256.Sum256(c.Attested.CredentialID)
	subject := named(append([]attribute{{Type: commonName, Value: hex.EncodeToString(id[:])}}, attributesOf(a.options.Subject)...)...)
	now := about.Time.UTC().Truncate(time.Second)
	return leaf{&x509.Certificate{
		Subject: subject, NotBefore: now.Add(-appleBefore), NotAfter: now.Add(appleAfter), BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment | x509.KeyUsageKeyEncipherment | x509.KeyUsageDataEncipherment,
	}, c.public, a.issuer}
}

// attributesOf is the attributes of a name in their order.
func attributesOf(name pkix.Name) []attribute {
	var all []attribute
	for _, set := range name.ToRDNSequence() {
		all = append(all, set...)
	}
	return all
}

// appleNonce puts the nonce into SEQUENCE { [1] { OCTET STRING } }.
func appleNonce(nonce []byte) pkix.Extension {
	inner := tagged(cbasn1.Tag(1).Constructed().ContextSpecific(), octets(nonce))
	return pkix.Extension{Id: oidAppleNonce, Value: tagged(cbasn1.SEQUENCE, inner)}
}

func (a *apple) Attest(about *Subject) (canon.Raw, error) {
	c, err := about.credential()
	if err != nil {
		return nil, err
	}
	draft := appleDraft{nonced: about.message(), wrap: appleNonce}
	draft.about, draft.leaf = about, a.leaf(about, c)
	a.bend.shaped(&draft)
	if draft.wrap != nil {
		nonce := sha256.Sum256(draft.nonced)
		draft.leaf.template.ExtraExtensions = append(draft.leaf.template.ExtraExtensions, draft.wrap(nonce[:]))
	}
	x5c, err := draft.x5c()
	if err != nil {
		return nil, err
	}
	draft.statement = statement{"x5c": x5c}
	if a.options.Algorithm {
		draft.statement["alg"] = int64(c.algorithm)
	}
	a.bend.spoiled(&draft)
	return draft.statement.encode()
}

func (a *apple) broken(b any) (Attester, bool) {
	bent, ok := b.(bend[appleDraft])
	copied := *a
	copied.bend = bent
	return &copied, ok
}

// publicOf is the public half of a key that has nothing to do with the credential.
func publicOf(secret []byte, name string) crypto.PublicKey {
	key, err := NewKey(secret, name, webauthn.ES256)
	if err != nil {
		return nil // of a constant algorithm, so that there is none
	}
	return key.Public()
}

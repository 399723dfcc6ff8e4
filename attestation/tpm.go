package attestation

import (
	"cmp"
	"crypto"
	"crypto/x509/pkix"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// TPMOptions describe a TPM, the keys it makes and the certificate of the key that
// it attests with (§8.3). The zero value is a TPM of Nuvoton's under Windows Hello.
type TPMOptions struct {
	Serial string // sets TPMs of one vendor apart; it is in no statement
	Vendor TPMVendor
	Naming TPMNaming // how the certificate names the vendor

	// Algorithm is what the attestation key signs with: RS1, as under Windows, where
	// it is 0; RS256 or ES256. The credential's own algorithm is another matter.
	Algorithm webauthn.Algorithm

	// NameAlg names credential keys: SHA-1, -256 (where it is 0), -384 or -512.
	// SimpleWebAuthn 14.0 refuses SHA-1.
	NameAlg crypto.Hash

	Attributes TPMAttributes // of credential keys; 0 = as under Windows
	AuthPolicy []byte        // likewise; nil = as under Windows, empty = none

	// NamesScheme has public areas say which signature scheme the key is bound to.
	// Windows does not bind keys. A TPM binds only keys that do nothing but sign.
	// SimpleWebAuthn 14.0 and python-fido2 2.2 cannot read such areas.
	NamesScheme bool

	AAGUID   webauthn.AAGUID  // in an extension of the certificate; zero = no such extension, as under Windows
	Extra    []pkix.Extension // of the certificate
	From, To time.Time        // its validity; zero = as the authority
}

// tpm attests with the attestation key of a TPM.
type tpm struct {
	options TPMOptions
	issuer  *Authority
	state   tpmState
	key     func() (*Key, error)
	signer  func() ([]byte, error)   // qualified name of key
	issue   func() ([][]byte, error) // x5c
	bend    bend[tpmDraft]
	bent    bool // a bend may want to see the certificate, which others only have issued once
}

// tpmDraft is a tpm statement being made. Whatever is nil when its turn comes is
// made of the rest.
type tpmDraft struct {
	aik        // where there is a bend; about and statement always
	credential *credential
	algorithm  webauthn.Algorithm // member alg
	hash       crypto.Hash        // of extraData
	message    []byte             // hashed into extraData
	key        *Key               // signs certInfo
	area       tpmPublic
	info       tpmAttest

	encodeArea func([]byte) []byte // what becomes of the public area's encoding
	encodeInfo func([]byte) []byte // likewise, before it is signed
	signed     []byte              // in place of certInfo
}

// TPM returns an attester with an attestation key that issuer certifies
// (attestation type AttCA). The key is drawn when the first statement is made, which
// takes a while where it is an RSA key.
//
// The text of §8.3 calls sig a TPMT_SIGNATURE. What authenticators send, what the
// vectors of §16 have and what verifiers expect is the signature without that
// structure around it, in the form of §6.5.5: PKCS #1's octets for RSA, DER for
// ECDSA. Statements have that form.
func TPM(issuer *Authority, o TPMOptions) (Attester, error) {
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	state, err := drawTPMState(issuer.ca.secret, o.identity())
	if err != nil {
		return nil, err
	}
	t := &tpm{options: o, issuer: issuer, state: state}
	t.key = sync.OnceValues(func() (*Key, error) { return NewKey(issuer.ca.secret, o.identity(), o.Algorithm) })
	t.signer = sync.OnceValues(t.qualifiedSigner)
	t.issue = sync.OnceValues(t.x5c)
	return t, nil
}

// identity names the TPM: equal ones have equal keys.
func (o *TPMOptions) identity() string {
	return fmt.Sprintf("tpm %s %s %s", o.Vendor.ID, o.Vendor.Model, o.Serial)
}

// complete fills in what Windows would have, and refuses what no TPM has.
func (o TPMOptions) complete() (TPMOptions, error) {
	if o.Vendor == (TPMVendor{}) {
		o.Vendor = nuvoton
	}
	o.Vendor.Model, o.Vendor.Version = cmp.Or(o.Vendor.Model, anyTPMModel), cmp.Or(o.Vendor.Version, anyTPMVersion)
	o.Algorithm, o.NameAlg = cmp.Or(o.Algorithm, webauthn.RS1), cmp.Or(o.NameAlg, crypto.SHA256)
	if !slices.Contains([]webauthn.Algorithm{webauthn.RS1, webauthn.RS256, webauthn.ES256}, o.Algorithm) {
		return o, fmt.Errorf("attestation: attestation keys of TPMs sign with RS1, RS256 or ES256, not %s", o.Algorithm)
	}
	if _, ok := tpmHashes[o.NameAlg]; !ok {
		return o, fmt.Errorf("attestation: TPMs do not name keys with %s", o.NameAlg)
	}
	if o.AuthPolicy == nil {
		o.AuthPolicy = windowsPolicy(o.NameAlg)
	}
	if len(o.AuthPolicy) != 0 && len(o.AuthPolicy) != o.NameAlg.Size() {
		return o, fmt.Errorf("attestation: an authPolicy is a digest of nameAlg, of %d bytes, not of %d", o.NameAlg.Size(), len(o.AuthPolicy))
	}
	if o.NamesScheme && o.Attributes&TPMDecrypt != 0 {
		return o, fmt.Errorf("attestation: a key that also decrypts is bound to no scheme")
	}
	return o, nil
}

func (t *tpm) Format() string { return webauthn.FormatTPM }

func (t *tpm) Attest(about *Subject) (canon.Raw, error) {
	draft, err := t.draft(about)
	if err != nil {
		return nil, err
	}
	issue := t.issue
	if t.bend.shape != nil {
		issue = draft.x5c
	}
	t.bend.shaped(draft)
	x5c, err := issue()
	if err != nil {
		return nil, err
	}
	if err := draft.certify(x5c); err != nil {
		return nil, err
	}
	t.bend.spoiled(draft)
	return draft.statement.encode()
}

func (t *tpm) draft(about *Subject) (*tpmDraft, error) {
	c, err := about.credential()
	if err != nil {
		return nil, err
	}
	area, err := t.options.area(c)
	if err != nil {
		return nil, err
	}
	key, err := t.key()
	if err != nil {
		return nil, err
	}
	signer, err := t.signer()
	if err != nil {
		return nil, err
	}
	draft := &tpmDraft{
		credential: c, algorithm: key.Algorithm, hash: algorithms[key.Algorithm].hash, message: about.message(),
		key: key, area: area, info: t.state.attest(signer, about.Time.Sub(t.issuer.ca.now)),
	}
	if t.bent {
		draft.aik = t.options.aik(t.issuer, key.Public())
	}
	draft.about = about
	return draft, nil
}

// certify makes the members of the statement as TPM2_Certify does (TPM 2.0 Part 3,
// 18.2): public area, its name, what is attested, signature.
func (d *tpmDraft) certify(x5c [][]byte) error {
	area := d.area.encode()
	if d.encodeArea != nil {
		area = d.encodeArea(area)
	}
	if d.info.extraData == nil {
		d.info.extraData = digest(d.hash, d.message)
	}
	if d.info.name == nil {
		d.info.name = tpmName(d.area.nameAlg, area)
	}
	if d.info.qualifiedName == nil {
		d.info.qualifiedName = qualifiedName(d.area.nameAlg, d.info.parent, d.info.name)
	}
	info := d.info.encode()
	if d.encodeInfo != nil {
		info = d.encodeInfo(info)
	}
	signed := d.signed
	if signed == nil {
		signed = info
	}
	signature, err := d.key.Sign(signed)
	if err != nil {
		return fmt.Errorf("attestation: %w", err)
	}
	d.statement = statement{
		"ver": tpmVersion, "alg": int64(d.algorithm), "x5c": x5c, "sig": signature, "certInfo": info, "pubArea": area,
	}
	return nil
}

// tpmVersion is the only version of statements there is (§8.3).
const tpmVersion = "2.0"

func (t *tpm) broken(b any) (Attester, bool) {
	bent, ok := b.(bend[tpmDraft])
	copied := *t
	copied.bend, copied.bent = bent, true
	return &copied, ok
}

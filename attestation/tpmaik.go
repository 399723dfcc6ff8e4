package attestation

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/passkeylab/passkeylab/webauthn"
)

var (
	oidAIK             = asn1.ObjectIdentifier{2, 23, 133, 8, 3}              // tcg-kp-AIKCertificate
	oidEK              = asn1.ObjectIdentifier{2, 23, 133, 8, 1}              // tcg-kp-EKCertificate
	oidAIKIssuer       = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 311, 21, 36} // Microsoft's, on authorities
	oidTPMPolicy       = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 311, 21, 31} // Microsoft's, for the identity of a TPM
	oidUserNotice      = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 2, 2}     // id-qt-unotice
	oidAltName         = asn1.ObjectIdentifier{2, 5, 29, 17}                  // subjectAltName
	oidPolicies        = asn1.ObjectIdentifier{2, 5, 29, 32}                  // certificatePolicies
	oidTPMManufacturer = asn1.ObjectIdentifier{2, 23, 133, 2, 1}              // tcg-at-tpmManufacturer
	oidTPMModel        = asn1.ObjectIdentifier{2, 23, 133, 2, 2}              // tcg-at-tpmModel
	oidTPMVersion      = asn1.ObjectIdentifier{2, 23, 133, 2, 3}              // tcg-at-tpmVersion
)

// tpmNotice is the notice that the policy of these certificates comes with.
const tpmNotice = "passkeylab  TPM  identity  for  tests"

// TPMNaming is how the subject alternative name groups manufacturer, model and
// version. Certificates of all these shapes are in use.
type TPMNaming int

const (
	TPMNamesApart    TPMNaming = iota // one relative name for each, manufacturer first
	TPMNamesReversed                  // likewise, version first
	TPMNamesTogether                  // one relative name of three values, in DER's order of a set
)

// aik is the certificate of an attestation key before it is issued.
type aik struct {
	chained
	san *tpmSAN // nil = without
}

// aik describes the certificate of a key (§8.3.1), in the shape of those that
// Microsoft issues for Windows.
func (o *TPMOptions) aik(issuer *Authority, public crypto.PublicKey) aik {
	from, to := issuer.certificate.NotBefore, issuer.certificate.NotAfter
	if !o.From.IsZero() {
		from, to = o.From, o.To
	}
	template := &x509.Certificate{
		NotBefore: from, NotAfter: to, KeyUsage: x509.KeyUsageDigitalSignature, BasicConstraintsValid: true,
		UnknownExtKeyUsage:    []asn1.ObjectIdentifier{oidAIK},
		IssuingCertificateURL: []string{tpmRepository + url.PathEscape(strings.ToLower(issuer.certificate.Subject.CommonName)) + ".cer"},
		ExtraExtensions:       append([]pkix.Extension{tpmPolicy(tpmNotice)}, o.Extra...),
	}
	if o.AAGUID != (webauthn.AAGUID{}) {
		template.ExtraExtensions = append(template.ExtraExtensions, aaguidExtension(o.AAGUID))
	}
	return aik{chained{leaf: leaf{template, public, issuer}}, o.Vendor.san(o.Naming)}
}

// tpmRepository is where certificates say that those above them are. Nothing
// answers there.
const tpmRepository = "http://tpm.passkeylab.test/"

// x5c issues the certificate and puts it before what is above it.
func (c *aik) x5c() ([][]byte, error) {
	template := *c.leaf.template
	c.leaf.template = &template
	var err error
	if template.SubjectKeyId, err = keyIdentifier(c.leaf.public); err != nil {
		return nil, err
	}
	if c.san != nil {
		template.ExtraExtensions = append(slices.Clip(template.ExtraExtensions), c.san.extension())
	}
	return c.chained.x5c()
}

// keyIdentifier names a key by SHA-1, as all of these certificates do (RFC 5280
// §4.2.1.2, method 1).
func keyIdentifier(public crypto.PublicKey) ([]byte, error) {
	der, err := spki(public)
	if err != nil {
		return nil, err
	}
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		return nil, fmt.Errorf("attestation: %w", err)
	}
	return digest(crypto.SHA1, info.Key.Bytes), nil
}

func (t *tpm) x5c() ([][]byte, error) {
	key, err := t.key()
	if err != nil {
		return nil, err
	}
	c := t.options.aik(t.issuer, key.Public())
	return c.x5c()
}

// CertifyTPM issues the certificate of an attestation key that a TPM made, rather than
// one made here, and returns it with what is above it, as in x5c. Of the options it
// needs what is about the certificate.
func CertifyTPM(issuer *Authority, o TPMOptions, key crypto.PublicKey) ([][]byte, error) {
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	c := o.aik(issuer, key)
	return c.x5c()
}

// tpmSAN is the subject alternative name of an attestation key: a directory name
// (TCG EK Credential Profile, 3.2.9). It is critical, as the subject is empty
// (RFC 5280 §4.2.1.6).
type tpmSAN struct {
	naming   TPMNaming
	parts    []tpmPart // manufacturer, model, version
	optional bool
	dns      string // in place of the directory name
}

type tpmPart struct {
	oid   asn1.ObjectIdentifier
	value string
}

func (v *TPMVendor) san(naming TPMNaming) *tpmSAN {
	return &tpmSAN{naming: naming, parts: []tpmPart{{oidTPMManufacturer, "id:" + v.ID}, {oidTPMModel, v.Model}, {oidTPMVersion, "id:" + v.Version}}}
}

// drop leaves one of the parts out.
func (s *tpmSAN) drop(oid asn1.ObjectIdentifier) {
	s.parts = slices.DeleteFunc(s.parts, func(p tpmPart) bool { return p.oid.Equal(oid) })
}

// set gives one of the parts another value.
func (s *tpmSAN) set(oid asn1.ObjectIdentifier, value string) {
	for i := range s.parts {
		if s.parts[i].oid.Equal(oid) {
			s.parts[i].value = value
		}
	}
}

func (s *tpmSAN) extension() pkix.Extension {
	name := nested(tagDirectoryName, nested(cbasn1.SEQUENCE, s.relativeNames()...))
	if s.dns != "" {
		name = nested(tagDNSName, []byte(s.dns))
	}
	return pkix.Extension{Id: oidAltName, Critical: !s.optional, Value: nested(cbasn1.SEQUENCE, name)}
}

func (s *tpmSAN) relativeNames() [][]byte {
	var names [][]byte
	for _, p := range s.parts {
		names = append(names, nested(cbasn1.SEQUENCE, identifier(p.oid), nested(cbasn1.UTF8String, []byte(p.value))))
	}
	switch s.naming {
	case TPMNamesTogether:
		slices.SortFunc(names, slices.Compare)
		return [][]byte{nested(cbasn1.SET, names...)}
	case TPMNamesReversed:
		slices.Reverse(names)
	}
	for i, name := range names {
		names[i] = nested(cbasn1.SET, name)
	}
	return names
}

// tpmPolicy is the policy under which an authority vouches for a TPM (RFC 5280
// §4.2.1.4). With a notice for people it is critical, as in the certificates of
// TPMs; those of authorities have neither.
func tpmPolicy(notice string) pkix.Extension {
	policy := identifier(oidTPMPolicy)
	if notice != "" {
		var text []byte
		for _, letter := range notice {
			text = binary.BigEndian.AppendUint16(text, uint16(letter))
		}
		user := nested(cbasn1.SEQUENCE, identifier(oidUserNotice), nested(cbasn1.SEQUENCE, nested(tagBMPString, text)))
		policy = append(policy, nested(cbasn1.SEQUENCE, user)...)
	}
	return pkix.Extension{Id: oidPolicies, Critical: notice != "", Value: nested(cbasn1.SEQUENCE, nested(cbasn1.SEQUENCE, policy))}
}

// Tags that cryptobyte has no names for: two forms of a GeneralName (RFC 5280
// §4.2.1.6), and text in UTF-16.
var (
	tagDNSName       = cbasn1.Tag(2).ContextSpecific()
	tagDirectoryName = cbasn1.Tag(4).ContextSpecific().Constructed()
	tagBMPString     = cbasn1.Tag(asn1.TagBMPString)
)

// nested puts a tag around encoded parts.
func nested(tag cbasn1.Tag, parts ...[]byte) []byte { return tagged(tag, slices.Concat(parts...)) }

func identifier(oid asn1.ObjectIdentifier) []byte {
	var b cryptobyte.Builder
	b.AddASN1ObjectIdentifier(oid)
	return b.BytesOrPanic() // of an identifier in this file
}

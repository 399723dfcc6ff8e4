package attestation

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"errors"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

var errNoCertificate = errors.New("no certificate came out")

// downgrade makes a certificate again as one of an older version of X.509, which
// knows no extensions and, in version 1, is not even named. crypto/x509 makes
// version 3 alone.
func (a *Authority) downgrade(der []byte, version int) ([]byte, error) {
	made, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	tbs, algorithm, err := splitCertificate(der)
	if err != nil {
		return nil, err
	}
	var plain cryptobyte.Builder
	plain.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		if version > 1 {
			b.AddASN1(cbasn1.Tag(0).Constructed().ContextSpecific(), func(b *cryptobyte.Builder) { b.AddASN1Int64(int64(version - 1)) })
		}
		b.AddASN1BigInt(made.SerialNumber)
		b.AddBytes(tbs) // from the signature algorithm up to the key
	})
	message, err := plain.Bytes()
	if err != nil {
		return nil, err
	}
	signature, err := a.key.Sign(message)
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(struct {
		TBS, Algorithm asn1.RawValue
		Signature      asn1.BitString
	}{asn1.RawValue{FullBytes: message}, asn1.RawValue{FullBytes: algorithm}, asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}})
}

// splitCertificate returns what lies between the serial number of a certificate
// and its extensions, and the algorithm that it is signed with.
func splitCertificate(der []byte) (middle, algorithm []byte, err error) {
	in := cryptobyte.String(der)
	var certificate, tbs, signed, key cryptobyte.String
	if !in.ReadASN1(&certificate, cbasn1.SEQUENCE) || !certificate.ReadASN1(&tbs, cbasn1.SEQUENCE) ||
		!certificate.ReadASN1Element(&signed, cbasn1.SEQUENCE) ||
		!tbs.SkipASN1(cbasn1.Tag(0).Constructed().ContextSpecific()) || !tbs.SkipASN1(cbasn1.INTEGER) {
		return nil, nil, errNoCertificate
	}
	begin := tbs
	for range 4 { // signature, issuer, validity, subject
		if !tbs.SkipASN1(cbasn1.SEQUENCE) {
			return nil, nil, errNoCertificate
		}
	}
	if !tbs.ReadASN1Element(&key, cbasn1.SEQUENCE) {
		return nil, nil, errNoCertificate
	}
	return bytes.Clone(begin[:len(begin)-len(tbs)]), signed, nil
}

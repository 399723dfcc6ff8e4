package attestation

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// The attributes of names that are used here (X.520).
var (
	commonName   = asn1.ObjectIdentifier{2, 5, 4, 3}
	serialNumber = asn1.ObjectIdentifier{2, 5, 4, 5}
	country      = asn1.ObjectIdentifier{2, 5, 4, 6}
	locality     = asn1.ObjectIdentifier{2, 5, 4, 7}
	province     = asn1.ObjectIdentifier{2, 5, 4, 8}
	organization = asn1.ObjectIdentifier{2, 5, 4, 10}
	unit         = asn1.ObjectIdentifier{2, 5, 4, 11}
)

// attribute is one part of a name.
type attribute = pkix.AttributeTypeAndValue

// name is a name, of an authority or of what it certifies.
type name = pkix.Name

// named is a name whose attributes come in this order, where [pkix.Name] has one
// of its own: makers differ in it.
func named(attributes ...attribute) name { return name{ExtraNames: attributes} }

// encodeName encodes a name with the string types that WebAuthn L3 §8.2.1 demands
// of packed certificates, and that today's authorities use everywhere: UTF8String,
// but PrintableString for countries and serial numbers. crypto/x509 would take
// PrintableString wherever it can.
func encodeName(name pkix.Name) ([]byte, error) {
	return encodeNameAs(name, func(asn1.ObjectIdentifier) cbasn1.Tag { return cbasn1.UTF8String })
}

// encodeNameAs asks tag for the string type of what is free to choose.
func encodeNameAs(name pkix.Name, tag func(asn1.ObjectIdentifier) cbasn1.Tag) ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, set := range name.ToRDNSequence() {
			for _, part := range set {
				b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) { addAttribute(b, part, tag) })
			}
		}
	})
	der, err := b.Bytes()
	if err != nil {
		return nil, fmt.Errorf("attestation: name %s: %w", name, err)
	}
	return der, nil
}

func addAttribute(b *cryptobyte.Builder, part attribute, tag func(asn1.ObjectIdentifier) cbasn1.Tag) {
	as := tag(part.Type)
	if as == cbasn1.UTF8String && (part.Type.Equal(country) || part.Type.Equal(serialNumber)) {
		as = cbasn1.PrintableString
	}
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(part.Type)
		b.AddASN1(as, func(b *cryptobyte.Builder) { b.AddBytes(fmt.Append(nil, part.Value)) })
	})
}

package attestationtest

import (
	"encoding/asn1"

	"golang.org/x/text/language"
)

// part is an attribute of a name, its string type not lost.
type part struct {
	Type  asn1.ObjectIdentifier
	Value asn1.RawValue
}

// packedSubject is what §8.2.1 says about the subject.
func (c *ceremony) packedSubject(raw []byte) {
	var sets []asn1.RawValue
	values := map[string][]asn1.RawValue{}
	if _, err := asn1.Unmarshal(raw, &sets); err != nil {
		sets = nil
	}
	for _, set := range sets {
		var p part
		if rest, err := asn1.Unmarshal(set.Bytes, &p); err == nil && len(rest) == 0 {
			values[p.Type.String()] = append(values[p.Type.String()], p.Value)
		}
	}
	text := func(oid string, tag int) (string, bool) {
		v := values[oid]
		if len(v) != 1 || v[0].Tag != tag || len(v[0].Bytes) == 0 {
			return "", false
		}
		return string(v[0].Bytes), true
	}
	country, ok := text("2.5.4.6", asn1.TagPrintableString)
	c.check(ok && isCountry(country), "WebAuthn L3 §8.2.1, Subject-C")
	_, ok = text("2.5.4.10", asn1.TagUTF8String)
	c.check(ok, "WebAuthn L3 §8.2.1, Subject-O")
	unit, ok := text("2.5.4.11", asn1.TagUTF8String)
	c.check(ok && unit == "Authenticator Attestation", "WebAuthn L3 §8.2.1, Subject-OU")
	_, ok = text("2.5.4.3", asn1.TagUTF8String)
	c.check(ok, "WebAuthn L3 §8.2.1, Subject-CN")
}

// isCountry reports whether a code is one of ISO 3166-1 alpha-2, or one that it leaves
// to its users, as WebAuthn's test vectors have it.
func isCountry(code string) bool {
	if code == "AA" || code == "ZZ" {
		return true
	}
	if len(code) != 2 || code[0] < 'A' || code[0] > 'Z' || code[1] < 'A' || code[1] > 'Z' {
		return false
	}
	region, err := language.ParseRegion(code)
	return err == nil && region.IsCountry()
}

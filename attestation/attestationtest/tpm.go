package attestationtest

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/fxamacker/cbor/v2"
)

// Steps of §8.3, which the text does not number.
const (
	tpmSyntax    = "WebAuthn L3 §8.3 verification, syntax"
	tpmKey       = "WebAuthn L3 §8.3 verification, pubArea"
	tpmAAGUID    = "WebAuthn L3 §8.3 verification, AAGUID"
	tpmSignature = "WebAuthn L3 §8.3 verification, sig"
	tpmMagic     = "WebAuthn L3 §8.3 verification, certInfo magic"
	tpmType      = "WebAuthn L3 §8.3 verification, certInfo type"
	tpmExtraData = "WebAuthn L3 §8.3 verification, certInfo extraData"
	tpmAttested  = "WebAuthn L3 §8.3 verification, certInfo attested"
)

// tpm is §8.3. Its sig is read as bare, as everybody sends it, and not in a
// TPMT_SIGNATURE, as the text has it by its letter.
func tpm(c *ceremony, raw cbor.RawMessage) {
	stmt, ok := members(raw, []string{"alg", "x5c", "sig", "ver", "certInfo", "pubArea"})
	alg, isInt := stmt["alg"].(int64)
	sig, isBytes := stmt["sig"].([]byte)
	area, hasArea := stmt["pubArea"].([]byte)
	info, hasInfo := stmt["certInfo"].([]byte)
	chain, hasChain := chainOf(stmt["x5c"])
	if !c.check(ok && isInt && isBytes && hasArea && hasInfo && hasChain && stmt["ver"] == "2.0", tpmSyntax) {
		return
	}
	public, readable := readTPMPublic(area)
	attest, isAttest := readTPMAttest(info)
	if !c.check(readable && isAttest, tpmSyntax) {
		return
	}
	c.check(public.key != nil && same(public.key, c.data.public), tpmKey)
	c.check(verifies(alg, chain[0].PublicKey, info, sig), tpmSignature)
	c.certInfo(alg, area, public, attest)
	c.aikCertificate(chain[0])
	c.trust(chain, true)
}

// certInfo is what is to be in it. With an algorithm that nobody knows there is
// nothing to compare extraData with.
func (c *ceremony) certInfo(alg int64, area []byte, public *tpmPublic, attest *tpmAttest) {
	c.check(attest.magic == tpmGenerated, tpmMagic)
	if how, known := algorithms[alg]; known {
		c.check(bytes.Equal(attest.extraData, sum(how.hash, c.message())), tpmExtraData)
	}
	if !c.check(attest.kind == tpmCertify, tpmType) {
		return
	}
	hash, known := tpmHashes[public.nameAlg]
	if c.check(known, tpmAttested) {
		name := append([]byte{byte(public.nameAlg >> 8), byte(public.nameAlg)}, sum(hash, area)...)
		c.check(bytes.Equal(attest.name, name), tpmAttested)
	}
}

func sum(hash crypto.Hash, data []byte) []byte {
	h := hash.New()
	h.Write(data)
	return h.Sum(nil)
}

// Extensions and names of §8.3.1.
var (
	oidAltName      = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidAIK          = asn1.ObjectIdentifier{2, 23, 133, 8, 3}
	oidManufacturer = asn1.ObjectIdentifier{2, 23, 133, 2, 1}
	oidModel        = asn1.ObjectIdentifier{2, 23, 133, 2, 2}
	oidVersion      = asn1.ObjectIdentifier{2, 23, 133, 2, 3}
)

// aikCertificate is §8.3.1. A certificate of an old version has none of the extensions
// that the rest asks for.
func (c *ceremony) aikCertificate(leaf *x509.Certificate) {
	if !c.check(leaf.Version == 3, "WebAuthn L3 §8.3.1, version") {
		return
	}
	c.check(bytes.Equal(leaf.RawSubject, []byte{0x30, 0}), "WebAuthn L3 §8.3.1, Subject")
	c.check(namesTPM(leaf), "WebAuthn L3 §8.3.1, Subject Alternative Name")
	isAIK := func(id asn1.ObjectIdentifier) bool { return id.Equal(oidAIK) }
	c.check(slices.ContainsFunc(leaf.UnknownExtKeyUsage, isAIK), "WebAuthn L3 §8.3.1, Extended Key Usage")
	c.check(leaf.BasicConstraintsValid && !leaf.IsCA, "WebAuthn L3 §8.3.1, Basic Constraints")
	for _, e := range leaf.Extensions {
		if e.Id.Equal(oidAAGUID) {
			const wrapper = 2
			if c.check(!e.Critical && len(e.Value) == wrapper+len(c.data.aaguid) && bytes.HasPrefix(e.Value, []byte{4, 16}), "WebAuthn L3 §8.2.1, AAGUID extension") {
				c.check(bytes.Equal(e.Value[wrapper:], c.data.aaguid), tpmAAGUID)
			}
		}
	}
}

// namesTPM reports whether a certificate has one alternative name, a directory name
// with manufacturer, model and version, which is critical (TCG EK Credential Profile
// 3.2.9).
func namesTPM(leaf *x509.Certificate) bool {
	i := slices.IndexFunc(leaf.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(oidAltName) })
	if i < 0 || !leaf.Extensions[i].Critical {
		return false
	}
	var general []asn1.RawValue
	rest, err := asn1.Unmarshal(leaf.Extensions[i].Value, &general)
	const directoryName = 4
	if err != nil || len(rest) > 0 || len(general) != 1 || general[0].Class != asn1.ClassContextSpecific || general[0].Tag != directoryName {
		return false
	}
	var relative []asn1.RawValue
	if rest, err := asn1.Unmarshal(general[0].Bytes, &relative); err != nil || len(rest) > 0 {
		return false
	}
	values := map[string]string{}
	for _, set := range relative {
		for left := set.Bytes; len(left) > 0; {
			var p part
			if left, err = asn1.Unmarshal(left, &p); err != nil || p.Value.Tag != asn1.TagUTF8String {
				return false
			}
			values[p.Type.String()] += string(p.Value.Bytes)
		}
	}
	return isManufacturer(values[oidManufacturer.String()]) && values[oidModel.String()] != "" && isTPMNumber(values[oidVersion.String()])
}

// isTPMNumber reports whether a value is a number of up to four bytes, as names of
// TPMs have them.
func isTPMNumber(value string) bool {
	digits, marked := strings.CutPrefix(value, "id:")
	const most = 4
	number, err := hex.DecodeString(digits)
	return marked && err == nil && len(number) >= 1 && len(number) <= most
}

// manufacturers are those of the TCG's registry that make TPMs for computers, by the
// letters that their numbers stand for, and what FIDO's conformance tools have.
var manufacturers = []string{
	"AMD", "ATML", "BRCM", "CSCO", "GOOG", "HISI", "HPE", "IBM", "IFX", "INTC", "LEN", "MSFT", "NSM ", "NTC", "NTZ", "QCOM",
	"ROCC", "SMSC", "SMSN", "SNS", "STM ", "TXN", "WEC", "\xff\xff\xf1\xd0",
}

func isManufacturer(value string) bool {
	letters, err := hex.DecodeString(strings.TrimPrefix(value, "id:"))
	return isTPMNumber(value) && err == nil && slices.Contains(manufacturers, strings.TrimRight(string(letters), "\x00"))
}

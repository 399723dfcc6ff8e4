package ceremony

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"strings"

	"github.com/google/go-tpm/tpm2"
	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Names in attestation certificates.
var (
	oidSerialNumber    = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 45724, 1, 1, 2}  // id-fido-gen-ce-sernum
	oidFirmware        = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 45724, 1, 1, 5}  // id-fido-gen-ce-fw-version
	oidKeyDescription  = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 1, 17} // Android's key attestation
	oidAlternativeName = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidOrganization    = asn1.ObjectIdentifier{2, 5, 4, 10}
	oidTPMManufacturer = asn1.ObjectIdentifier{2, 23, 133, 2, 1}
)

// details holds a statement that verifies to what go-webauthn does not look at, and to
// nothing that it does.
func (v *Verification) details() error {
	if !v.strict.Details {
		return nil
	}
	if err := v.statementDetails(); err != nil {
		return refuse(ReasonAttestation, err)
	}
	return nil
}

func (v *Verification) statementDetails() error {
	chain := certificatesOf(v.Attestation)
	if len(chain) == 0 {
		return nil
	}
	switch v.Attestation.Format {
	case "packed":
		return errors.Join(endsBelowRoot(chain), saysNoAuthority(chain[0]), v.packedLeaf(chain[0]))
	case "apple":
		return endsBelowRoot(chain)
	case "tpm":
		return errors.Join(tpmName(chain[0]), v.tpmStructures())
	case "android-key":
		return bootedSafely(chain[0])
	}
	return nil
}

// endsBelowRoot holds x5c to leaving the root out (§8.2, x5c: the certificate and its
// chain, of which relying parties have the root).
func endsBelowRoot(chain []*x509.Certificate) error {
	if last := chain[len(chain)-1]; len(chain) > 1 && bytes.Equal(last.RawIssuer, last.RawSubject) {
		return errors.New("x5c has the root in it")
	}
	return nil
}

// saysNoAuthority wants Basic Constraints, with CA false (§8.2.1).
func saysNoAuthority(leaf *x509.Certificate) error {
	if !leaf.BasicConstraintsValid {
		return errors.New("the certificate has no basic constraints")
	}
	return nil
}

// packedLeaf is §8.2.1 and §8.2.2.
func (v *Verification) packedLeaf(leaf *x509.Certificate) error {
	if firmware, there := extensionOf(leaf, oidFirmware); there {
		var version int64
		_, err := asn1.Unmarshal(firmware.Value, &version)
		if err != nil || version < 0 {
			return errors.New("the firmware version is below zero, or no number")
		}
	}
	if _, there := extensionOf(leaf, oidSerialNumber); there && v.strict.attestation != AttestationEnterprise {
		return errors.New("the certificate names one device, and nobody has asked for that")
	}
	return organizationInUTF8(leaf.RawSubject)
}

// attributeValue is one of a name with the type of its text.
type attributeValue struct {
	Type  asn1.ObjectIdentifier
	Value asn1.RawValue
}

// attributesOfName are all of a name, in DER.
func attributesOfName(name []byte) (all []attributeValue, err error) {
	var sets []asn1.RawValue
	if _, err := asn1.Unmarshal(name, &sets); err != nil {
		return nil, err
	}
	for _, set := range sets {
		for rest := set.Bytes; len(rest) > 0; {
			var one attributeValue
			if rest, err = asn1.Unmarshal(rest, &one); err != nil {
				return nil, err
			}
			all = append(all, one)
		}
	}
	return all, nil
}

// organizationInUTF8 is Subject-O of §8.2.1.
func organizationInUTF8(name []byte) error {
	all, err := attributesOfName(name)
	if err != nil {
		return err
	}
	for _, a := range all {
		if a.Type.Equal(oidOrganization) && a.Value.Tag != asn1.TagUTF8String {
			return errors.New("the organization is no UTF8String")
		}
	}
	return nil
}

func extensionOf(c *x509.Certificate, id asn1.ObjectIdentifier) (pkix.Extension, bool) {
	for _, e := range c.Extensions {
		if e.Id.Equal(id) {
			return e, true
		}
	}
	return pkix.Extension{}, false
}

// tpmName is the alternative name of §8.3.1: critical, as the subject is empty (RFC 5280
// §4.2.1.6), with the manufacturer as "id:" and eight digits (TCG EK Credential Profile
// 3.1.2).
func tpmName(leaf *x509.Certificate) error {
	extension, there := extensionOf(leaf, oidAlternativeName)
	if !there || !extension.Critical {
		return errors.New("the alternative name is missing, or not critical")
	}
	const directoryName = 4
	input := cryptobyte.String(extension.Value)
	var names, name cryptobyte.String
	if !input.ReadASN1(&names, cbasn1.SEQUENCE) || !names.ReadASN1(&name, cbasn1.Tag(directoryName).Constructed().ContextSpecific()) {
		return errors.New("the alternative name has no directory name")
	}
	all, err := attributesOfName(name)
	if err != nil {
		return err
	}
	for _, a := range all {
		if a.Type.Equal(oidTPMManufacturer) && !strings.HasPrefix(string(a.Value.Bytes), "id:") {
			return fmt.Errorf("the manufacturer is %q, want id: and a number", a.Value.Bytes)
		}
	}
	return nil
}

// tpmStructures wants certInfo to end where its structure does; go-webauthn sees to
// pubArea, whose name is over all of it.
func (v *Verification) tpmStructures() error {
	info, _ := v.Attestation.AttStatement["certInfo"].([]byte)
	attest, err := tpm2.Unmarshal[tpm2.TPMSAttest](info)
	if err != nil {
		return err
	}
	if len(tpm2.Marshal(attest)) != len(info) {
		return errors.New("something follows the structure in certInfo")
	}
	return nil
}

// tagRootOfTrust and verifiedBoot are of Android's key attestation.
const (
	tagRootOfTrust = 704
	verifiedBoot   = 0
)

// bootedSafely wants a phone whose boot loader is locked and runs what its maker signed,
// where the certificate says what it runs.
func bootedSafely(leaf *x509.Certificate) error {
	extension, there := extensionOf(leaf, oidKeyDescription)
	if !there {
		return nil
	}
	var description struct {
		Version            int
		Level              asn1.Enumerated
		KeyMintVersion     int
		KeyMintLevel       asn1.Enumerated
		Challenge, ID      []byte
		Software, Hardware asn1.RawValue
	}
	if _, err := asn1.Unmarshal(extension.Value, &description); err != nil {
		return err
	}
	for rest := append(bytes.Clone(description.Software.Bytes), description.Hardware.Bytes...); len(rest) > 0; {
		var one asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &one); err != nil {
			return err
		}
		if one.Class != asn1.ClassContextSpecific || one.Tag != tagRootOfTrust {
			continue
		}
		var boot struct {
			Key    []byte
			Locked bool
			State  asn1.Enumerated
			Hash   []byte `asn1:"optional"`
		}
		if _, err := asn1.Unmarshal(one.Bytes, &boot); err != nil {
			return err
		}
		if !boot.Locked || boot.State != verifiedBoot {
			return errors.New("the phone's boot loader is unlocked")
		}
	}
	return nil
}

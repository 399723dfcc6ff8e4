package ceremony

import (
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
)

// checkNames holds an attestation object to the names of its members (WebAuthn L3
// §6.5.4): go-webauthn reads them without regard to case.
func checkNames(object []byte) error {
	var members map[string]cbor.RawMessage
	if err := webauthncbor.Unmarshal(object, &members); err != nil {
		return err
	}
	for _, name := range []string{"fmt", "authData"} { // a missing attStmt is seen later
		if members[name] == nil {
			return fmt.Errorf("the attestation object has no %s", name)
		}
	}
	return nil
}

// checkStatement holds the shape of an attestation object to the text where go-webauthn
// lets it by: attStmt has to be there (WebAuthn L3 §6.5.4), an x5c that is not a list
// does not make a statement one without certificates (§8.2, §8.6), and the extension
// that names the model has an AAGUID and nothing else (§8.2.1).
func checkStatement(a *protocol.AttestationObject) error {
	if a.AttStatement == nil && a.SubStatements == nil {
		return errors.New("the attestation object has no attStmt")
	}
	x5c, there := a.AttStatement["x5c"]
	if !there {
		return nil
	}
	certificates, is := x5c.([]any)
	if !is {
		return fmt.Errorf("x5c is a %T, want a list of certificates", x5c)
	}
	if a.Format == string(protocol.AttestationFormatPacked) && len(certificates) > 0 {
		return checkModelExtension(certificates[0])
	}
	return nil
}

// oidModel is id-fido-gen-ce-aaguid.
var oidModel = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 45724, 1, 1, 4}

// checkModelExtension refuses an extension without an AAGUID, and one with something
// after it, both of which go-webauthn lets by. What cannot be read, or is another
// AAGUID, is for go-webauthn to refuse.
func checkModelExtension(certificate any) error {
	der, _ := certificate.([]byte)
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		return nil
	}
	for _, e := range parsed.Extensions {
		if !e.Id.Equal(oidModel) {
			continue
		}
		var id []byte
		if rest, err := asn1.Unmarshal(e.Value, &id); err == nil && (len(rest) > 0 || len(id) == 0) {
			return fmt.Errorf("the certificate's extension with the AAGUID is %x, want an OCTET STRING of 16 bytes", e.Value)
		}
	}
	return nil
}

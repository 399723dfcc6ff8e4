package attestation_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"time"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/attestation/attestationtest"
	"github.com/passkeylab/passkeylab/webauthn"
)

// A laptop whose TPM is Infineon's vouches for a credential. Then the same laptop does
// so with a signature over what did not come from its TPM.
func ExampleTPM() {
	at := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	infineon := attestation.TPMVendor{ID: "49465800", Name: "Infineon", Model: "SLB9670"}
	issuer, err := attestation.NewCA([]byte("of the lab"), at).TPMAuthority(infineon, webauthn.ES256)
	if err != nil {
		fmt.Println(err)
		return
	}
	laptop, err := attestation.TPM(issuer, attestation.TPMOptions{Vendor: infineon, Algorithm: webauthn.ES256})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range attestation.Defects() {
		if d.ID != "tpm/certinfo-magic" {
			continue
		}
		broken, err := d.Break(laptop)
		if err != nil {
			fmt.Println(err)
			return
		}
		hash := sha256.Sum256([]byte(clientData))
		roots := attestationtest.Policy{Roots: []*x509.Certificate{issuer.RootOf().Certificate()}, Time: at}
		fmt.Println("whole: ", attestationtest.Failures(register(laptop, at), hash[:], roots))
		fmt.Println("broken:", attestationtest.Failures(register(broken, at), hash[:], roots))
	}
	// Output:
	// whole:  []
	// broken: [WebAuthn L3 §8.3 verification, certInfo magic]
}

// register is the attestation object of a new credential.
func register(by attestation.Attester, at time.Time) []byte {
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), append(make([]byte, 31), 7))
	if err != nil {
		return nil
	}
	cose, err := webauthn.EncodeCOSEKey(webauthn.ES256, key.Public())
	if err != nil {
		return nil
	}
	data := webauthn.AuthenticatorData{
		RPIDHash: sha256.Sum256([]byte("example.com")), Flags: webauthn.Flags(0).With(webauthn.UserPresent, true),
		Attested: &webauthn.AttestedCredential{AAGUID: aaguid, CredentialID: make([]byte, 32), PublicKey: cose},
	}
	hash := sha256.Sum256([]byte(clientData))
	statement, err := by.Attest(&attestation.Subject{AuthData: data.Marshal(), ClientDataHash: hash[:], Time: at})
	if err != nil {
		return nil
	}
	object := webauthn.AttestationObject{Format: by.Format(), Statement: statement, AuthData: data.Marshal()}
	return object.Marshal()
}

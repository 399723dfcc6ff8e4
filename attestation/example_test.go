package attestation_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"time"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/webauthn"
)

// Whoever tests a relying party has it verify every defect, of whatever format.
func ExampleDefect_Of() {
	makers := attestation.NewMakers([]byte("a lab's secret"), time.Now())
	samples, err := makers.Samples(webauthn.AAGUID([]byte("a test's model  ")))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range attestation.Defects() {
		broken, err := d.Of(samples)
		if err != nil {
			fmt.Println(err)
		}
		if d.ID == "apple/nonce-bit-flip" {
			fmt.Println(broken.Name, "|", d.Doc, "|", d.Spec)
		}
	}
	// Output:
	// apple | One bit of the nonce is flipped. | WebAuthn L3 §8.8 verification step 4
}

// Whoever tests a relying party that looks revocations up gives certificates an address,
// and serves there what the issuer has revoked.
func ExampleAuthority_CRL() {
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	root, err := attestation.NewCA([]byte("a lab's secret"), now).Root(pkix.Name{CommonName: "Passkeylab Test Root"}, webauthn.ES256)
	if err != nil {
		fmt.Println(err)
		return
	}
	batch, err := root.Intermediate(pkix.Name{CommonName: "Passkeylab Test Batch"}, webauthn.ES256, func(c *x509.Certificate) {
		c.CRLDistributionPoints = []string{"http://127.0.0.1:8091/root.crl"}
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	der, err := root.CRL(now, batch.Certificate().SerialNumber) // what the server answers
	if err != nil {
		fmt.Println(err)
		return
	}
	list, err := x509.ParseRevocationList(der)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(batch.Certificate().CRLDistributionPoints[0])
	fmt.Println(list.CheckSignatureFrom(root.Certificate()))
	for _, revoked := range list.RevokedCertificateEntries {
		fmt.Println(revoked.SerialNumber.Cmp(batch.Certificate().SerialNumber) == 0, revoked.RevocationTime)
	}
	// Output:
	// http://127.0.0.1:8091/root.crl
	// <nil>
	// true 2029-12-31 00:00:00 +0000 UTC
}

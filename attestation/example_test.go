package attestation_test

import (
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

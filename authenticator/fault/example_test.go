package fault_test

import (
	"fmt"

	"github.com/passkeylab/passkeylab/authenticator/fault"
)

func ExampleLookup() {
	f, err := fault.Lookup("signature/bit-flip")
	fmt.Println(f.Doc, err)
	_, err = fault.Lookup("signatur/bit-flip")
	fmt.Println(err)
	// Output:
	// Every signature has one bit flipped, in assertions and in packed attestation statements. <nil>
	// no fault is called "signatur/bit-flip": did you mean "signature/bit-flip"?
}

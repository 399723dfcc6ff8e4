package profile_test

import (
	"fmt"

	"github.com/passkeylab/passkeylab/authenticator/profile"
)

func ExampleLookup() {
	p, err := profile.Lookup("yubikey-5-4")
	if err != nil {
		panic(err)
	}
	if size, known := p.Info.MaxMsgSize.Value(); known {
		fmt.Println(size, "bytes, says", p.Info.MaxMsgSize.Source())
	}
	if _, known := p.Counter.Value(); !known {
		fmt.Println("nobody says what it counts")
	}
	// Output:
	// 1200 bytes, says Yubico/libfido2 issue 686: fido2-token -I of firmware 5.4.3
	// nobody says what it counts
}

package authenticators_test

import (
	"context"
	"fmt"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/fault"
	"github.com/passkeylab/passkeylab/authenticator/subject"
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/authenticators"
)

// A key whose signatures are wrong is found out, and told by what.
func Example() {
	cases, err := conformance.Select(authenticators.Cases(), conformance.Selection{Match: []string{"getassertion/signature", "getassertion/flags"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	key := subject.Target{Model: authenticator.PINKey(), Seams: func() []authenticator.Seams {
		f, _ := fault.Lookup("signature/bit-flip")
		return []authenticator.Seams{f.Seams}
	}}
	outcome := conformance.Run(context.Background(), key, cases, conformance.Options{Seed: 1})
	for _, r := range outcome.Results {
		fmt.Printf("%s: %s\n", r.Case.ID, r.Verdict)
	}
	fmt.Println(outcome.Objections())
	// Output:
	// getassertion/flags: pass
	// getassertion/signature: fail
	// [1 failed]
}

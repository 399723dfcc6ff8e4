package fleet_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/passkeylab/passkeylab/fleet"
	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/fault"
)

// A site that does not verify signatures is found out, in as few steps as it takes.
func ExampleWalk() {
	plant := fleet.Plant{Site: func(c *relyingparty.Config) {
		mistake, _ := fault.Lookup("rp/signature/not-verified")
		c.Seams = append(c.Seams, mistake.Seams)
	}}
	err := fleet.Walk(context.Background(), fleet.Options{Seed: 1, Steps: 500, Plant: plant})
	var found *fleet.Violation
	if errors.As(err, &found) {
		fmt.Println(found.Truth)
		fmt.Println(len(found.Life) < 10)
	}
	// Output:
	// nobody gets in without a valid passkey or password
	// true
}

package passkeylab_test

import (
	"context"
	"fmt"

	"github.com/passkeylab/passkeylab"
)

// A journey outside of go test.
func ExampleRehearse() {
	err := passkeylab.Rehearse(context.Background(), "sign up and come back", func(lab *passkeylab.Lab) {
		page := lab.Site.OpenOn(lab.Phone("alice's phone"))
		page.SignUp("alice@example.com").LogOut()
		page.LogInByAutofill("alice@example.com")
	})
	fmt.Println(err)
	// Output: <nil>
}

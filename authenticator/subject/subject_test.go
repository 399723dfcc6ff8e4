package subject_test

import (
	"testing"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/subject"
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/authenticators"
)

var models = map[string]func() authenticator.Model{
	"security key": authenticator.SecurityKey, "fingerprint key": authenticator.BioKey, "PIN key": authenticator.PINKey,
	"phone": authenticator.Phone, "laptop": authenticator.Laptop,
}

// Nothing correct is blamed.
func TestOurDevicesConform(t *testing.T) {
	t.Parallel()
	for name, model := range models {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cases, err := conformance.Select(authenticators.Cases(), conformance.Selection{Level: conformance.May})
			if err != nil {
				t.Fatal(err)
			}
			conformance.Test(t, subject.Target{Model: model()}, cases, conformance.Options{Seed: 1, Strict: true})
		})
	}
}

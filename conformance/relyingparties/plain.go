package relyingparties

import "github.com/passkeylab/passkeylab/conformance"

// The twins of most cases.
const (
	plainRegistration = "registration/plain"
	plainLogin        = "login/plain"
)

func plainCases() []testCase {
	return []testCase{
		{
			ID: plainRegistration, Spec: at71("29"), Level: conformance.Must,
			Doc: "A correct registration without attestation is accepted.",
			Run: registration{}.accepted(),
		},
		{
			ID: plainLogin, Spec: at72("25"), Level: conformance.Must, Twin: plainRegistration,
			Doc: "A correct login is accepted.",
			Run: login{}.accepted(),
		},
	}
}

package authenticators

import (
	"cmp"
	"slices"

	"github.com/passkeylab/passkeylab/conformance"
)

// Documents that requirements stand in.
const (
	ctap23       = "CTAP 2.3"
	webauthn     = "WebAuthn L3"
	rawU2F       = "FIDO U2F Raw Message Formats 1.2"
	iso7816Part4 = "ISO 7816-4"
)

// at cites CTAP 2.3.
func at(section, step string) conformance.Spec {
	return conformance.Spec{Document: ctap23, Section: section, Step: step}
}

type testCase = conformance.Case

// families are all cases there are, by what they are about.
var families = []func() []testCase{
	getInfoCases, commandCases, makeCredentialCases, getAssertionCases, getNextAssertionCases, clientPINCases, tokenCases,
	resetCases, selectionCases, credentialManagementCases, largeBlobsCases, configCases, bioEnrollmentCases, extensionCases, hmacSecretCases, u2fCases, hidCases, nfcCases,
	tokenScopeCases, nonceCases, pinPolicyCases, managedScopeCases, updateKeptCases, replacingCases, unharmedCases, unaskedCases, refusalCases, identifierCases, malformedCases, optionCases, permissionCases, sequenceCases,
}

// Cases returns every case, sorted by ID.
func Cases() []conformance.Case {
	var all []testCase
	for _, family := range families {
		all = append(all, family()...)
	}
	for i := range all {
		all[i].Catches = append(all[i].Catches, derivedCatches[all[i].ID]...)
		all[i].Catches = append(all[i].Catches, measured()[all[i].ID]...)
	}
	slices.SortFunc(all, func(a, b testCase) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

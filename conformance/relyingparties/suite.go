package relyingparties

import (
	"cmp"
	"slices"

	"github.com/passkeylab/passkeylab/conformance"
)

// webauthn is the document that most requirements stand in.
const webauthn = "WebAuthn L3"

// at71 and at72 cite a step of registering and of verifying an assertion. Steps are
// counted in the source of the text: 29 in §7.1, 25 in §7.2. The text itself, where it
// names steps of §7.1 above 20, is one lower.
func at71(step string) conformance.Spec {
	return conformance.Spec{Document: webauthn, Section: "7.1", Step: step}
}

func at72(step string) conformance.Spec {
	return conformance.Spec{Document: webauthn, Section: "7.2", Step: step}
}

// l3 cites a section of WebAuthn Level 3.
func l3(section string) conformance.Spec {
	return conformance.Spec{Document: webauthn, Section: section}
}

// testList cites the published test list for servers, as it was in January 2021.
func testList(section string) conformance.Spec {
	return conformance.Spec{Document: "FIDO server test list", Section: section}
}

type testCase = conformance.Case

// families are all cases there are, by what they are about.
var families = []func() []testCase{
	plainCases, clientDataCases, authDataCases, flagCases, transportCases, keyCases, algorithmCases, signatureCases, objectCases, sessionCases, optionsCases, interfaceCases, robustnessCases, extensionCases, statementCases, metadataCases,
}

// Cases returns every case, sorted by ID.
func Cases() []conformance.Case {
	var all []testCase
	for _, family := range families {
		all = append(all, family()...)
	}
	mistakes, measured := caught(), Measured()
	for i := range all {
		all[i].Catches = append(all[i].Catches, mistakes[all[i].ID]...)
		all[i].Catches = append(all[i].Catches, measured[all[i].ID]...)
		slices.Sort(all[i].Catches)
	}
	slices.SortFunc(all, func(a, b testCase) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

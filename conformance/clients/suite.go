package clients

import (
	"cmp"
	"encoding/base64"
	"slices"

	"github.com/passkeylab/passkeylab/conformance"
)

// Documents that requirements stand in.
const (
	ctap23   = "CTAP 2.3"
	webauthn = "WebAuthn L3"
	rawU2F   = "FIDO U2F Raw Message Formats 1.2"
)

// at cites CTAP 2.3, page WebAuthn L3.
func at(section, step string) conformance.Spec {
	return conformance.Spec{Document: ctap23, Section: section, Step: step}
}

func page(section string) conformance.Spec {
	return conformance.Spec{Document: webauthn, Section: section}
}

type testCase = conformance.Case

// families are all cases there are, by what they are about.
var families = []func() []testCase{
	ceremonyCases, createRequestCases, getRequestCases, infoCases, listCases, probeCases,
	createAnswerCases, conveyanceCases, getAnswerCases, accountCases, malformedCases, statusCases,
	pinCases, pinAnswerCases, newPINCases, uvCases,
	pageCases, exceptionCases, extensionCases, largeBlobCases, u2fCases,
	hidRequestCases, hidAnswerCases,
	enterpriseCases, appIDCases, severalCases, relatedCases,
}

// Cases returns every case, sorted by ID.
func Cases() []conformance.Case {
	var all []testCase
	for _, family := range families {
		all = append(all, family()...)
	}
	slices.SortFunc(all, func(a, b testCase) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

func base64url(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

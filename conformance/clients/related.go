package clients

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/ctap"
)

// relatedCases are about RP IDs that vouch for other origins (WebAuthn L3 §5.11).
func relatedCases() (all []testCase) {
	for _, d := range relatedRules {
		for _, c := range bothCeremonies {
			all = append(all, d.testCase(c))
		}
	}
	return append(all, relatedData)
}

// stranger is the origin that an RP ID may vouch for.
const stranger = "https://www.other.org"

// relatedRule is a document at the RP ID, and whether it vouches for the stranger.
type relatedRule struct {
	name, doc string
	level     conformance.Level
	ok        bool
	document  WellKnown
	catches   []string
}

// origins is a document that lists these.
func origins(all ...string) WellKnown {
	text, _ := json.Marshal(map[string]any{"origins": all}) // of strings, which JSON can say
	return document(string(text))
}

func document(body string) WellKnown { return WellKnown{200, "application/json", body} }

// labels are origins with as many labels of their own.
func labels(n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf("https://label-%d.com", i))
	}
	return all
}

// manyLabels is more than any client takes.
const manyLabels = 1000

var relatedRules = []relatedRule{
	{"listed", "that the document lists", conformance.Must, true, origins("https://example.com", stranger), []string{"related/never", "related/first-entry-only"}},
	{"not-listed", "that the document does not list", conformance.Must, false, origins("https://example.com", "https://other.net"), []string{"related/any"}},
	{"empty", "where the document lists none", conformance.Must, false, origins(), []string{"related/any"}},
	{"other-port", "that the document lists at another port", conformance.Must, false, origins(stranger + ":8443"), []string{"related/host-alone"}},
	{"other-scheme", "that the document lists without TLS", conformance.Must, false, origins(strings.Replace(stranger, "https", "http", 1)), []string{"related/host-alone"}},
	{"other-host", "whose domain has another host that the document lists", conformance.Must, false, origins("https://other.org", "https://login.other.org"), []string{"related/any"}},
	{"path", "that the document lists with a path behind it", conformance.Should, true, origins(stranger + "/login"), []string{"related/origins-alone"}},
	{"entry-no-url", "that the document lists behind what is no URL", conformance.Must, true, origins("https://", "not a URL", "https://exa mple.com", stranger), []string{"related/bad-entry-ends-all"}},
	{"entry-address", "that the document lists behind an address without a domain", conformance.Must, true, origins("https://192.0.2.1", "https://com", stranger), []string{"related/bad-entry-ends-all"}},
	{"other-members", "that a document with other members lists", conformance.Must, true, document(`{"version": 7, "origins": ["` + stranger + `"], "more": {"origins": []}}`), []string{"related/members-unknown"}},
	{"same-label", "that the document lists behind many of one label", conformance.Must, true, origins(append(countries(), stranger)...), []string{"related/every-entry-counts"}},
	{"five-labels", "that the document lists as the fifth label", conformance.Must, true, origins(append(labels(4), stranger)...), []string{"related/one-label"}},
	{"known-label", "that the document lists behind many labels, if its own stands before these", conformance.Must, true, origins(append(append([]string{"https://other.com"}, labels(manyLabels)...), stranger)...), []string{"related/stops-at-limit"}},
	{"many-labels", "that the document lists behind a thousand labels", conformance.Should, false, origins(append(labels(manyLabels), stranger)...), []string{"related/labels-without-end"}},
	{"status-404", "that a document with status 404 lists", conformance.Must, false, WellKnown{404, "application/json", origins(stranger).Body}, []string{"related/status-ignored"}},
	{"status-500", "that a document with status 500 lists", conformance.Must, false, WellKnown{500, "application/json", origins(stranger).Body}, []string{"related/status-ignored"}},
	{"status-201", "that a document with status 201 lists", conformance.Must, false, WellKnown{201, "application/json", origins(stranger).Body}, []string{"related/status-ignored"}},
	{"type-html", "that a document of type text/html lists", conformance.Must, false, WellKnown{200, "text/html", origins(stranger).Body}, []string{"related/type-ignored"}},
	{"type-parameter", "that a document of type application/json with a charset lists", conformance.Must, true, WellKnown{200, "application/json; charset=utf-8", origins(stranger).Body}, []string{"related/type-to-the-letter"}},
	{"not-json", "where the document is no JSON", conformance.Must, false, document("origins: " + stranger), []string{"related/form-ignored"}},
	{"array", "where the document is an array", conformance.Must, false, document(`["` + stranger + `"]`), []string{"related/form-ignored"}},
	{"no-origins", `where the document has no member "origins"`, conformance.Must, false, document(`{"Origins": ["` + stranger + `"]}`), []string{"related/form-ignored"}},
	{"origins-text", `whose document has a text string for "origins"`, conformance.Must, false, document(`{"origins": "` + stranger + `"}`), []string{"related/form-ignored"}},
	{"origins-null", `whose document has null among "origins"`, conformance.Must, false, document(`{"origins": [null, "` + stranger + `"]}`), []string{"related/form-ignored"}},
	{"origins-numbers", `whose document has a number among "origins"`, conformance.Must, false, document(`{"origins": [7, "` + stranger + `"]}`), []string{"related/form-ignored"}},
}

// countries are origins of one label.
func countries() (all []string) {
	for _, suffix := range []string{"com", "org", "net", "de", "fr", "it", "es", "co.uk", "ch", "at", "nl", "be"} {
		all = append(all, "https://example."+suffix)
	}
	return all
}

func (d relatedRule) testCase(of ceremony) testCase {
	c := testCase{
		ID: "page/related/" + of.name + "/" + d.name, Spec: page("5.11"), Level: d.level, Needs: needs(ServesPages, AsksRelated),
		Doc: "An origin may use an RP ID " + d.doc + ".", Catches: d.catches,
		Run: on(func(t *trial) { t.accepted(t.fromStranger(of, d.document)) }),
	}
	if !d.ok {
		c.Doc = "An origin may not use an RP ID " + d.doc + ", and no authenticator is asked."
		c.Twin = "page/related/" + of.name + "/listed"
		c.Run = on(func(t *trial) {
			t.refusedAs(t.fromStranger(of, d.document), "SecurityError")
			t.nothingAsked()
		})
	}
	return c
}

// fromStranger is a request at another origin, for the RP ID with this document.
func (t *trial) fromStranger(of ceremony, d WellKnown) *Request {
	r := of.ask(t)
	r.Origin, r.WellKnown = stranger, &d
	return r
}

var relatedData = testCase{
	ID: "page/related/client-data", Spec: page("5.11"), Level: conformance.Must, Needs: needs(ServesPages, AsksRelated), Twin: "page/related/create/listed",
	Doc:     "Client data have the origin of the page, and the authenticator is asked for the RP ID that vouches for it.",
	Catches: []string{"client-data/origin", "create/rp-id-other"},
	Run: on(func(t *trial) {
		r := t.fromStranger(creating, origins(stranger))
		t.sameText("the origin", stranger, t.clientData(r).Origin)
		m := t.last(ctap.CommandMakeCredential)
		id, _ := textIn(mapAt(m.params, mcRP), "id")
		t.sameText("rp.id", site, id)
	}),
}

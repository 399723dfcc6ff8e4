package relyingparties

import (
	"strings"

	"github.com/passkeylab/passkeylab/conformance"
)

// steps are where a requirement on both ceremonies stands.
type steps struct{ register, login conformance.Spec }

// inBoth is a section that is about both.
func inBoth(section string) steps { return steps{l3(section), l3(section)} }

// Steps about client data, and the section that defines it.
var (
	decodeStep      = steps{at71("5"), at72("8")}
	parseStep       = steps{at71("6"), at72("9")}
	typeStep        = steps{at71("7"), at72("10")}
	challengeStep   = steps{at71("8"), at72("11")}
	originStep      = steps{at71("9"), at72("12")}
	crossOriginStep = steps{at71("10"), at72("13")}
	topOriginStep   = steps{at71("11"), at72("14")}
	definition      = inBoth("5.8.1")
	exactly         = inBoth("13.4.9") // why origins are compared as the texts that they are

	tokenBindingStep = steps{
		conformance.Spec{Document: "WebAuthn L2", Section: "7.1", Step: "10"}, conformance.Spec{Document: "WebAuthn L2", Section: "7.2", Step: "14"},
	}
)

// mirrored is a requirement on both ceremonies, from which a case of each is derived.
type mirrored struct {
	what    string
	at      steps
	level   conformance.Level
	doc     string // with %s for "registration" or "login"
	accept  bool   // that it is accepted, and not refused
	needs   []need
	change  change
	catches []string
}

// cases are the two cases of a requirement; topic is the part of the ID before what.
func (m mirrored) cases(topic string) []testCase {
	make_ := func(ceremony, twin string, spec conformance.Spec, accepted, refused func() func(*conformance.Check)) testCase {
		c := testCase{
			ID: ceremony + "/" + topic + "/" + m.what, Spec: spec, Level: m.level, Twin: twin, Needs: m.needs, Catches: m.catches,
			Doc: strings.ReplaceAll(m.doc, "%s", ceremony), Run: refused(),
		}
		if m.accept {
			c.Run = accepted()
		}
		return c
	}
	r, l := registration{change: m.change}, login{change: m.change}
	return []testCase{
		make_("registration", plainRegistration, m.at.register, r.accepted, r.refused),
		make_("login", plainLogin, m.at.login, l.accepted, l.refused),
	}
}

func casesOf(topic string, all []mirrored) []testCase {
	var out []testCase
	for _, m := range all {
		out = append(out, m.cases(topic)...)
	}
	return out
}

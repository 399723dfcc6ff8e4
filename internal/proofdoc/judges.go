package proofdoc

import (
	"slices"

	device "github.com/passkeylab/passkeylab/authenticator/fault"
	devices "github.com/passkeylab/passkeylab/authenticator/subject"
	client "github.com/passkeylab/passkeylab/client/fault"
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/authenticators"
	"github.com/passkeylab/passkeylab/conformance/clients"
	"github.com/passkeylab/passkeylab/conformance/relyingparties"
	site "github.com/passkeylab/passkeylab/relyingparty/fault"
	sites "github.com/passkeylab/passkeylab/relyingparty/subject"
)

// judge is one suite of cases, and the faults that it is proved by.
type judge struct {
	name   string // of what it judges
	cases  []conformance.Case
	faults []named
	// excused are faults that no case can tell, with the reason.
	excused map[string]string
}

// named is a fault as a list has it.
type named struct{ id, group, doc string }

// judges are all there are.
func judges() []judge {
	authenticator := judge{name: "authenticators", cases: authenticators.Cases(), excused: devices.NotJudged()}
	elsewhere := devices.NotOfDevices()
	for _, f := range device.All() {
		if _, is := elsewhere[f.Group()]; !is {
			authenticator.faults = append(authenticator.faults, named{f.ID, f.Group(), f.Doc})
		}
	}
	library := judge{name: "clients", cases: clients.Cases()}
	for _, f := range client.All() {
		library.faults = append(library.faults, named{f.ID, f.Group(), f.Doc})
	}
	server := judge{name: "relying parties", cases: relyingparties.Cases(), excused: sites.NotJudged()}
	for _, f := range site.All() {
		server.faults = append(server.faults, named{f.ID, f.Group(), f.Doc})
	}
	return []judge{authenticator, library, server}
}

// noticing are the IDs of the cases that name a fault, by the fault's.
func (j *judge) noticing() map[string][]string {
	all := map[string][]string{}
	for _, c := range j.cases {
		for _, id := range c.Catches {
			all[id] = append(all[id], c.ID)
		}
	}
	return all
}

// score is how many faults there are, how many of them a case names, and how many no
// case can tell; and how many cases name a fault.
type score struct{ faults, caught, excused, proved int }

func (j *judge) score() (s score) {
	noticed := j.noticing()
	for _, f := range j.faults {
		s.faults++
		switch {
		case len(noticed[f.id]) > 0:
			s.caught++
		case j.excused[f.id] != "":
			s.excused++
		}
	}
	for _, c := range j.cases {
		if len(c.Catches) > 0 {
			s.proved++
		}
	}
	return s
}

// sections are what cases and groups of faults are counted by, in order.
func (j *judge) sections() (cases, faults []string) {
	for _, c := range j.cases {
		cases = append(cases, c.Section())
	}
	for _, f := range j.faults {
		faults = append(faults, f.group)
	}
	slices.Sort(cases)
	slices.Sort(faults)
	return slices.Compact(cases), slices.Compact(faults)
}

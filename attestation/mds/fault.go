package mds

import (
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/internal/nearest"
)

// Fault is one way in which a service can be wrong; see [Service.Break]. Its
// absence is correct.
type Fault struct {
	ID   string // permanent, "what/how"
	Spec string // the rule that it breaks, or that a reader applies to notice
	Doc  string // one sentence

	seams seams
}

// Faults returns every fault, sorted by ID.
func Faults() []Fault {
	all := slices.Concat(signatureFaults, chainFaults, payloadFaults, entryFaults, tokenFaults)
	slices.SortFunc(all, func(a, b Fault) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	return all
}

// FaultByID returns the fault with an ID. The error names the ID most like it.
func FaultByID(id string) (Fault, error) {
	all := Faults()
	ids := make([]string, len(all))
	for i, f := range all {
		if f.ID == id {
			return f, nil
		}
		ids[i] = f.ID
	}
	if meant := nearest.Name(id, ids); meant != "" {
		return Fault{}, fmt.Errorf("mds: no fault is called %q: did you mean %q?", id, meant)
	}
	return Fault{}, fmt.Errorf("mds: no fault is called %q: mds.Faults lists them", id)
}

// seams are where a fault acts, in the order in which a BLOB is made. A nil seam
// changes nothing.
type seams struct {
	payload func(*Payload)            // what is said
	text    func([]byte) []byte       // the same in JSON
	seal    func(*sealing) error      // who signs it, and as whom
	token   func(token []byte) []byte // what is downloaded
	list    func(*revocation) error   // what an issuer says of its certificates
}

func (s seams) onPayload(p *Payload) {
	if s.payload != nil {
		s.payload(p)
	}
}

func (s seams) onText(text []byte) []byte {
	if s.text != nil {
		return s.text(text)
	}
	return text
}

func (s seams) onSeal(what *sealing) error {
	if s.seal != nil {
		return s.seal(what)
	}
	return nil
}

func (s seams) onToken(token []byte) []byte {
	if s.token != nil {
		return s.token(token)
	}
	return token
}

func (s seams) onList(r *revocation) error {
	if s.list != nil {
		return s.list(r)
	}
	return nil
}

package relyingparty

import "github.com/passkeylab/passkeylab/relyingparty/ceremony"

// Seams are the only places where a fault can act on a site or on a conformance
// interface: those of its ceremonies, and what there is around them. A nil seam changes
// nothing. Several Seams act in the order they were given. Each may be called by many
// requests at a time.
type Seams struct {
	ceremony.Seams

	// Policy sees the policy under which the site carries out a request.
	Policy func(Policy) Policy

	// Request sees the body of a request to the conformance interface before anything of
	// it is read, and the path that it is for; Answer sees the status and the body of
	// what it is answered with.
	Request func(path string, body []byte) (string, []byte)
	Answer  func(path string, status int, body []byte) (int, []byte)
}

// The doors of a site, and that of a conformance interface.
const (
	DoorPages       ceremony.Door = "pages"       // the exchanges of the site's own pages
	DoorNative      ceremony.Door = "native"      // the APIs for native passkeys and for one's own account
	DoorConformance ceremony.Door = "conformance" // the interface of conformance drivers
)

// CeremonySeams are those of them that act on ceremonies.
func CeremonySeams(all []Seams) []ceremony.Seams {
	of := make([]ceremony.Seams, len(all))
	for i := range all {
		of[i] = all[i].Seams
	}
	return of
}

// seenPolicy is the policy that a request is carried out under: the one in force,
// unless a seam has another.
func (s *Site) seenPolicy() Policy {
	p := s.Policy()
	for i := range s.config.Seams {
		if f := s.config.Seams[i].Policy; f != nil {
			p = f(p)
		}
	}
	return p
}

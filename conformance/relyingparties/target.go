package relyingparties

import (
	"context"

	"github.com/passkeylab/passkeylab/conformance"
)

// Target is one relying party that is there already, and that cases share: users and
// credentials are new in each case, so that nothing has to be reset.
type Target struct{ At Site }

var _ conformance.Several = Target{}

// Several is true: no case uses what another made.
func (Target) Several() bool { return true }

// Fresh implements [conformance.Target].
func (t Target) Fresh(context.Context, uint64) (conformance.Subject, error) {
	return standing{t.At}, nil
}

// standing is a relying party that nobody here ends.
type standing struct{ at Site }

func (s standing) Site() Site { return s.at }

func (standing) Close() error { return nil }

package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/fault"
)

// faultFlags make the site wrong. Nothing else does: no file, no request and no
// variable of the environment.
type faultFlags struct {
	Fault []string `name:"fault" help:"Make this mistake, as the page of every screen will say; can be given several times. passkeylab faults rp lists them." placeholder:"ID"`
}

// look returns the faults that the flags name, in order.
func (f faultFlags) look(conformance, models bool) (all []fault.Fault, err error) {
	for _, id := range f.Fault {
		one, err := fault.Lookup(id)
		switch {
		case err != nil:
			return nil, fmt.Errorf("--fault: %w", err)
		case !conformance && !one.At(relyingparty.DoorPages) && !one.At(relyingparty.DoorNative):
			return nil, fmt.Errorf("--fault %s: that would change nothing without --conformance", id)
		case !models && one.Group() == "rp/metadata":
			return nil, fmt.Errorf("--fault %s: that would change nothing without metadata; see --attestation and --mds", id)
		}
		all = append(all, one)
	}
	return all, nil
}

// seams are those of the faults, anew for each relying party, as faults remember what
// they see.
func (f faultFlags) seams() []relyingparty.Seams {
	var all []relyingparty.Seams
	for _, id := range f.Fault {
		if one, err := fault.Lookup(id); err == nil { // which look has seen to
			all = append(all, one.Seams)
		}
	}
	return all
}

// warn says what is wrong with the site, so that nobody overlooks it.
func warn(w io.Writer, all []fault.Fault) {
	if len(all) == 0 {
		return
	}
	line := strings.Repeat("!", 72)
	fmt.Fprintf(w, "%s\nTHIS SITE IS FAULTY ON PURPOSE. Let nobody rely on it.\n", line)
	for _, f := range all {
		fmt.Fprintf(w, "  %s: %s\n", f.ID, f.Doc)
	}
	fmt.Fprintln(w, line)
}

package relyingparties_test

import (
	"fmt"
	"testing"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/relyingparties"
)

func TestZ(t *testing.T) {
	target := ours(t)
	out := conformance.Run(t.Context(), target, relyingparties.Cases(), conformance.Options{Seed: 1})
	n := map[conformance.Verdict]int{}
	for _, r := range out.Results {
		n[r.Verdict]++
		if r.Verdict == conformance.Fail || r.Verdict == conformance.Error {
			fmt.Println(r.Case.ID, r.Case.Level, r.Verdict, r.Reason, "|", r.Expected, "|", r.Seen)
		}
	}
	fmt.Println(n, len(out.Results), out.Duration)
}

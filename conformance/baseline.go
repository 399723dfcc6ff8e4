package conformance

import (
	"encoding/json"
	"fmt"
	"io"
)

// Baseline is what failed in an earlier run, by the IDs of the cases.
type Baseline map[string]bool

// maxBaseline is the size of the longest report that is read, in bytes.
const maxBaseline = 256 << 20

// ReadBaseline reads the report.json of an earlier run.
func ReadBaseline(r io.Reader) (Baseline, error) {
	var earlier struct {
		Schema  string `json:"schema"`
		Entries []struct {
			ID      string `json:"id"`
			Verdict string `json:"verdict"`
		} `json:"entries"`
	}
	if err := json.NewDecoder(io.LimitReader(r, maxBaseline)).Decode(&earlier); err != nil {
		return nil, fmt.Errorf("this is no report.json: %w", err)
	}
	if earlier.Schema == "" {
		return nil, fmt.Errorf("this is no report.json: it names no schema")
	}
	failed := Baseline{}
	for _, e := range earlier.Entries {
		if e.Verdict == Fail.String() || e.Verdict == Error.String() {
			failed[e.ID] = true
		}
	}
	return failed, nil
}

// forgive waives what failed in the baseline too, so that only new failures count.
func (o *Outcome) forgive() {
	for i := range o.Results {
		r := &o.Results[i]
		if (r.Verdict == Fail || r.Verdict == Error) && o.Options.Baseline[r.Case.ID] {
			r.Verdict, r.Reason = Waived, "failed in the baseline too: "+r.Reason
		}
	}
}

package conformance

import (
	"fmt"
	"time"

	"github.com/passkeylab/passkeylab/internal/report"
)

// Outcome is what a run found.
type Outcome struct {
	Options  Options
	Started  time.Time
	Duration time.Duration
	Results  []Result // in the order of the cases
	Idle     []Waiver // waivers that excused nothing
}

// heedTwins takes back what rests on a twin that did not pass: a subject that
// refuses everything refuses the defective request too, and proves nothing by it.
// A twin that was not run says nothing either way.
func (o *Outcome) heedTwins() {
	verdicts := map[string]Verdict{}
	for i := range o.Results {
		verdicts[o.Results[i].Case.ID] = o.Results[i].Verdict
	}
	for i := range o.Results {
		r := &o.Results[i]
		twin, run := verdicts[r.Case.Twin]
		if !run || r.Verdict != Pass || twin == Pass {
			continue
		}
		r.Verdict = Error
		if twin == Skipped || twin == Unsupported {
			r.Verdict = twin
		}
		r.Reason = fmt.Sprintf("what it found proves nothing, because its twin %s has the verdict %q", r.Case.Twin, twin)
	}
}

// waive excuses what failed or was skipped and has a waiver in force, and finds the
// waivers that excuse nothing.
func (o *Outcome) waive() {
	used := map[string]bool{}
	for i := range o.Results {
		r := &o.Results[i]
		w, ok := o.Options.Waivers.of(r.Case.ID)
		if !ok || r.Verdict != Fail && r.Verdict != Skipped || w.expired(o.Options.Now) {
			continue
		}
		used[w.ID] = true
		r.Verdict, r.Reason = Waived, "waived, "+w.Reason+": "+r.Reason
	}
	for _, w := range o.Options.Waivers {
		if !used[w.ID] {
			o.Idle = append(o.Idle, w)
		}
	}
}

// Count returns how many cases have a verdict.
func (o *Outcome) Count(v Verdict) int {
	n := 0
	for i := range o.Results {
		if o.Results[i].Verdict == v {
			n++
		}
	}
	return n
}

// Objections are why the run as a whole does not pass, each a sentence; none, and
// it does. What failed or broke always counts, and that nothing was judged;
// under [Options.Strict] also what was skipped, and waivers that are of no use.
func (o *Outcome) Objections() []string {
	var all []string
	object := func(n int, format string, args ...any) {
		if n > 0 {
			all = append(all, fmt.Sprintf(format, args...))
		}
	}
	failed, broken, skipped := o.Count(Fail), o.Count(Error), o.Count(Skipped)
	object(failed, "%d failed", failed)
	object(broken, "%d broke", broken)
	if failed+broken+o.Count(Pass)+o.Count(Waived) == 0 {
		all = append(all, "nothing was judged")
	}
	if !o.Options.Strict {
		return all
	}
	object(skipped, "%d were skipped", skipped)
	for _, w := range o.Idle {
		if w.expired(o.Options.Now) {
			object(1, "line %d of the waivers: the waiver for %s expired on %s", w.Line, w.ID, w.Until.Format(time.DateOnly))
			continue
		}
		object(1, "line %d of the waivers: %s was neither failed nor skipped; take the waiver away", w.Line, w.ID)
	}
	return all
}

// Report lays the outcome out for the renderings of package report. The caller
// adds what it knows of title, tool and machine.
func (o *Outcome) Report() *report.Report {
	r := &report.Report{
		Subject: report.Noun{One: "case", Many: "cases"}, Variant: report.Noun{One: "target", Many: "targets"},
		Started: o.Started, Duration: o.Duration, Seed: o.Options.Seed, Brief: true,
	}
	for i := range o.Results {
		r.Entries = append(r.Entries, o.Results[i].entry(o.Options))
	}
	return r
}

func (r *Result) entry(o Options) report.Entry {
	e := report.Entry{
		ID: r.Case.ID, Variant: o.Target, Story: r.Case.Doc, Rule: r.Case.Requirement(), Verdict: r.Verdict, Reason: r.Reason,
		Expected: r.Expected, Seen: r.Seen, Duration: r.Duration, Seed: o.Seed, Steps: r.Steps, Transcript: r.Messages,
	}
	if o.Repeat != nil {
		e.Repeat = o.Repeat(r.Case.ID)
	}
	return e
}

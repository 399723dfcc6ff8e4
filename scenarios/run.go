package scenarios

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/adapter"
	"github.com/passkeylab/passkeylab/internal/report"
	"github.com/passkeylab/passkeylab/internal/seed"
)

// Plan is a run of journeys outside of go test.
type Plan struct {
	Scenarios []Scenario
	Links     []passkeylab.Link
	Stage     *passkeylab.Stage
	Site      string           // "" for the embedded one
	Adapter   *adapter.Adapter // of Site, where its pages are not ours
	// AdapterFile is where Adapter was read from, for the commands that repeat a journey.
	AdapterFile string
	Seed        uint64
	Parallel    int  // journeys at a time; at least 1
	Retries     int  // how often a journey that did not pass is made once more; what was seen before stays in its entry
	Pictures    bool // keep what pages look like, on one link of each journey: for a report that shows them
	Observer    Observer
}

// Observer is told how a run goes on. Its methods may be called concurrently.
type Observer interface {
	Start(id, variant string)
	Done(*report.Entry)
}

// Options are the lab's options for a journey on a link.
func Options(s Scenario, link passkeylab.Link, stage *passkeylab.Stage) []passkeylab.Option {
	opts := []passkeylab.Option{passkeylab.WithLink(link), passkeylab.WithStage(stage)}
	if s.needsDisplay(link) {
		opts = append(opts, passkeylab.WithDisplay())
	}
	if s.Needs.Shop {
		opts = append(opts, passkeylab.WithShop())
	}
	if s.Needs.Models {
		opts = append(opts, passkeylab.WithModels())
	}
	if s.Needs.Domain != "" {
		opts = append(opts, passkeylab.WithDomain(s.Needs.Domain, ""))
	}
	if len(s.Needs.Related) > 0 {
		opts = append(opts, passkeylab.WithRelatedOrigins(s.Needs.Related...))
	}
	if s.Needs.RealTime {
		opts = append(opts, passkeylab.WithStart(time.Now().Truncate(time.Second)))
	}
	return opts
}

// Size is how many entries a run of the plan has.
func (p Plan) Size() int { return len(p.Scenarios) * len(p.Links) }

// Run carries the plan out and returns an entry for every journey on every
// link, in the plan's order. When ctx ends, journeys that have not begun are
// entered as skipped.
//
// Journeys that need the keyboard of the display would only wait for each other.
// So one goroutine makes those first, while the others make the rest.
func (p Plan) Run(ctx context.Context) []report.Entry {
	entries := make([]report.Entry, p.Size())
	abreast, alone := make(chan func(), len(entries)), make(chan func(), len(entries))
	for i, s := range p.Scenarios {
		for j, link := range p.Links {
			e, queue := &entries[i*len(p.Links)+j], abreast
			if s.needsDisplay(link) {
				queue = alone
			}
			queue <- func() { p.entry(ctx, s, link, e) }
		}
	}
	close(abreast)
	close(alone)
	work := func(queues ...<-chan func()) {
		for _, queue := range queues {
			for journey := range queue {
				journey()
			}
		}
	}
	var running sync.WaitGroup
	running.Go(func() { work(alone, abreast) })
	for range p.Parallel - 1 {
		running.Go(func() { work(abreast) })
	}
	running.Wait()
	return entries
}

// entry runs one journey on one link.
func (p Plan) entry(ctx context.Context, s Scenario, link passkeylab.Link, e *report.Entry) {
	p.Observer.Start(s.ID, string(link))
	*e = report.Entry{ID: s.ID, Variant: string(link), Story: s.Story, Seed: p.Seed, Repeat: p.repeat(s, link)}
	switch reason := p.impossible(s, link); {
	case reason != "":
		e.Verdict, e.Reason = report.NotApplicable, reason
	case ctx.Err() != nil:
		e.Verdict, e.Reason = report.Skipped, "the run was interrupted"
	default:
		opts := append(Options(s, link, p.Stage), passkeylab.WithSeed(p.seed(s)), passkeylab.WithRecord(e))
		if p.Pictures && p.illustrates(s, link) {
			opts = append(opts, passkeylab.WithPictures())
		}
		if p.Site != "" {
			opts = append(opts, passkeylab.WithSite(p.Site))
		}
		if p.Adapter != nil {
			opts = append(opts, passkeylab.WithAdapter(p.Adapter))
		}
		p.make(ctx, s, e, opts)
	}
	p.Observer.Done(e)
}

// make makes the journey until it passes or the tries are used up, and keeps
// why earlier ones did not pass.
func (p Plan) make(ctx context.Context, s Scenario, e *report.Entry, opts []passkeylab.Option) {
	judge(e, s.Rehearse(ctx, opts...))
	for range p.Retries {
		if failed := e.Verdict == report.Fail || e.Verdict == report.Error; !failed || ctx.Err() != nil {
			return
		}
		why := e.Reason
		if e.Expected != "" || e.Seen != "" {
			why += "\nexpected: " + e.Expected + "\nseen: " + e.Seen
		}
		e.Earlier, e.Reason = append(e.Earlier, why), ""
		judge(e, s.Rehearse(ctx, opts...))
	}
}

// Rehearse makes the journey, and once more if the browser ended by itself
// meanwhile: that is no fault of the journey, and happens to Chromium now and then.
// The error is that of [passkeylab.Rehearse].
func (s Scenario) Rehearse(ctx context.Context, opts ...passkeylab.Option) error {
	err := passkeylab.Rehearse(ctx, s.ID, s.Run, opts...)
	var ended *passkeylab.BrowserEnded
	if !errors.As(err, &ended) || ctx.Err() != nil {
		return err
	}
	why, _, _ := strings.Cut(ended.Error(), "\nlink ")
	return passkeylab.Rehearse(ctx, s.ID, func(lab *passkeylab.Lab) {
		lab.Note("this is the second try, as in the first the browser ended by itself: %s", why)
		s.Run(lab)
	}, opts...)
}

// illustrates reports whether link is the one whose pages are pictured: the
// first with a browser that can carry the journey. They look the same on all.
func (p Plan) illustrates(s Scenario, link passkeylab.Link) bool {
	first := slices.IndexFunc(p.Links, func(l passkeylab.Link) bool { return l.InBrowser() && s.NotOn(l) == "" })
	return first >= 0 && p.Links[first] == link
}

// seed is the journey's own: two journeys at one site must not make the same
// keys.
func (p Plan) seed(s Scenario) uint64 { return seed.Named(fmt.Sprint(p.Seed, s.ID)) }

// impossible says why the journey cannot be made on this link or at this site.
func (p Plan) impossible(s Scenario, link passkeylab.Link) string {
	if p.Site != "" && s.Needs.Embedded {
		return "it reaches into the site's clock, mail, log or policy, which only the embedded site allows"
	}
	if p.Adapter != nil && !link.InBrowser() {
		return passkeylab.NoScripts
	}
	return s.NotOn(link)
}

// judge turns the outcome of a rehearsal into a verdict.
func judge(e *report.Entry, outcome error) {
	var skipped *passkeylab.Skipped
	var foreign *passkeylab.NotApplicable
	var crashed *passkeylab.Crashed
	var ended *passkeylab.BrowserEnded
	switch {
	case outcome == nil:
		e.Verdict = report.Pass
	case errors.As(outcome, &foreign):
		e.Verdict, e.Reason = report.NotApplicable, foreign.Reason
	case errors.As(outcome, &skipped):
		e.Verdict, e.Reason = report.Skipped, skipped.Reason
	case errors.As(outcome, &crashed):
		e.Verdict, e.Reason = report.Error, crashed.Error()+"\n"+crashed.Stack
	case errors.As(outcome, &ended):
		e.Verdict, e.Reason = report.Error, "the browser ended by itself in both tries: "+ended.Error()
	default:
		e.Verdict = report.Fail
		e.Reason, _, _ = strings.Cut(outcome.Error(), "\n")
	}
}

func (p Plan) repeat(s Scenario, link passkeylab.Link) string {
	command := fmt.Sprintf("passkeylab run %s --link %s --seed %d", s.ID, link, p.Seed)
	if p.Site != "" {
		command += " --site " + p.Site
	}
	if p.AdapterFile != "" {
		command += " --adapter " + p.AdapterFile
	}
	return command
}

// Report puts entries under a heading.
func (p Plan) Report(entries []report.Entry) *report.Report {
	variants := make([]string, len(p.Links))
	for i, link := range p.Links {
		variants[i] = string(link)
	}
	return &report.Report{
		Title:    "Passkey journeys",
		Tool:     "passkeylab",
		Subject:  report.Noun{One: "journey", Many: "journeys"},
		Variant:  report.Noun{One: "link", Many: "links"},
		Seed:     p.Seed,
		Variants: variants,
		Entries:  slices.Clone(entries),
	}
}

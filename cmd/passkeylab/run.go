package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/adapter"
	"github.com/passkeylab/passkeylab/browser"
	"github.com/passkeylab/passkeylab/internal/doctor"
	"github.com/passkeylab/passkeylab/internal/report"
	"github.com/passkeylab/passkeylab/scenarios"
)

type runVerb struct {
	Patterns []string `arg:"" optional:"" name:"pattern" help:"Journeys to run, such as 'autofill' or 'button/two-*'; all by default."`
	Site     string   `help:"Visit the site at this URL instead of the embedded one: one that serves our pages, or any with --adapter." placeholder:"URL"`
	Adapter  string   `help:"How to get about at --site where its pages are not ours: a file of selectors and steps." placeholder:"FILE" type:"path"`
	Link     string   `help:"How devices get into pages: proxy, cdp, bridge, usb, hybrid, wire, several with commas, or all." default:"all"`
	Headed   bool     `help:"Show windows, on $DISPLAY or an Xvfb of their own."`
	Seed     *uint64  `help:"Repeat a run; drawn anew by default." placeholder:"N"`
	Report   string   `help:"Write index.html, junit.xml and report.json to this folder." placeholder:"DIR" type:"path"`
	Parallel int      `help:"Journeys at a time; two for each core by default." placeholder:"N"`
	Retries  int      `help:"Make a journey that did not pass up to N times more. It counts as passed then, and the summary and every report say that it did not at first." placeholder:"N" default:"0"`
	List     bool     `help:"Only list what would run."`
	Gate     bool     `help:"Fail when a journey was skipped."`
}

func (v *runVerb) Run(c *console) (err error) {
	chosen, err := scenarios.Match(v.Patterns...)
	if err != nil {
		return err
	}
	links, err := passkeylab.ParseLinks(v.Link)
	if err != nil {
		return err
	}
	way, err := v.readAdapter()
	if err != nil {
		return err
	}
	if v.List {
		return (&scenariosVerb{Patterns: v.Patterns}).Run(c)
	}
	if err := errors.Join(v.checkReport(), v.checkBrowser(c, links), v.checkSite(c)); err != nil {
		return firstLine(err)
	}
	stage := passkeylab.NewStage(passkeylab.StageOptions{Headed: v.Headed, Display: v.display(c)})
	defer func() { err = errors.Join(err, stage.Close()) }()

	plan := scenarios.Plan{Scenarios: chosen, Links: links, Stage: stage, Site: v.Site, Adapter: way, AdapterFile: v.Adapter, Seed: v.seed(), Parallel: v.parallel(), Retries: max(v.Retries, 0), Pictures: v.Report != ""}
	progress := report.NewProgress(c.err, report.ProgressOptions{
		Total: plan.Size(), Live: c.columns(c.err) > 0, Width: c.columns(c.err), Color: c.color(c.err),
	})
	plan.Observer = progress
	started := time.Now()
	entries := plan.Run(c)
	progress.Close()
	return v.conclude(c, plan, entries, started)
}

// display is where windows go: what the caller has, for --headed only, so that
// no window opens on a desk unasked.
func (v *runVerb) display(c *console) string {
	if v.Headed {
		return c.env("DISPLAY")
	}
	return ""
}

func (v *runVerb) seed() uint64 {
	if v.Seed != nil {
		return *v.Seed
	}
	return rand.Uint64N(1_000_000_000) // short enough to type
}

func (v *runVerb) parallel() int {
	if v.Parallel > 0 {
		return v.Parallel
	}
	return 2 * runtime.NumCPU() // a journey waits half of its time, for frames and for answers
}

func (v *runVerb) readAdapter() (*adapter.Adapter, error) {
	switch {
	case v.Adapter == "":
		return nil, nil
	case v.Site == "":
		return nil, errors.New("--adapter says how to get about at a site of other people's: give its address with --site")
	}
	way, err := adapter.ReadFile(v.Adapter)
	if err != nil {
		return nil, fmt.Errorf("--adapter: %w", err)
	}
	return way, nil
}

// The checks below find out before the first journey what would spoil them all.

func (v *runVerb) checkReport() error {
	if v.Report == "" {
		return nil
	}
	if err := os.MkdirAll(v.Report, 0o755); err != nil {
		return fmt.Errorf("--report: %w: choose another folder", err)
	}
	return nil
}

func (v *runVerb) checkBrowser(c *console, links []passkeylab.Link) error {
	if !slices.ContainsFunc(links, passkeylab.Link.InBrowser) {
		return nil
	}
	if _, err := browser.FindChromium(); err != nil {
		return fmt.Errorf("%w; --link wire needs no browser", err)
	}
	if v.Headed && v.display(c) == "" {
		if _, err := exec.LookPath("Xvfb"); err != nil {
			return errors.New("--headed needs a display: set DISPLAY, or install one in memory with: apt-get install xvfb")
		}
	}
	return nil
}

func (v *runVerb) checkSite(c *console) error {
	if v.Site == "" {
		return nil
	}
	target, err := url.Parse(v.Site)
	if err != nil || (target.Scheme != "http" && target.Scheme != "https") || target.Host == "" {
		return fmt.Errorf("--site %q is no URL: give it as https://host or http://localhost:8080", v.Site)
	}
	request, err := http.NewRequestWithContext(c, http.MethodGet, v.Site, nil)
	if err != nil {
		return err
	}
	visitor := http.Client{Timeout: siteTimeout}
	answer, err := visitor.Do(request)
	if err != nil {
		return fmt.Errorf("--site cannot be reached: %w: is it running? `passkeylab serve` starts ours", err)
	}
	return answer.Body.Close()
}

// siteTimeout is how long a site may take to show that it is there.
const siteTimeout = 10 * time.Second

// firstLine keeps the first of several complaints: mending it may mend others.
func firstLine(err error) error {
	line, _, more := strings.Cut(err.Error(), "\n")
	if !more {
		return err
	}
	return errors.New(line)
}

// conclude writes the report, tells the summary, and decides the status.
func (v *runVerb) conclude(c *console, plan scenarios.Plan, entries []report.Entry, started time.Time) error {
	r := plan.Report(entries)
	r.Started, r.Duration = started, time.Since(started)
	if err := c.publish(r, v.Report); err != nil {
		return err
	}
	switch {
	case r.ExitStatus() != 0:
		return &verdictError{r.ExitStatus()}
	case v.Gate && r.Count(report.Skipped) > 0:
		return fmt.Errorf("%d journeys were skipped, and --gate lets none pass: `passkeylab doctor` tells what is missing", r.Count(report.Skipped))
	}
	return nil
}

// machine describes where the run took place, as far as it bears on results.
func machine(c *console) map[string]string {
	out := map[string]string{"os": runtime.GOOS + "/" + runtime.GOARCH, "go": runtime.Version(), "cores": fmt.Sprint(runtime.NumCPU())}
	for _, check := range doctor.Run(c) {
		if check.ID == "chromium" {
			out["chromium"] = check.Detail
		}
	}
	return out
}

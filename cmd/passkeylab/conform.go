package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/fault"
	self "github.com/passkeylab/passkeylab/authenticator/subject"
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/authenticators"
	"github.com/passkeylab/passkeylab/internal/report"
)

type conformVerb struct {
	Authenticator conformAuthenticatorVerb `cmd:"" help:"Judge an authenticator by CTAP 2.0 to 2.3 and U2F."`
	Client        conformClientVerb        `cmd:"" help:"Judge a client, that is, a browser or a library, by what it sends to authenticators and refuses from them."`
	RP            conformRPVerb            `cmd:"" name:"rp" help:"Judge a relying party by WebAuthn Level 3, attestation and metadata."`
}

type conformAuthenticatorVerb struct {
	Target string `help:"The device: self, one of ours in this process, or udp:HOST:PORT, tcp:HOST:PORT, unix:PATH, hidraw:PATH, pcsc:READER." default:"self"`
	targetFlags
	choiceFlags
	judgeFlags
}

// choiceFlags say which cases are run.
type choiceFlags struct {
	Match []string `help:"Only cases like these, such as 'makecredential' or '*/token/*'. Repeatable." placeholder:"GLOB" sep:"none"`
	Level string   `help:"The least binding requirements to judge by: must, should or may." default:"must" enum:"must,should,may"`
	Shard string   `help:"Only one of several parts of the cases, such as 1/4." placeholder:"N/M"`
	List  bool     `help:"Only list what would run."`
}

// judgeFlags say how the outcome counts and where it goes.
type judgeFlags struct {
	Waivers  string  `help:"Failures that this file excuses do not count." type:"existingfile" placeholder:"FILE"`
	Baseline string  `help:"Failures of this earlier report.json do not count again." type:"existingfile" placeholder:"FILE"`
	Report   string  `help:"Write index.html, junit.xml, report.json and badge.svg to this folder." placeholder:"DIR" type:"path"`
	Gate     bool    `help:"Let nothing pass that was skipped, nor waivers that have expired or excuse nothing."`
	Seed     *uint64 `help:"Repeat a run; drawn anew by default." placeholder:"N"`
}

func (v *conformAuthenticatorVerb) Run(c *console) error {
	return c.judge(v.choiceFlags, v.judgeFlags, judgement{
		suite: authenticators.Cases(), name: v.Target, target: func() (conformance.Target, error) { return v.target(c) }, repeat: v.repeat,
	})
}

// judgement is what is judged by what.
type judgement struct {
	suite  []conformance.Case
	name   string                             // of the target
	target func() (conformance.Target, error) // made only where cases are run
	repeat func(seed uint64) func(id string) string
}

// judge runs the cases that are chosen, or lists them.
func (c *console) judge(choice choiceFlags, flags judgeFlags, j judgement) error {
	chosen, err := choice.choose(j.suite)
	if err != nil {
		return err
	}
	if choice.List {
		return writeCases(c.out, chosen)
	}
	target, err := j.target()
	if err != nil {
		return err
	}
	if started, ok := target.(io.Closer); ok {
		defer started.Close()
	}
	options, err := flags.options(j.suite)
	if err != nil {
		return err
	}
	options.Target, options.Repeat = j.name, j.repeat(options.Seed)
	progress := report.NewProgress(c.err, report.ProgressOptions{
		Total: len(chosen), Live: c.columns(c.err) > 0, Width: c.columns(c.err), Color: c.color(c.err), Terse: true,
	})
	options.Watch = progress
	outcome := conformance.Run(c, target, chosen, options)
	progress.Close()
	return flags.conclude(c, outcome)
}

var levels = map[string]conformance.Level{"must": conformance.Must, "should": conformance.Should, "may": conformance.May}

func (f choiceFlags) choose(suite []conformance.Case) ([]conformance.Case, error) {
	selection := conformance.Selection{Match: f.Match, Level: levels[f.Level]}
	if f.Shard != "" {
		if n, err := fmt.Sscanf(f.Shard, "%d/%d", &selection.Shard, &selection.Shards); n != 2 || err != nil || selection.Shards < 1 {
			return nil, fmt.Errorf("--shard %q: give it as 1/4", f.Shard)
		}
	}
	return conformance.Select(suite, selection)
}

func (f judgeFlags) options(suite []conformance.Case) (conformance.Options, error) {
	o := conformance.Options{Seed: rand.Uint64N(1_000_000_000), Strict: f.Gate, Now: time.Now(), Transcripts: f.Report != ""}
	if f.Seed != nil {
		o.Seed = *f.Seed
	}
	var err error
	known := func(id string) bool {
		return slices.ContainsFunc(suite, func(c conformance.Case) bool { return c.ID == id })
	}
	if f.Waivers != "" {
		text, readErr := os.ReadFile(f.Waivers)
		if o.Waivers, err = conformance.ReadWaivers(bytes.NewReader(text), known); readErr != nil || err != nil {
			return o, fmt.Errorf("--waivers %s: %w", f.Waivers, errors.Join(readErr, err))
		}
	}
	if f.Baseline != "" {
		text, readErr := os.ReadFile(f.Baseline)
		if o.Baseline, err = conformance.ReadBaseline(bytes.NewReader(text)); readErr != nil || err != nil {
			return o, fmt.Errorf("--baseline %s: %w", f.Baseline, errors.Join(readErr, err))
		}
	}
	if f.Report != "" {
		if err := os.MkdirAll(f.Report, 0o755); err != nil {
			return o, fmt.Errorf("--report: %w: choose another folder", err)
		}
	}
	return o, nil
}

// conclude writes the report, tells the summary, and decides the status.
func (f judgeFlags) conclude(c *console, outcome *conformance.Outcome) error {
	r := outcome.Report()
	r.Title, r.Tool = "Conformance", "passkeylab"
	if err := c.publish(r, f.Report); err != nil {
		return err
	}
	if err := f.writeBadge(outcome); err != nil {
		return err
	}
	objections := outcome.Objections()
	if len(objections) == 0 {
		return nil
	}
	fmt.Fprintf(c.err, "does not pass: %s\n", strings.Join(objections, "; "))
	return &verdictError{exitFailed}
}

func (f judgeFlags) writeBadge(outcome *conformance.Outcome) error {
	if f.Report == "" {
		return nil
	}
	var badge bytes.Buffer
	if err := outcome.WriteBadge(&badge); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(f.Report, "badge.svg"), badge.Bytes(), 0o644)
}

// selfTarget is one of our own devices, with faults where some are wanted.
func (f targetFlags) selfTarget() (conformance.Target, error) {
	what, err := choose(f.Profile)
	if err != nil {
		return nil, err
	}
	for _, id := range f.Fault {
		one, err := fault.Lookup(id)
		if err != nil {
			return nil, fmt.Errorf("--fault: %w", err)
		}
		if inClient(one.Client) {
			return nil, fmt.Errorf("--fault %s: that is a fault of a client, and this is a device", id)
		}
	}
	return self.Target{
		Model: what.model,
		Seams: func() (seams []authenticator.Seams) {
			for _, one := range f.faults() {
				seams = append(seams, one.Seams)
			}
			return seams
		},
		Carriers: func() (c self.Carriers) {
			for _, one := range f.faults() {
				c.HID, c.NFC = append(c.HID, one.HID), append(c.NFC, one.NFC)
			}
			return c
		},
	}, nil
}

// faults are those of one device, which were looked up before.
func (f targetFlags) faults() (all []fault.Fault) {
	for _, id := range f.Fault {
		if one, err := fault.Lookup(id); err == nil {
			all = append(all, one)
		}
	}
	return all
}

// Run makes mutants of our own source, shows each to the judge, and writes down which
// of them it did not notice. It is what "make mutation" calls.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/internal/mutation"
)

func main() {
	var r run
	flag.StringVar(&r.root, "root", ".", "folder of the module")
	flag.StringVar(&r.page, "page", "docs/mutation.md", "page that the result is written to")
	flag.StringVar(&r.data, "data", "", "file for the fate of each mutant, in JSON, which is brought up to date as they are found; it is read in place of a run where -again is given")
	flag.StringVar(&r.only, "suite", "", "carry out this campaign alone; of the others -data is believed")
	flag.BoolVar(&r.again, "again", false, "write the page from what -data holds")
	flag.BoolVar(&r.keep, "keep", false, "try none again that -data says was noticed, where its source is the same")
	flag.IntVar(&r.workers, "j", runtime.NumCPU(), "trials at a time")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := r.carryOut(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "mutation:", err)
		os.Exit(1)
	}
}

// run is what one call of the command does.
type run struct {
	root, page, data, only string
	again, keep            bool
	workers                int
	fates                  map[string][]fate // by suite
}

func (r *run) carryOut(ctx context.Context) error {
	r.fates = map[string][]fate{}
	if r.again || r.keep || r.only != "" {
		known, err := read(r.data)
		if err != nil && (r.again || !errors.Is(err, fs.ErrNotExist)) {
			return err
		}
		maps.Copy(r.fates, known)
	}
	if !r.again {
		if err := r.campaigns(ctx); err != nil {
			return err
		}
	}
	var sections []section
	for _, c := range campaigns {
		sections = append(sections, section{c, r.fates[c.suite]})
	}
	text, open := render(sections)
	return errors.Join(open, os.WriteFile(r.page, text, 0o644))
}

// campaigns carries out every campaign, or only one.
func (r *run) campaigns(ctx context.Context) error {
	for _, of := range campaigns {
		if r.only != "" && r.only != of.suite {
			continue
		}
		known := map[mutation.Mutant]fate{}
		before := r.fates[of.suite]
		for _, f := range before {
			if r.keep && f.Outcome == noticed {
				known[f.Mutant] = f
			}
		}
		found, err := r.campaign(ctx, of, known, func(found []fate) error { return r.save(of, withOthers(found, before)) })
		if err == nil {
			err = r.save(of, found)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", of.suite, err)
		}
	}
	return nil
}

// withOthers adds to fates those of before of mutants that are not among them.
func withOthers(found, before []fate) []fate {
	has := make(map[mutation.Mutant]bool, len(found))
	for _, f := range found {
		has[f.Mutant] = true
	}
	for _, f := range before {
		if !has[f.Mutant] {
			found = append(found, f)
		}
	}
	return found
}

// save writes down what was found of a campaign so far.
func (r *run) save(of campaignOf, found []fate) error {
	r.fates[of.suite] = found
	if r.data == "" {
		return nil
	}
	text, err := json.MarshalIndent(r.fates, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(r.data, text, 0o600)
}

// campaign builds the program with the mutants of a package, and tries each whose fate
// is not known.
func (r *run) campaign(ctx context.Context, of campaignOf, known map[mutation.Mutant]fate, save func([]fate) error) ([]fate, error) {
	scratch, err := os.MkdirTemp("", "mutation")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	overlay, err := mutation.Write(mutation.Task{
		Root: r.root, Patterns: of.patterns, Gauge: mutation.GaugePath, To: scratch,
		Skip: of.skips,
	})
	if err != nil {
		return nil, err
	}
	program := filepath.Join(scratch, "trial")
	build := exec.CommandContext(ctx, "go", "build", "-overlay", overlay.File, "-o", program, "./internal/mutation/trial")
	build.Dir, build.Stdout, build.Stderr = r.root, os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		return nil, fmt.Errorf("build the program with %d mutants: %w", len(overlay.Mutants), err)
	}
	c := campaign{
		program: program, suite: of.suite, mutants: overlay.Mutants, known: known, workers: r.workers,
		told: progress, save: save,
	}
	if err := c.survey(ctx); err != nil {
		return nil, err
	}
	return c.run(ctx)
}

// step is after how many mutants progress is told.
const step = 25

func progress(done, all int) {
	if done%step == 0 {
		fmt.Fprintf(os.Stderr, "%d of %d mutants\n", done, all)
	}
}

func read(name string) (fates map[string][]fate, err error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return fates, json.Unmarshal(text, &fates)
}

// unexplained tells which survivors nobody has answered for.
func unexplained(open []string) error {
	if len(open) == 0 {
		return nil
	}
	return fmt.Errorf("%d mutants are neither noticed nor explained:\n%s", len(open), strings.Join(open, "\n"))
}

// unneeded tells which explanations explain nothing any more.
func unneeded(idle []string) error {
	if len(idle) == 0 {
		return nil
	}
	return fmt.Errorf("%d explanations explain nothing:\n%s", len(idle), strings.Join(idle, "\n"))
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func joined(all []string) string { return strings.Join(all, ", ") }

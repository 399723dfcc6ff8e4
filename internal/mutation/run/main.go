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
	root := flag.String("root", ".", "folder of the module")
	page := flag.String("page", "docs/mutation.md", "page that the result is written to")
	data := flag.String("data", "", "file for the fate of each mutant, in JSON; it is read in place of a run where -again is given")
	only := flag.String("suite", "", "carry out this campaign alone; of the others -data is believed")
	again := flag.Bool("again", false, "write the page from what -data holds")
	keep := flag.Bool("keep", false, "try none again that -data says was noticed, where its source is the same")
	workers := flag.Int("j", runtime.NumCPU(), "trials at a time")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := carryOut(ctx, *root, *page, *data, *only, *again, *keep, *workers); err != nil {
		fmt.Fprintln(os.Stderr, "mutation:", err)
		os.Exit(1)
	}
}

func carryOut(ctx context.Context, root, page, data, only string, again, keep bool, workers int) error {
	fates := map[string][]fate{}
	if again || keep || only != "" {
		known, err := read(data)
		if err != nil && (again || !errors.Is(err, fs.ErrNotExist)) {
			return err
		}
		maps.Copy(fates, known)
	}
	if !again {
		if err := all(ctx, root, only, keep, workers, fates); err != nil {
			return err
		}
	}
	if !again && data != "" {
		if err := write(data, fates); err != nil {
			return err
		}
	}
	var sections []section
	for _, c := range campaigns {
		sections = append(sections, section{c, fates[c.suite]})
	}
	text, open := render(sections)
	return errors.Join(open, os.WriteFile(page, text, 0o644))
}

// all carries out every campaign, or only one.
func all(ctx context.Context, root, only string, keep bool, workers int, fates map[string][]fate) error {
	for _, of := range campaigns {
		if only != "" && only != of.suite {
			continue
		}
		known := map[mutation.Mutant]fate{}
		for _, f := range fates[of.suite] {
			if keep && f.Outcome == noticed {
				known[f.Mutant] = f
			}
		}
		found, err := of.carryOut(ctx, root, workers, known)
		if err != nil {
			return fmt.Errorf("%s: %w", of.suite, err)
		}
		fates[of.suite] = found
	}
	return nil
}

// carryOut builds the program with the mutants of a package, and tries each whose fate
// is not known.
func (of campaignOf) carryOut(ctx context.Context, root string, workers int, known map[mutation.Mutant]fate) ([]fate, error) {
	scratch, err := os.MkdirTemp("", "mutation")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	overlay, err := mutation.Write(mutation.Task{
		Root: root, Patterns: of.patterns, Gauge: mutation.GaugePath, To: scratch,
		Skip: of.skips,
	})
	if err != nil {
		return nil, err
	}
	program := filepath.Join(scratch, "trial")
	build := exec.CommandContext(ctx, "go", "build", "-overlay", overlay.File, "-o", program, "./internal/mutation/trial")
	build.Dir, build.Stdout, build.Stderr = root, os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		return nil, fmt.Errorf("build the program with %d mutants: %w", len(overlay.Mutants), err)
	}
	c := campaign{program: program, suite: of.suite, mutants: overlay.Mutants, known: known, workers: workers, told: progress}
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

func write(name string, fates map[string][]fate) error {
	text, err := json.MarshalIndent(fates, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(name, text, 0o600)
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
	return fmt.Errorf("%d mutants are neither noticed nor explained:\n%s", len(open), strings.Join(open, "\n"))
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func joined(all []string) string { return strings.Join(all, ", ") }

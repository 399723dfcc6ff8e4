// Trial is the program that mutants are compiled into: it has the judge look at what
// is ours, again and again, with one mutant at a time.
//
// It reads a [mutation.Question] a line and answers with [mutation.Answer]. Whoever
// runs it has to end it when it hangs: mutants do.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/internal/mutation"
	"github.com/passkeylab/passkeylab/internal/mutation/gauge"
)

func main() {
	all, err := named(os.Args[1:])
	if err == nil {
		err = serve(os.Stdin, os.Stdout, all)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "trial:", err)
		os.Exit(2)
	}
}

// named returns the suites that the one argument names.
func named(args []string) ([]suite, error) {
	if len(args) != 1 || suites[args[0]] == nil {
		return nil, fmt.Errorf("name one of %q", slices.Sorted(maps.Keys(suites)))
	}
	return suites[args[0]]()
}

// suite is a target and the cases that it is judged by.
type suite struct {
	name   string
	target conformance.Target
	cases  []conformance.Case
}

// trial is one case of one suite.
type trial struct {
	target conformance.Target
	c      conformance.Case
}

// limit is how long one case may take: all of it is in memory, and takes a thousandth
// where nobody else wants the machine.
const limit = 10 * time.Second

// longest is the longest question, in bytes.
const longest = 4 << 20

func serve(in io.Reader, out io.Writer, all []suite) error {
	trials, order := index(all)
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, longest)
	answers := json.NewEncoder(out)
	for lines.Scan() {
		var q mutation.Question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			return fmt.Errorf("question: %w", err)
		}
		if q.Mutant == 0 {
			if err := survey(trials, order, answers); err != nil {
				return err
			}
			continue
		}
		if err := answers.Encode(ask(trials, q)); err != nil {
			return err
		}
	}
	return lines.Err()
}

func index(all []suite) (map[string]trial, []string) {
	trials := map[string]trial{}
	var order []string
	for _, s := range all {
		for _, c := range s.cases {
			c.Limit = limit
			name := s.name + ": " + c.ID
			trials[name] = trial{s.target, c}
			order = append(order, name)
		}
	}
	return trials, order
}

// survey makes every trial without a mutant.
func survey(trials map[string]trial, order []string, answers *json.Encoder) error {
	gauge.Activate(0)
	for _, name := range order {
		gauge.Forget()
		verdict, reason := trials[name].run()
		if err := answers.Encode(mutation.Answer{Trial: name, Verdict: verdict.String(), Reason: reason, Reached: gauge.Reached()}); err != nil {
			return err
		}
	}
	return answers.Encode(mutation.Answer{})
}

// ask makes trials until one notices the mutant.
func ask(trials map[string]trial, q mutation.Question) mutation.Answer {
	gauge.Activate(q.Mutant)
	defer gauge.Activate(0)
	for _, name := range q.Trials {
		verdict, reason := trials[name].run()
		if verdict == conformance.Fail || verdict == conformance.Error {
			return mutation.Answer{Trial: name, Verdict: verdict.String(), Reason: reason}
		}
	}
	return mutation.Answer{}
}

func (t trial) run() (conformance.Verdict, string) {
	out := conformance.Run(context.Background(), t.target, []conformance.Case{t.c}, conformance.Options{Seed: 1, Parallel: 1})
	return out.Results[0].Verdict, out.Results[0].Reason
}

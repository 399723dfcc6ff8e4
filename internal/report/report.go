// Package report turns the outcome of a run into what people and machines
// read: a web page, JUnit XML, JSON, a summary and a progress line for the
// terminal.
//
// It owns the shape of a report and its renderings, and the promise that a
// hostile string in a report stays inert in every one of them.
//
// It must never know what was judged or how: no journeys, links, devices or
// servers by name, no clock, no environment, no terminal. It is data in, bytes
// out.
package report

import (
	"encoding/json"
	"time"
)

// Report is the outcome of one run.
type Report struct {
	Title   string // what was run, for a headline: "Passkey journeys"
	Tool    string // the program that ran it: "passkeylab"
	Version string // of the tool
	Commit  string // of the tool's source, "" when unknown

	Subject Noun // what an Entry's ID names: {"journey", "journeys"}
	Variant Noun // what an Entry's Variant names: {"link", "links"}

	Started  time.Time
	Duration time.Duration // wall clock of the whole run, not the sum of its entries
	Seed     uint64        // from which every Entry's Seed is derived
	Machine  map[string]string

	// Variants is the order of the matrix's columns. Variants that only occur
	// in Entries follow in order of appearance.
	Variants []string
	// Brief has the summary count the entries of each group instead of listing
	// them all.
	Brief bool
	// Entries in the order in which they are to be shown.
	Entries []Entry
}

// Noun is a word for something countable.
type Noun struct{ One, Many string }

// Entry is the outcome of one subject on one variant. ID and Variant together
// name it; both stay the same from run to run.
type Entry struct {
	ID       string // "login/by-button"; what precedes the first slash groups entries
	Variant  string // "proxy"
	Story    string // one sentence that says what happens
	Rule     string // the requirement that is judged: "MUST, CTAP 2.3 §6.1.2 step 12"; "" where none is
	Verdict  Verdict
	Reason   string // why it was skipped, does not apply, failed or broke
	Duration time.Duration
	Seed     uint64
	Repeat   string   // the command line that runs this entry alone, same seed
	Expected string   // on failure: what should have been seen
	Seen     string   // on failure: what was seen instead
	Earlier  []string // why earlier tries did not pass, in their order; none where the first one counted

	Steps      []Step
	Transcript []Message
	Log        []LogLine
}

// Step is one thing done or checked within an Entry.
type Step struct {
	At             time.Duration // since the Entry started
	Text           string
	Failed         bool
	Screenshot     []byte // nil for none
	ScreenshotType string // "image/png", "image/jpeg" or "image/webp"; others are not shown
}

// Message is one protocol message between two parties.
type Message struct {
	At       time.Duration // since the Entry started
	From, To string        // "client", "alice's phone"
	Layer    string        // the protocol: "CTAP", "WebAuthn"
	Name     string        // "authenticatorGetAssertion"
	Status   string        // how it was answered, "" for a request: "CTAP2_OK"
	Bytes    []byte        // as sent
	Decoded  string        // the same for people; may have several lines
}

// LogLine is one line that the judged system itself logged meanwhile.
type LogLine struct {
	At          time.Duration // since the Entry started
	Code        string        // the event's code: "s", "fpwk"
	Description string
	User        string
	Details     json.RawMessage // further fields as one JSON value, nil for none
}

// Verdict is the outcome of the whole run: Fail when an entry failed, else
// Error when one broke or there is none at all, else Skipped when not one was
// carried out, else Pass.
func (r *Report) Verdict() Verdict {
	switch {
	case r.Count(Fail) > 0:
		return Fail
	case r.Count(Error) > 0 || len(r.Entries) == 0:
		return Error
	case r.Count(Pass) == 0:
		return Skipped
	}
	return Pass
}

// Count returns the number of entries with verdict v.
func (r *Report) Count(v Verdict) int {
	n := 0
	for i := range r.Entries {
		if r.Entries[i].Verdict.or() == v {
			n++
		}
	}
	return n
}

// Unsteady returns the number of entries that passed, though not at first.
func (r *Report) Unsteady() int {
	n := 0
	for i := range r.Entries {
		if r.Entries[i].unsteady() {
			n++
		}
	}
	return n
}

// unsteady reports whether e passed in a later try than its first.
func (e *Entry) unsteady() bool { return e.Verdict.or() == Pass && len(e.Earlier) > 0 }

// ExitStatus is the status with which a command that made this report should
// exit: 0 when all that ran passed, 1 when something failed or broke, 2 when
// nothing ran at all.
func (r *Report) ExitStatus() int {
	v := r.Verdict()
	switch {
	case v == Pass:
		return 0
	case v == Skipped || len(r.Entries) == 0:
		return 2
	}
	return 1
}

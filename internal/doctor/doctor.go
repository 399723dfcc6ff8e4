// Package doctor finds out what a machine can and cannot do for passkeylab,
// and says how to mend what is missing.
//
// It owns the list of things that a run may need from the machine. It only
// looks: it must never install, start or change anything that outlives the
// look, and never know what a journey or a device is.
package doctor

import "context"

// State says how well a machine serves one need.
type State string

// States, the best first.
const (
	OK      State = "ok"
	Limited State = "limited" // works, with something less: Detail says what
	Missing State = "missing" // nothing runs in a browser, or nothing runs at all, without it
)

// Check is the answer to one question about the machine.
type Check struct {
	ID     string `json:"id"`             // stable: "chromium"
	What   string `json:"what"`           // the need, for people: "Chromium"
	State  State  `json:"state"`          //
	Detail string `json:"detail"`         // what was found, and what it means
	Mend   string `json:"mend,omitempty"` // what to do about it, "" when nothing
}

// questions in the order in which they are told.
var questions = []func(context.Context, Machine) Check{
	checkGo,
	checkChromium,
	checkXvfb,
	checkDisplay,
	checkSandbox,
	checkAccessibility,
	checkFonts,
	checkLoopback,
	checkTemp,
	checkSockets,
	checkUHID,
	checkGadget,
	checkHidraw,
	checkSmartCards,
	checkBluetooth,
	checkBus,
}

// Run examines the machine this program runs on.
func Run(ctx context.Context) []Check { return Examine(ctx, ThisMachine()) }

// Examine asks every question of m. Canceling ctx ends programs that were
// started to ask them, whose checks then report a failure.
func Examine(ctx context.Context, m Machine) []Check {
	checks := make([]Check, 0, len(questions))
	for _, ask := range questions {
		checks = append(checks, ask(ctx, m))
	}
	return checks
}

// Able reports whether nothing is missing; limits are allowed.
func Able(checks []Check) bool {
	for _, c := range checks {
		if c.State == Missing {
			return false
		}
	}
	return true
}

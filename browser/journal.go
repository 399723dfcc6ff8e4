package browser

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
)

// maxProblems is how many problems of one tab are kept, maxProblemText how many
// bytes of each, so that a page cannot fill memory by complaining.
const (
	maxProblems    = 200
	maxProblemText = 2000
)

// Problem is something a page's developer would see in red in the console.
type Problem struct {
	Source string // "exception", "console", or the browser's name for it, such as "network" or "security"
	Text   string
	URL    string // of the script or resource, if known
	Line   int    // counted from 1; 0 if unknown
}

func (p Problem) String() string {
	return fmt.Sprintf("%s: %s (%s:%d)", p.Source, p.Text, p.URL, p.Line)
}

// Problems lists uncaught exceptions, console errors and errors that the browser
// logged for this tab, oldest first. A journey may demand that there are none.
func (t *Tab) Problems() []Problem { return t.journal.list() }

// journal collects the problems of one tab.
type journal struct {
	mu       sync.Mutex
	problems []Problem
}

func (j *journal) list() []Problem {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.problems)
}

func (j *journal) add(p Problem) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.problems) < maxProblems {
		p.Text = p.Text[:min(len(p.Text), maxProblemText)]
		j.problems = append(j.problems, p)
	}
}

// event notes what an event of the Runtime or Log domain complains about.
func (j *journal) event(ev any) {
	switch e := ev.(type) {
	case *runtime.EventExceptionThrown:
		d := e.ExceptionDetails
		j.add(Problem{Source: "exception", Text: exceptionText(d), URL: d.URL, Line: int(d.LineNumber) + 1})
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
			j.add(consoleProblem(e))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			j.add(Problem{Source: string(e.Entry.Source), Text: e.Entry.Text, URL: e.Entry.URL, Line: int(e.Entry.LineNumber) + 1})
		}
	}
}

func consoleProblem(e *runtime.EventConsoleAPICalled) Problem {
	words := make([]string, len(e.Args))
	for i, arg := range e.Args {
		words[i] = objectText(arg)
	}
	p := Problem{Source: "console", Text: strings.Join(words, " ")}
	if e.StackTrace != nil && len(e.StackTrace.CallFrames) > 0 {
		p.URL = e.StackTrace.CallFrames[0].URL
		p.Line = int(e.StackTrace.CallFrames[0].LineNumber) + 1
	}
	return p
}

// objectText shows a JavaScript value as the console would.
func objectText(o *runtime.RemoteObject) string {
	if o.Description != "" {
		return o.Description
	}
	return strings.Trim(string(o.Value), `"`)
}

// exceptionText is the first line of what a page's script threw.
func exceptionText(d *runtime.ExceptionDetails) string {
	if d.Exception == nil {
		return d.Text
	}
	text, _, _ := strings.Cut(objectText(d.Exception), "\n")
	return text
}

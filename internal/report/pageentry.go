package report

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"strings"
)

// pageEntry is one entry as the page shows it.
type pageEntry struct {
	mark
	Anchor         string
	ID, Variant    string
	Rule           string
	Reason         string
	Headline       string // of a failure, on one line
	Contents       string // "6 steps · 3 messages · 2 log lines"
	Duration       string
	Seed, Repeat   string
	Expected, Seen string
	Earlier        []string
	Steps          []pageStep
	Shots          []pageShot
	Transcript     []pageMessage
	Log            []pageLogLine
}

// What an entry is made of, for counting.
var (
	stepNoun    = Noun{"step", "steps"}
	messageNoun = Noun{"message", "messages"}
	lineNoun    = Noun{"log line", "log lines"}
)

type pageStep struct {
	At, Text string
	Failed   bool
	Shot     bool
}

// pageShot is a screenshot; its bytes are encoded only while the page is
// being written, so that a report is never twice in memory.
type pageShot struct {
	Number  int // of its step, from 1
	Text    string
	Failed  bool
	mime    string
	picture []byte
}

type pageMessage struct {
	At, From, To, Layer, Name, Status string
	Size                              int
	Hex                               string
	Left                              int // bytes not shown
	Decoded                           string
}

type pageLogLine struct{ At, Code, Description, User, Details string }

// Failed reports whether the entry belongs in the list of what failed.
func (e *pageEntry) Failed() bool {
	return e.Name == Fail.String() || e.Name == Error.String()
}

// Messages and Lines count what the folds of the entry hold.
func (e *pageEntry) Messages() string { return messageNoun.count(len(e.Transcript)) }
func (e *pageEntry) Lines() string    { return lineNoun.count(len(e.Log)) }

// Empty reports whether there is nothing to open.
func (e *pageEntry) Empty() bool {
	return len(e.Steps)+len(e.Transcript)+len(e.Log) == 0 && !e.Failed()
}

// Unsteady reports whether it passed in a later try than its first.
func (e *pageEntry) Unsteady() bool { return e.Name == Pass.String() && len(e.Earlier) > 0 }

// Tries is how many it took.
func (e *pageEntry) Tries() int { return len(e.Earlier) + 1 }

// URI returns the screenshot as a data URI.
func (s pageShot) URI() template.URL {
	return template.URL("data:" + s.mime + ";base64," + base64.StdEncoding.EncodeToString(s.picture))
}

func newPageEntry(e *Entry, anchor string) *pageEntry {
	view := &pageEntry{
		mark:     newMark(e.Verdict),
		Anchor:   anchor,
		ID:       oneLine(e.ID),
		Variant:  oneLine(e.Variant),
		Rule:     visible(e.Rule),
		Reason:   visible(e.Reason),
		Contents: contents(e),
		Duration: short(e.Duration),
		Seed:     decimal(e.Seed),
		Repeat:   visible(e.Repeat),
		Expected: visible(e.Expected),
		Seen:     visible(e.Seen),
	}
	if view.Failed() {
		view.Headline = headline(e)
	}
	for _, why := range e.Earlier {
		view.Earlier = append(view.Earlier, visible(why))
	}
	for i, s := range e.Steps {
		shot, shown := newPageShot(i+1, s)
		if shown {
			view.Shots = append(view.Shots, shot)
		}
		view.Steps = append(view.Steps, pageStep{clock(s.At), visible(s.Text), s.Failed, shown})
	}
	for _, m := range e.Transcript {
		view.Transcript = append(view.Transcript, newPageMessage(m))
	}
	for _, l := range e.Log {
		view.Log = append(view.Log, pageLogLine{
			clock(l.At), visible(l.Code), visible(l.Description), visible(l.User), indented(l.Details),
		})
	}
	return view
}

// contents tells what there is to see inside an entry.
func contents(e *Entry) string {
	var parts []string
	for _, part := range []struct {
		noun  Noun
		count int
	}{{stepNoun, len(e.Steps)}, {messageNoun, len(e.Transcript)}, {lineNoun, len(e.Log)}} {
		if part.count > 0 {
			parts = append(parts, part.noun.count(part.count))
		}
	}
	return strings.Join(parts, " · ")
}

// newPageShot returns the screenshot of a step if it has one of a kind that
// browsers show as a still picture.
func newPageShot(number int, s Step) (pageShot, bool) {
	switch s.ScreenshotType {
	case "image/png", "image/jpeg", "image/webp":
	default:
		return pageShot{}, false
	}
	if len(s.Screenshot) == 0 {
		return pageShot{}, false
	}
	return pageShot{number, visible(s.Text), s.Failed, s.ScreenshotType, s.Screenshot}, true
}

// maxShownBytes bounds the dump of one message; the whole is in report.json.
const maxShownBytes = 8 << 10

func newPageMessage(m Message) pageMessage {
	shown := m.Bytes[:min(len(m.Bytes), maxShownBytes)]
	return pageMessage{
		At: clock(m.At), From: visible(m.From), To: visible(m.To),
		Layer: visible(m.Layer), Name: visible(m.Name), Status: visible(m.Status),
		Size: len(m.Bytes), Hex: hexLines(shown), Left: len(m.Bytes) - len(shown),
		Decoded: visible(m.Decoded),
	}
}

// hexLines dumps b sixteen bytes to the line, each line led by its offset.
func hexLines(b []byte) string {
	var out strings.Builder
	for at := 0; at < len(b); at += 16 {
		fmt.Fprintf(&out, "%04x ", at)
		for i, c := range b[at:min(at+16, len(b))] {
			if i == 8 {
				out.WriteByte(' ')
			}
			out.WriteString(" " + hex.EncodeToString([]byte{c}))
		}
		out.WriteByte('\n')
	}
	return out.String()
}

// indented lays out a JSON value for reading, and returns anything else as it is.
func indented(raw json.RawMessage) string {
	var out bytes.Buffer
	if json.Indent(&out, raw, "", "  ") != nil {
		return visible(string(raw))
	}
	return visible(out.String())
}

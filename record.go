package passkeylab

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/internal/report"
	"github.com/passkeylab/passkeylab/relyingparty"
)

// record collects what happens in a lab, in wall-clock time since its start.
// It is safe for concurrent use: devices answer on goroutines of their own.
type record struct {
	started time.Time

	mu       sync.Mutex
	steps    []report.Step
	messages []report.Message
	expected string
	seen     string
}

func newRecord() *record { return &record{started: time.Now()} }

// picture is a screenshot and its media type.
type picture struct {
	data      []byte
	mediaType string
}

func (r *record) step(text string, p *picture) {
	s := report.Step{Text: text}
	if p != nil {
		s.Screenshot, s.ScreenshotType = p.data, p.mediaType
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s.At = time.Since(r.started)
	r.steps = append(r.steps, s)
}

func (r *record) failed(text, expected, seen string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.steps = append(r.steps, report.Step{At: time.Since(r.started), Text: text, Failed: true})
	if r.expected == "" && r.seen == "" {
		r.expected, r.seen = expected, seen
	}
}

// failure is the first step that failed; "" for none.
func (r *record) failure() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.steps {
		if r.steps[i].Failed {
			return r.steps[i].Text
		}
	}
	return ""
}

func (r *record) message(m report.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m.At = time.Since(r.started)
	r.messages = append(r.messages, m)
}

// into copies the record to a report's entry.
func (r *record) into(e *report.Entry, events []relyingparty.Event, start time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e.Steps, e.Transcript = slices.Clone(r.steps), slices.Clone(r.messages)
	e.Expected, e.Seen = r.expected, r.seen
	e.Duration, e.Log = time.Since(r.started), nil
	for _, event := range events {
		details, _ := json.Marshal(event.Details) // plain data, always encodes
		e.Log = append(e.Log, report.LogLine{
			At: event.Time.Sub(start), Code: string(event.Type), Description: event.Description, User: event.User, Details: details,
		})
	}
}

// transcript shows the messages as failures print them.
func (r *record) transcript() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var b strings.Builder
	for _, m := range r.messages {
		b.WriteString("  " + m.From + " → " + m.To + ": " + m.Name)
		if m.Status != "" {
			b.WriteString(" " + m.Status)
		}
		b.WriteString("\n")
	}
	return b.String()
}

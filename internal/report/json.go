package report

import (
	"encoding/hex"
	"encoding/json"
	"io"
	"strconv"
	"time"
)

// schema names the shape of report.json. A new member keeps it; a member that
// changes its meaning or goes away gives it the next number.
const schema = "passkeylab-report/1"

type jsonReport struct {
	Schema     string            `json:"schema"`
	Title      string            `json:"title"`
	Tool       string            `json:"tool"`
	Version    string            `json:"version"`
	Commit     string            `json:"commit,omitempty"`
	Started    string            `json:"started"`
	DurationMS float64           `json:"duration_ms"`
	Seed       string            `json:"seed"` // a string, since 64 bits do not survive a float
	Machine    map[string]string `json:"machine"`
	Verdict    Verdict           `json:"verdict"`
	Counts     map[string]int    `json:"counts"`
	Entries    []jsonEntry       `json:"entries"`
}

type jsonEntry struct {
	ID          string        `json:"id"`
	Variant     string        `json:"variant"`
	Story       string        `json:"story"`
	Rule        string        `json:"rule,omitempty"`
	Verdict     Verdict       `json:"verdict"`
	Reason      string        `json:"reason,omitempty"`
	DurationMS  float64       `json:"duration_ms"`
	Seed        string        `json:"seed"`
	Repeat      string        `json:"repeat,omitempty"`
	Expected    string        `json:"expected,omitempty"`
	Seen        string        `json:"seen,omitempty"`
	Earlier     []string      `json:"earlier,omitempty"`
	Screenshots int           `json:"screenshots"`
	Steps       []jsonStep    `json:"steps"`
	Transcript  []jsonMessage `json:"transcript"`
	Log         []jsonLogLine `json:"log"`
}

type jsonStep struct {
	AtMS       float64 `json:"at_ms"`
	Text       string  `json:"text"`
	Failed     bool    `json:"failed,omitempty"`
	Screenshot bool    `json:"screenshot,omitempty"`
}

type jsonMessage struct {
	AtMS    float64 `json:"at_ms"`
	From    string  `json:"from"`
	To      string  `json:"to"`
	Layer   string  `json:"layer"`
	Name    string  `json:"name"`
	Status  string  `json:"status,omitempty"`
	Hex     string  `json:"hex,omitempty"`
	Decoded string  `json:"decoded,omitempty"`
}

type jsonLogLine struct {
	AtMS        float64         `json:"at_ms"`
	Code        string          `json:"code"`
	Description string          `json:"description,omitempty"`
	User        string          `json:"user,omitempty"`
	Details     json.RawMessage `json:"details,omitempty"`
}

// writeJSON writes r as described in docs/report.md.
func writeJSON(w io.Writer, r *Report) error {
	out := jsonReport{
		Schema:     schema,
		Title:      r.Title,
		Tool:       r.Tool,
		Version:    r.Version,
		Commit:     r.Commit,
		Started:    r.Started.UTC().Format(time.RFC3339Nano),
		DurationMS: milliseconds(r.Duration),
		Seed:       decimal(r.Seed),
		Machine:    r.Machine,
		Verdict:    r.Verdict(),
		Counts:     map[string]int{},
		Entries:    make([]jsonEntry, 0, len(r.Entries)),
	}
	if out.Machine == nil {
		out.Machine = map[string]string{}
	}
	for _, v := range readingOrder {
		out.Counts[v.String()] = r.Count(v)
	}
	for i := range r.Entries {
		out.Entries = append(out.Entries, newJSONEntry(&r.Entries[i]))
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

func newJSONEntry(e *Entry) jsonEntry {
	out := jsonEntry{
		ID: e.ID, Variant: e.Variant, Story: e.Story, Rule: e.Rule, Verdict: e.Verdict, Reason: e.Reason,
		DurationMS: milliseconds(e.Duration), Seed: decimal(e.Seed), Repeat: e.Repeat,
		Expected: e.Expected, Seen: e.Seen, Earlier: e.Earlier,
		Steps:      make([]jsonStep, 0, len(e.Steps)),
		Transcript: make([]jsonMessage, 0, len(e.Transcript)),
		Log:        make([]jsonLogLine, 0, len(e.Log)),
	}
	for _, s := range e.Steps {
		shot := len(s.Screenshot) > 0
		if shot {
			out.Screenshots++
		}
		out.Steps = append(out.Steps, jsonStep{milliseconds(s.At), s.Text, s.Failed, shot})
	}
	for _, m := range e.Transcript {
		out.Transcript = append(out.Transcript, jsonMessage{
			milliseconds(m.At), m.From, m.To, m.Layer, m.Name, m.Status, hex.EncodeToString(m.Bytes), m.Decoded,
		})
	}
	for _, l := range e.Log {
		out.Log = append(out.Log, jsonLogLine{milliseconds(l.At), l.Code, l.Description, l.User, soundJSON(l.Details)})
	}
	return out
}

// soundJSON returns raw when it is one JSON value, and otherwise its text as a
// JSON string, so that what a broken site logged cannot break the report.
func soundJSON(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return nil
	}
	if json.Valid(raw) {
		return raw
	}
	quoted, err := json.Marshal(string(raw))
	if err != nil {
		return nil
	}
	return quoted
}

func milliseconds(d time.Duration) float64 {
	return float64(d.Microseconds()) / 1000
}

func decimal(seed uint64) string { return strconv.FormatUint(seed, 10) }

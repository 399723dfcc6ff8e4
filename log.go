package passkeylab

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/relyingparty"
)

// Log is the tenant log of a site, asserted by pattern. Every check ends the
// journey when it fails, and shows the log as it stands.
type Log struct{ lab *Lab }

// Line is a pattern for one line of the tenant log.
type Line struct {
	what    relyingparty.EventType
	user    string
	details []detail
}

type detail struct{ key, value string }

// On is a line of the given type about user, an email address. An empty user
// matches a line about nobody in particular.
func On(what relyingparty.EventType, user string) Line { return Line{what: what, user: user} }

// With narrows the pattern: somewhere in the line's details there is a member
// of this name with this value, or a list of that name which holds it.
func (l Line) With(key, value string) Line {
	l.details = append(slices.Clone(l.details), detail{key, value})
	return l
}

// String shows the pattern as failures print it.
func (l Line) String() string {
	s := fmt.Sprintf("%s %q", l.what, l.user)
	for _, d := range l.details {
		s += fmt.Sprintf(" with %s=%s", d.key, d.value)
	}
	return s
}

// matches reports whether event fits the pattern.
func (l Line) matches(event relyingparty.Event) bool {
	if event.Type != l.what || !strings.EqualFold(event.User, l.user) {
		return false
	}
	var details any
	raw, err := json.Marshal(event.Details)
	if err != nil || json.Unmarshal(raw, &details) != nil {
		return false
	}
	for _, d := range l.details {
		if !contains(details, d.key, d.value, "") {
			return false
		}
	}
	return true
}

// contains looks for a member called key that is, or holds, value. under is
// the name of the member that v itself was found as.
func contains(v any, key, value, under string) bool {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			if contains(member, key, value, name) {
				return true
			}
		}
	case []any:
		for _, element := range v {
			if contains(element, key, value, under) {
				return true
			}
		}
	default:
		return under == key && fmt.Sprint(v) == value
	}
	return false
}

// Is checks that the log consists of exactly these lines, in this order.
func (l *Log) Is(want ...Line) {
	l.lab.t.Helper()
	l.check("the tenant log is exactly", want, func(events []relyingparty.Event) bool {
		return len(events) == len(want) && inOrder(events, want)
	})
}

// Has checks that the log holds these lines in this order; others may lie
// between them.
func (l *Log) Has(want ...Line) {
	l.lab.t.Helper()
	l.check("the tenant log has", want, func(events []relyingparty.Event) bool { return inOrder(events, want) })
}

// HasNot checks that no line of the log fits any of these patterns.
func (l *Log) HasNot(unwanted ...Line) {
	l.lab.t.Helper()
	l.check("the tenant log has not", unwanted, func(events []relyingparty.Event) bool {
		return !slices.ContainsFunc(events, func(e relyingparty.Event) bool {
			return slices.ContainsFunc(unwanted, func(u Line) bool { return u.matches(e) })
		})
	})
}

// inOrder reports whether the patterns fit a subsequence of the events.
func inOrder(events []relyingparty.Event, want []Line) bool {
	for _, e := range events {
		if len(want) > 0 && want[0].matches(e) {
			want = want[1:]
		}
	}
	return len(want) == 0
}

func (l *Log) check(what string, lines []Line, ok func([]relyingparty.Event) bool) {
	l.lab.t.Helper()
	text := what + " " + listing(lines)
	if l.lab.Site.Remote() {
		l.lab.Note("not checked, as the site is elsewhere: %s", text)
		return
	}
	events, err := l.lab.Site.events()
	switch {
	case err != nil:
		l.lab.fail(text, "a readable tenant log", err.Error())
	case !ok(events):
		l.lab.fail(text, text, tell(events))
	default:
		l.lab.record.step(text, nil)
	}
}

func listing(lines []Line) string {
	texts := make([]string, len(lines))
	for i, line := range lines {
		texts[i] = line.String()
	}
	return strings.Join(texts, ", ")
}

// tell shows events as failures print them.
func tell(events []relyingparty.Event) string {
	if len(events) == 0 {
		return "an empty tenant log"
	}
	var b strings.Builder
	b.WriteString("the tenant log:")
	for _, e := range events {
		details, _ := json.Marshal(e.Details) // plain data, always encodes
		fmt.Fprintf(&b, "\n  %s %q %s", e.Type, e.User, details)
	}
	return b.String()
}

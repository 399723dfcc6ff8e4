package conformance

import (
	"strings"
	"time"
)

// Case is one requirement, and how to find out whether a subject keeps it. It is
// data but for Run: everything else can be listed without a subject.
type Case struct {
	ID    string // permanent, "section/what"; never used again for something else
	Spec  Spec
	Level Level
	Doc   string // one sentence that says what the subject must do

	// Needs are what the case cannot do without. They are looked at on the fresh
	// subject, in order; the first that is not met decides the verdict.
	Needs []Need
	// Catches are the IDs of faults that the case must notice: judged on a subject
	// with one of them, it fails.
	Catches []string
	// Twin is the ID of the case that differs from this one in nothing but the
	// defect that this one sends. Where the twin does not pass, a refusal proves
	// nothing, and this case is an error. "" for cases without a defect.
	Twin string
	// Limit is how long the case may take; 0 is [DefaultLimit].
	Limit time.Duration

	Run func(*Check)
}

// DefaultLimit is how long a case may take that does not say.
const DefaultLimit = 20 * time.Second

// Section is what precedes the first slash of the ID.
func (c *Case) Section() string {
	section, _, _ := strings.Cut(c.ID, "/")
	return section
}

func (c *Case) limit() time.Duration {
	if c.Limit > 0 {
		return c.Limit
	}
	return DefaultLimit
}

// Requirement is the level and where the requirement stands: "MUST, CTAP 2.3
// §6.1.2 step 12".
func (c *Case) Requirement() string { return c.Level.String() + ", " + c.Spec.String() }

// Spec is where a requirement stands.
type Spec struct {
	Document string // "CTAP 2.3"
	Section  string // "6.1.2"
	Step     string // "12.1", "" where the section has no steps
}

// String is the reference as people write it.
func (s Spec) String() string {
	text := s.Document + " §" + s.Section
	if s.Step != "" {
		text += " step " + s.Step
	}
	return text
}

// Level is how binding a requirement is (RFC 2119).
type Level uint8

// The levels, the most binding first. The zero value is none, so that a case
// without a level is found out.
const (
	Must Level = iota + 1
	MustNot
	Should
	May
)

var levelNames = [...]string{Must: "MUST", MustNot: "MUST NOT", Should: "SHOULD", May: "MAY"}

// String is the word of the specification.
func (l Level) String() string {
	if int(l) < len(levelNames) {
		return levelNames[l]
	}
	return ""
}

// MarshalText returns the word of the specification.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// binds reports whether cases of level l are judged where the strictness is asked
// for: MUST NOT binds as MUST does.
func (l Level) binds(least Level) bool {
	return l <= max(least, MustNot)
}

// Need is something that a case cannot do without.
type Need struct {
	Name string // "option clientPin", "a user who can decline"
	// Bench is true where the need is of the surroundings, such as a finger that a
	// program moves: without it the case is skipped. Other needs are features of the
	// subject: without them the case does not concern it.
	Bench bool
	// Met looks at the subject. A failure of the check ends the case as any does.
	Met func(*Check) bool
}

package mutation

import (
	"fmt"
	"strings"
)

// Mutant is one mistake.
type Mutant struct {
	ID       int // from 1, in the order of the source
	Package  string
	File     string // its base name
	Line     int
	Function string // "Authenticator.reset", "newToken"
	Operator Operator
	Text     string // the source that it changes, on one line
}

// Operator is a kind of mistake.
type Operator string

// The kinds of mistakes.
const (
	Negate        Operator = "condition negated"
	Flip          Operator = "== and != exchanged"
	Boundary      Operator = "boundary moved"
	DropLeft      Operator = "left operand ignored"
	DropRight     Operator = "right operand ignored"
	Arithmetic    Operator = "+ and - exchanged"
	Off           Operator = "one more"
	Remove        Operator = "statement left out"
	Swallow       Operator = "error swallowed"
	OtherConstant Operator = "other constant"
)

// Place is where the mutant is, without the line, which moves.
func (m Mutant) Place() string { return m.File + " " + m.Function }

// String tells the mutant on one line.
func (m Mutant) String() string {
	return fmt.Sprintf("%s:%d %s: %s: %s", m.File, m.Line, m.Function, m.Operator, m.Text)
}

// maxText is how much of the source is quoted, in bytes.
const maxText = 90

// quote is source on one line.
func quote(source string) string {
	line := strings.Join(strings.Fields(source), " ")
	if len(line) > maxText {
		line = line[:maxText] + "…"
	}
	return line
}

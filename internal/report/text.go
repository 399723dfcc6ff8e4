package report

import (
	"strings"
	"unicode/utf8"
)

// visible returns s as valid UTF-8 in which every character that could act on
// its reader instead of being read is replaced by one that shows: control
// characters (they move a terminal's cursor) by their control pictures, and
// bidirectional overrides (they reorder what is seen) by U+FFFD. Newlines and
// tabs stay.
func visible(s string) string {
	if isPlain(s) {
		return s
	}
	return strings.Map(visibleRune, strings.ToValidUTF8(s, "\uFFFD"))
}

// oneLine is visible, with newlines and tabs turned to spaces.
func oneLine(s string) string {
	return strings.Join(strings.Fields(visible(s)), " ")
}

func isPlain(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < ' ' && c != '\n' && c != '\t') || c >= 0x7f {
			return false
		}
	}
	return true
}

func visibleRune(r rune) rune {
	switch {
	case r == '\n' || r == '\t':
		return r
	case r < ' ':
		return 0x2400 + r // the control pictures block
	case r == 0x7f:
		return 0x2421
	case r >= 0x80 && r < 0xa0: // C1 controls
		return utf8.RuneError
	case r == 0x200e || r == 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069:
		return utf8.RuneError
	case r == 0x2028 || r == 0x2029: // line separators that only some renderers see
		return utf8.RuneError
	case r == 0xfffe || r == 0xffff: // not characters in XML 1.0
		return utf8.RuneError
	}
	return r
}

// columns returns how many terminal columns s takes. Wide scripts are counted
// as narrow: IDs and verdicts are ASCII, and a ragged column is no harm.
func columns(s string) int { return utf8.RuneCountInString(s) }

// clip shortens s to at most n columns.
func clip(s string, n int) string {
	if columns(s) <= n {
		return s
	}
	if n < 1 {
		return ""
	}
	return string([]rune(s)[:n-1]) + "…"
}

// pad fills s with spaces to n columns.
func pad(s string, n int) string {
	return s + strings.Repeat(" ", max(0, n-columns(s)))
}

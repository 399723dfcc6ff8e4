package report

// ink colours text for a terminal, or leaves it alone.
type ink bool

// ANSI "select graphic rendition" codes (ECMA-48 §8.3.117), from the sixteen
// colours that every theme adapts to its background.
const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
	purple = "35"
)

func (on ink) paint(code, s string) string {
	if !on || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// verdict paints s in the colour of v.
func (on ink) verdict(v Verdict, s string) string {
	switch v.or() {
	case Pass:
		return on.paint(green, s)
	case Fail:
		return on.paint(red, s)
	case Skipped, Waived:
		return on.paint(yellow, s)
	case NotApplicable:
		return on.paint(dim, s)
	}
	return on.paint(purple, s)
}

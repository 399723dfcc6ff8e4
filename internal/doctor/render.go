package doctor

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

var symbols = map[State]string{OK: "✓", Limited: "–", Missing: "✗"}

// WriteText writes the checks for people, the mend below each that needs one.
func WriteText(w io.Writer, checks []Check) error {
	width := 0
	for _, c := range checks {
		width = max(width, utf8.RuneCountInString(c.What))
	}
	var b strings.Builder
	for _, c := range checks {
		fmt.Fprintf(&b, "%s %-*s  %s\n", symbols[c.State], width, c.What, oneLine(c.Detail))
		if c.Mend != "" {
			fmt.Fprintf(&b, "  %-*s  mend: %s\n", width, "", oneLine(c.Mend))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteJSON writes the checks as one array.
func WriteJSON(w io.Writer, checks []Check) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if checks == nil {
		checks = []Check{}
	}
	return enc.Encode(checks)
}

// oneLine keeps an error's text from breaking the table.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// Package printable makes text from strangers fit to be shown.
//
// It must never know where the text is from, nor where it goes.
package printable

import (
	"strings"
	"unicode"
)

// longest is how much of a text a line of a log takes, in bytes.
const longest = 256

// Line makes text fit for a line of a log: valid, printable, and of 256 bytes at most.
func Line(s string) string {
	if len(s) > longest {
		s = s[:longest]
	}
	return Only(s)
}

// Only leaves out what is not printable, and what is not UTF-8.
func Only(s string) string {
	return strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
}

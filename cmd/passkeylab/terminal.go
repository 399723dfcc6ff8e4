package main

import (
	"io"
	"os"

	"golang.org/x/term"
)

// terminalColumns is the width of the terminal that w writes to, 0 when it
// writes to none.
func terminalColumns(w io.Writer) int {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return 0
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 80
	}
	return width
}

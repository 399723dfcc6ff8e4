// Command generate writes docs/faults.md. Its argument is the file.
package main

import (
	"fmt"
	"os"

	"github.com/passkeylab/passkeylab/internal/faultdoc"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: generate FILE")
		os.Exit(2)
	}
	if err := os.WriteFile(os.Args[1], faultdoc.Render(), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Command generate writes docs/faults.md and docs/rp-faults.md. Its arguments are the files.
package main

import (
	"fmt"
	"os"

	"github.com/passkeylab/passkeylab/internal/faultdoc"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: generate FILE FILE")
		os.Exit(2)
	}
	for i, text := range [][]byte{faultdoc.Render(), faultdoc.RenderRelyingParties()} {
		if err := os.WriteFile(os.Args[1+i], text, 0o644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

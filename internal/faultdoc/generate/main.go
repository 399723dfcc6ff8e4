// Command generate writes docs/faults.md, docs/rp-faults.md and docs/client-faults.md.
// Its arguments are the files.
package main

import (
	"fmt"
	"os"

	"github.com/passkeylab/passkeylab/internal/faultdoc"
)

func main() {
	documents := [][]byte{faultdoc.Render(), faultdoc.RenderRelyingParties(), faultdoc.RenderClients()}
	if len(os.Args) != 1+len(documents) {
		fmt.Fprintln(os.Stderr, "usage: generate FILE FILE FILE")
		os.Exit(2)
	}
	for i, text := range documents {
		if err := os.WriteFile(os.Args[1+i], text, 0o644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

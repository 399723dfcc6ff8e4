// Command generate writes docs/proof.md and docs/proof-matrix.txt. Its arguments are the
// files.
package main

import (
	"fmt"
	"os"

	"github.com/passkeylab/passkeylab/internal/proofdoc"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: generate PROOF MATRIX")
		os.Exit(2)
	}
	for i, text := range [][]byte{proofdoc.Render(), proofdoc.Matrix()} {
		if err := os.WriteFile(os.Args[1+i], text, 0o644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// Command generate writes docs/cases-relying-parties.md. Its argument is the file.
package main

import (
	"fmt"
	"os"

	"github.com/passkeylab/passkeylab/conformance/relyingparties"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: generate FILE")
		os.Exit(2)
	}
	if err := os.WriteFile(os.Args[1], relyingparties.Document(), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

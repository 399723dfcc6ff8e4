// Command generate writes the table of verdicts into docs/attestation.md. Its argument
// is the file.
package main

import (
	"fmt"
	"os"

	"github.com/passkeylab/passkeylab/interop/attestation"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: generate FILE")
		os.Exit(2)
	}
	if err := generate(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func generate(file string) error {
	document, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if document, err = attestation.Render(document); err != nil {
		return err
	}
	return os.WriteFile(file, document, 0o644)
}

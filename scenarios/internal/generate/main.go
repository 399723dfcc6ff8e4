// Command generate writes docs/seed-coverage.md and docs/scenarios.md. Its arguments
// are the files.
package main

import (
	"fmt"
	"os"

	"github.com/passkeylab/passkeylab/scenarios"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: generate SEED-COVERAGE.md SCENARIOS.md")
		os.Exit(2)
	}
	for i, page := range []string{scenarios.ProductTable(), scenarios.Table()} {
		if err := os.WriteFile(os.Args[i+1], []byte(page), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// Command generate writes docs/profiles.md. Its argument is the file.
package main

import (
	"fmt"
	"os"

	"github.com/passkeylab/passkeylab/authenticator/profile/internal/document"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: generate FILE")
		os.Exit(2)
	}
	if err := os.WriteFile(os.Args[1], document.Render(), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

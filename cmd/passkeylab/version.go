package main

import (
	"fmt"
	"runtime/debug"
)

// version of this tree. A release sets it.
const version = "0.1.0-dev"

// specLevels are the editions that the rooms are built from.
const specLevels = "CTAP 2.3, WebAuthn Level 3"

type versionVerb struct{}

func (*versionVerb) Run(c *console) error {
	_, err := fmt.Fprintf(c.out, "passkeylab %s (commit %s; %s)\n", version, commit(), specLevels)
	return err
}

// commit is the source's commit as the build recorded it.
func commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	revision, modified := "unknown", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			modified = " with changes"
		}
	}
	return revision[:min(12, len(revision))] + modified
}

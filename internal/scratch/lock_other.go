//go:build !unix

package scratch

import "os"

// locked makes no lock file, which portable Go cannot lock.
func locked(string) (*os.File, error) { return nil, nil }

// removeIfDead leaves directories alone, as it cannot tell.
func removeIfDead(string) {}

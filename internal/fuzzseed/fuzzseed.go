// Package fuzzseed holds the seeds of fuzz targets to the messages that they are
// made of. The seeds lie in testdata/fuzz, where "go test" runs each of them and
// fuzzing starts from them; a seed that nobody can make again tells nothing. The
// package knows files, and nothing of what is in a seed.
package fuzzseed

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Seeds are the arguments that a target is to start from, by file name. Each is a
// []byte, a string or a byte.
type Seeds map[string][]any

// found is the name that fuzzing gives to what it finds. Such files are kept too.
var found = regexp.MustCompile(`^[0-9a-f]{16}$`)

// Check reports how the files in folder, which is testdata/fuzz/TARGET, differ
// from the seeds: by one that is missing, stale or of no known origin.
func Check(folder string, seeds Seeds) error {
	for name, arguments := range seeds {
		kept, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			return fmt.Errorf("seed %q is missing: %w", name, err)
		}
		if string(kept) != text(arguments) {
			return fmt.Errorf("seed %q of %s is not what it is made of any more", name, folder)
		}
	}
	files, err := os.ReadDir(folder)
	for _, file := range files {
		if _, is := seeds[file.Name()]; !is && !found.MatchString(file.Name()) {
			return fmt.Errorf("%s has a file %q, which is no seed", folder, file.Name())
		}
	}
	return err
}

// Write makes the files in folder the seeds. What fuzzing found stays.
func Write(folder string, seeds Seeds) error {
	files, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, file := range files {
		if !found.MatchString(file.Name()) {
			if err := os.Remove(filepath.Join(folder, file.Name())); err != nil {
				return err
			}
		}
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for name, arguments := range seeds {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text(arguments)), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// text lays arguments out as "go test" reads them.
func text(arguments []any) string {
	var s strings.Builder
	s.WriteString("go test fuzz v1\n")
	for _, argument := range arguments {
		switch argument := argument.(type) {
		case byte:
			fmt.Fprintf(&s, "byte(%q)\n", rune(argument))
		default:
			fmt.Fprintf(&s, "%T(%q)\n", argument, argument)
		}
	}
	return strings.ReplaceAll(s.String(), "[]uint8(", "[]byte(")
}

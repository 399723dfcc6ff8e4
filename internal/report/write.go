package report

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// files are what a report directory holds.
var files = []struct {
	name  string
	write func(io.Writer, *Report) error
}{
	{"index.html", writeHTML},
	{"junit.xml", writeJUnit},
	{"report.json", writeJSON},
}

// WriteDir writes r to index.html, junit.xml and report.json in dir, which it
// makes when missing. Every file is written in full beside its place before
// the first one is put there, so that a reader never meets half a file and an
// error leaves the former report whole.
func WriteDir(dir string, r *Report) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("report: cannot make the folder, choose another one: %w", err)
	}
	var staged []string
	defer func() {
		for _, name := range staged {
			_ = os.Remove(name) // those already in place are gone from here
		}
	}()
	for _, f := range files {
		name, err := stage(dir, r, f.write)
		if err != nil {
			return fmt.Errorf("report: cannot write %s in %s, check its permissions and free space: %w", f.name, dir, err)
		}
		staged = append(staged, name)
	}
	for i, f := range files {
		if err := os.Rename(staged[i], filepath.Join(dir, f.name)); err != nil {
			return fmt.Errorf("report: cannot put %s in place: %w", f.name, err)
		}
	}
	return nil
}

// stage writes one rendering of r to a new file in dir and returns its name.
func stage(dir string, r *Report, write func(io.Writer, *Report) error) (name string, err error) {
	f, err := os.CreateTemp(dir, ".report-*")
	if err != nil {
		return "", err
	}
	defer func() {
		if closed := f.Close(); err == nil {
			err = closed
		}
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	out := bufio.NewWriterSize(f, 1<<16)
	if err := write(out, r); err != nil {
		return "", err
	}
	if err := out.Flush(); err != nil {
		return "", err
	}
	return f.Name(), f.Chmod(0o644)
}

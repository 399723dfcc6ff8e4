package testdata

import (
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

// maxFile bounds a vector file, in bytes. The largest has about 6 KB.
const maxFile = 1 << 16

// file is a vector file: lines "name: value", each value going on over the
// lines after it that are indented. What is read is taken out, so that done can
// tell what nobody asked for. The first thing wrong stays in err.
type file struct {
	name   string
	values map[string]string
	err    error
}

// parseFile splits the text of the file that has a name.
func parseFile(name string, text []byte) *file {
	f := &file{name: name, values: make(map[string]string)}
	if len(text) > maxFile {
		f.failf("%d bytes, at most %d are read", len(text), maxFile)
		return f
	}
	key, number := "", 0
	for line := range strings.Lines(string(text)) {
		number++
		line = strings.TrimRight(line, "\r\n")
		switch rest, indented := strings.CutPrefix(line, " "); {
		case strings.TrimSpace(line) == "":
		case !indented:
			key = f.begin(number, line)
		case key == "":
			f.failf("line %d goes on with a value that has no name", number)
		default:
			f.values[key] = strings.TrimSpace(f.values[key] + " " + strings.TrimSpace(rest))
		}
	}
	return f
}

// begin reads a line that starts a value and returns the value's name, or "".
func (f *file) begin(number int, line string) string {
	key, value, ok := strings.Cut(line, ":")
	if !ok || key == "" || strings.ContainsAny(key, " \t") {
		f.failf("line %d is not \"name: value\"", number)
		return ""
	}
	if _, twice := f.values[key]; twice {
		f.failf("line %d: %s is there twice", number, key)
	}
	f.values[key] = strings.TrimSpace(value)
	return key
}

func (f *file) failf(format string, args ...any) {
	if f.err == nil {
		f.err = fmt.Errorf("test vector %s: %s", f.name, fmt.Sprintf(format, args...))
	}
}

// has reports whether a value is there and not read yet.
func (f *file) has(key string) bool {
	_, ok := f.values[key]
	return ok
}

func (f *file) text(key string) string {
	value, ok := f.values[key]
	if !ok || value == "" {
		f.failf("%s is missing", key)
	}
	delete(f.values, key)
	return value
}

func (f *file) optionalText(key string) string {
	if !f.has(key) {
		return ""
	}
	return f.text(key)
}

// bytes reads hexadecimal digits of at least one byte.
func (f *file) bytes(key string) []byte {
	value, err := hex.DecodeString(strings.ReplaceAll(f.text(key), " ", ""))
	if err != nil {
		f.failf("%s: %v", key, err)
	}
	return value
}

// sized reads hexadecimal digits of so many bytes.
func (f *file) sized(key string, size int) []byte {
	value := f.bytes(key)
	if len(value) != size {
		f.failf("%s has %d bytes, want %d", key, len(value), size)
		return make([]byte, size)
	}
	return value
}

func (f *file) optionalSized(key string, size int) []byte {
	if !f.has(key) {
		return nil
	}
	return f.sized(key, size)
}

func (f *file) number(key string) int64 {
	value, err := strconv.ParseInt(f.text(key), 10, 64)
	if err != nil {
		f.failf("%s: %v", key, err)
	}
	return value
}

// flag reads true, or is false where there is nothing to read.
func (f *file) flag(key string) bool {
	value := f.optionalText(key)
	if value != "" && value != "true" {
		f.failf("%s is %q: write true, or leave it out", key, value)
	}
	return value != ""
}

// decision reads true or false.
func (f *file) decision(key string) bool {
	value := f.text(key)
	if value != "true" && value != "false" {
		f.failf("%s is %q: write true or false", key, value)
	}
	return value == "true"
}

// done returns what was wrong. A value that nobody asked for is wrong too.
func (f *file) done() error {
	if len(f.values) > 0 {
		f.failf("%s means nothing here", slices.Min(slices.Collect(maps.Keys(f.values))))
	}
	return f.err
}

// readAll reads every file of a folder in FS, by name.
func readAll[V any](folder string, parse func(name string, text []byte) (V, error)) ([]V, error) {
	entries, err := fs.ReadDir(FS, folder)
	if err != nil {
		return nil, err
	}
	all := make([]V, 0, len(entries))
	for _, entry := range entries {
		text, err := fs.ReadFile(FS, path.Join(folder, entry.Name()))
		if err != nil {
			return nil, err
		}
		v, err := parse(strings.TrimSuffix(entry.Name(), ".txt"), text)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

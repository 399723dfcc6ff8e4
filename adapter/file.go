package adapter

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxFile is how long a file may be, in bytes.
const maxFile = 64 << 10

// maxSteps is how many steps a file may have in one list.
const maxSteps = 100

// file is what stands in a file. See docs/site-adapters.md.
type file struct {
	Site   string        `yaml:"site"`
	Who    *who          `yaml:"who"`
	Error  string        `yaml:"error"`
	Errors []translation `yaml:"errors"`

	Signals bool `yaml:"signals"`

	SignUp          steps `yaml:"sign-up"`
	SignUpPassword  steps `yaml:"sign-up-with-password"`
	LogIn           steps `yaml:"log-in"`
	LogInByAutofill steps `yaml:"log-in-by-autofill"`
	LogInByPassword steps `yaml:"log-in-with-password"`
	LogOut          steps `yaml:"log-out"`
	AddPasskey      steps `yaml:"add-passkey"`
	RemoveOldest    steps `yaml:"remove-oldest-passkey"`
}

// who tells who is logged in: what a page shows in an element.
type who struct {
	Open   string `yaml:"open"`   // "" looks at the page that is there
	Text   string `yaml:"text"`   // the element that shows them
	Nobody string `yaml:"nobody"` // one that is there when nobody is logged in; "" decides as soon as the page has loaded
}

// translation says what a text of the page means.
type translation struct {
	Says  string `yaml:"says"`  // occurs in the text
	Means string `yaml:"means"` // a key
}

// ReadFile reads an adapter from a file.
func ReadFile(name string) (*Adapter, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	a, err := Read(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return a, nil
}

// Read reads an adapter from YAML, of 64 KiB at most. It is strict: what it does
// not know is an error, and so is every step that could not be done. Errors name the
// line.
func Read(data []byte) (*Adapter, error) {
	if len(data) > maxFile {
		return nil, fmt.Errorf("longer than %d bytes: it cannot be an adapter", maxFile)
	}
	var f file
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	switch err := decoder.Decode(&f); {
	case errors.Is(err, io.EOF):
		return nil, errors.New("it is empty")
	case err != nil:
		return nil, plain(err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one document: an adapter is one")
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	return f.adapter(), nil
}

// plain takes the names of Go types out of what the decoder says.
func plain(err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	text = strings.ReplaceAll(text, "unmarshal errors:\n  ", "")
	text = strings.ReplaceAll(text, "\n  ", "; ")
	for _, t := range []string{" in type adapter.file", " in type adapter.who", " in type adapter.translation"} {
		text = strings.ReplaceAll(text, t, "")
	}
	return errors.New(text)
}

// UnmarshalYAML reads one step: a mapping of one verb, and "with" where it types.
func (s *step) UnmarshalYAML(node *yaml.Node) error {
	wrong := func(line int, format string, args ...any) error {
		return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: ", line) + fmt.Sprintf(format, args...)}}
	}
	if node.Kind != yaml.MappingNode {
		return wrong(node.Line, "a step is a line such as \"press: button.join\", with one of %s", strings.Join(verbs, ", "))
	}
	s.line = node.Line
	typed := false
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if value.Kind != yaml.ScalarNode || value.Tag == "!!null" || value.Value == "" && key.Value != "with" {
			return wrong(value.Line, "%s needs a text", key.Value)
		}
		switch {
		case key.Value == "with" && !typed:
			s.with, typed = value.Value, true
		case key.Value == "with":
			return wrong(key.Line, "with is there twice")
		case !slices.Contains(verbs, key.Value):
			return wrong(key.Line, "there is no step %q: use one of %s", key.Value, strings.Join(verbs, ", "))
		case s.verb != "":
			return wrong(key.Line, "one step does %s and %s: make two of it", s.verb, key.Value)
		default:
			s.verb, s.what = key.Value, value.Value
		}
	}
	switch {
	case s.verb == "":
		return wrong(node.Line, "a step without anything to do: use one of %s", strings.Join(verbs, ", "))
	case typed != (s.verb == "fill"):
		return wrong(node.Line, "\"with\" is the text that \"fill\" types, and goes with it alone")
	}
	return nil
}

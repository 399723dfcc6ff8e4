package conformance

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// idForm is what IDs look like: "section/what", with more parts where there are many.
var idForm = regexp.MustCompile(`^[a-z0-9]+(/[a-z0-9]+([.,-]+[a-z0-9]+)*)+$`)

// Sound reports what is wrong with a suite as a list: IDs that are not in order, or of
// another form, what a case lacks, and twins that there are not. Whoever writes cases
// tests them with it.
func Sound(suite []Case) error {
	var wrong []error
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	byID, last := map[string]*Case{}, ""
	for i := range suite {
		c := &suite[i]
		if !idForm.MatchString(c.ID) {
			say("%q is no ID: want \"section/what\" in small letters", c.ID)
		}
		if c.ID <= last {
			say("%s follows %s: want them in order, and none twice", c.ID, last)
		}
		last, byID[c.ID] = c.ID, c
		if c.Spec.Document == "" || c.Spec.Section == "" {
			say("%s says of no document and section where it stands", c.ID)
		}
		if c.Level.String() == "" {
			say("%s has no level", c.ID)
		}
		if !strings.HasSuffix(c.Doc, ".") || strings.Contains(c.Doc, "%!") {
			say("%s: %q is no sentence", c.ID, c.Doc)
		}
		if c.Run == nil {
			say("%s does nothing", c.ID)
		}
	}
	for _, c := range suite {
		if c.Twin == "" {
			continue
		}
		switch twin := byID[c.Twin]; {
		case twin == nil:
			say("%s: its twin %s is no case", c.ID, c.Twin)
		case twin.ID == c.ID, twin.Twin == c.ID:
			say("%s and %s are twins of each other", c.ID, c.Twin)
		case twin.Level > c.Level && twin.Level > MustNot:
			say("%s, a %s, has a twin that binds less: %s is a %s", c.ID, c.Level, twin.ID, twin.Level)
		}
	}
	return errors.Join(wrong...)
}

package ceremony

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Hint tells browsers which kind of authenticator users will want (WebAuthn L3 §5.8.7).
type Hint string

const (
	HintSecurityKey  Hint = "security-key"
	HintClientDevice Hint = "client-device"
	HintHybrid       Hint = "hybrid"
)

// Hints are hints in order of preference, and "" behind the last one.
type Hints [3]Hint

// ParseHints reads hints that are separated by commas; "" is none.
func ParseHints(text string) (h Hints, err error) {
	if text == "" {
		return h, nil
	}
	names := strings.Split(text, ",")
	if len(names) > len(h) {
		return h, fmt.Errorf("%d hints are too many, there are %d: %s, %s and %s", len(names), len(h), HintSecurityKey, HintClientDevice, HintHybrid)
	}
	for i, name := range names {
		h[i] = Hint(strings.TrimSpace(name))
	}
	return h, h.Validate()
}

// list is the hints there are.
func (h Hints) list() []string {
	var all []string
	for _, hint := range h {
		if hint != "" {
			all = append(all, string(hint))
		}
	}
	return all
}

// String is what ParseHints reads.
func (h Hints) String() string { return strings.Join(h.list(), ",") }

// Validate reports hints that there are none of, that come twice, or that have gaps.
func (h Hints) Validate() error {
	seen := map[Hint]bool{}
	for i, hint := range h {
		switch {
		case hint == "" && i+1 < len(h) && h[i+1] != "":
			return errors.New("there is a gap between hints")
		case hint == "":
		case !slices.Contains([]Hint{HintSecurityKey, HintClientDevice, HintHybrid}, hint):
			return fmt.Errorf("hint %q is none of %s, %s and %s", hint, HintSecurityKey, HintClientDevice, HintHybrid)
		case seen[hint]:
			return fmt.Errorf("hint %q is there twice", hint)
		}
		seen[hint] = true
	}
	return nil
}

// attachment is what browsers from before hints have to be told (§5.8.7), "" where the
// hints are of both kinds: it is a demand and not a wish.
func (h Hints) attachment() string {
	of := map[Hint]string{HintSecurityKey: "cross-platform", HintHybrid: "cross-platform", HintClientDevice: "platform"}
	common := of[h[0]]
	for _, hint := range h.list() {
		if of[Hint(hint)] != common {
			return ""
		}
	}
	return common
}

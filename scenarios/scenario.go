package scenarios

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/internal/nearest"
)

// Scenario is one journey.
type Scenario struct {
	ID     string   // "suite/name"; permanent
	Story  string   // one sentence in the user's words
	Covers []string // sections of the specifications it exercises
	Needs  Needs
	// Product is the profile whose devices it is made with, where it is one of a
	// matrix; "" otherwise.
	Product string
	Run     func(*passkeylab.Lab)
}

// Needs is what a journey asks of its surroundings.
type Needs struct {
	// Embedded says that the journey reaches into the site: its clock, mail,
	// log or policy. It cannot visit a site elsewhere.
	Embedded bool
	// Popup says that the journey uses the browser's own autofill popup, which
	// can be seen only in a window.
	Popup bool
	// Keys says that all passkeys are on security keys, which is what link usb
	// can carry.
	Keys bool
	// Phones says that all passkeys used at a computer are on phones that scan its
	// QR code, which is what link hybrid can carry.
	Phones bool
	// Shop says that the lab needs an application beside the site.
	Shop bool
	// Models says that the lab needs a metadata service.
	Models bool
	// Domain is a second name that the site is to be reached under; "" for none.
	Domain string
	// RealTime says that the lab's clock begins with the machine's, because somebody
	// in the journey reads that.
	RealTime bool
	// Related are more names of the site, which may use its passkeys, too.
	Related []string
	// Cannot names the links that cannot carry the journey, with the reason.
	Cannot map[passkeylab.Link]string
}

// Reasons why a link cannot carry a journey.
const (
	proxyHasNoAutofill    = "Chromium does not hand conditional requests to an extension"
	chromiumChecksFirst   = "Chromium refuses before our client is asked"
	chromiumsOwnClient    = "Chromium's own client answers, and it does not cheat"
	chromiumsOwnDevice    = "Chromium's virtual authenticator has no such fault"
	onlyKeysByUSB         = "its passkeys are not on security keys, and nothing else is plugged into a USB"
	chromiumsStayIn       = "Chromium's virtual authenticators stay plugged in as long as the page is open"
	onlyPhonesNearby      = "no phone scans a QR code in it"
	chromiumsHaveNoCamera = "Chromium's virtual authenticators scan no QR code"
	chromiumCounts        = "Chromium's virtual authenticator counts signatures, and passkeys that count stay on their device"
	chromiumsOwnMaker     = "Chromium's virtual authenticator attests by a certificate of its own"
	chromiumPicks         = "Chromium's virtual authenticator picks an account by itself"
)

// noAutofill is for journeys whose heart is the autofill list.
func noAutofill() map[passkeylab.Link]string {
	return map[passkeylab.Link]string{passkeylab.Proxy: proxyHasNoAutofill}
}

// Suite is the part of the ID before the slash.
func (s Scenario) Suite() string {
	suite, _, _ := strings.Cut(s.ID, "/")
	return suite
}

// NotOn says why link cannot carry the journey, or "" if it can.
func (s Scenario) NotOn(link passkeylab.Link) string {
	switch {
	case link == passkeylab.USB && !s.Needs.Keys:
		return onlyKeysByUSB
	case link == passkeylab.Hybrid && !s.Needs.Phones:
		return onlyPhonesNearby
	case link == passkeylab.CDP && s.Needs.Phones:
		return chromiumsHaveNoCamera
	}
	return s.Needs.Cannot[link]
}

// needsDisplay reports whether the journey has to see the browser's own windows
// when it goes by link.
func (s Scenario) needsDisplay(link passkeylab.Link) bool {
	return s.Needs.Popup && link == passkeylab.CDP
}

// All returns every journey, in the order in which they are told.
func All() []Scenario {
	var all []Scenario
	for _, suite := range Suites() {
		all = append(all, suite.all...)
	}
	return all
}

// Match returns the journeys whose ID fits one of the patterns, in which "*"
// stands for anything but a slash; a pattern may also be just a suite. No
// pattern at all fits every journey. A pattern that fits none is an error that
// names the nearest.
func Match(patterns ...string) ([]Scenario, error) {
	all := All()
	if len(patterns) == 0 {
		return all, nil
	}
	wanted := map[string]bool{}
	for _, pattern := range patterns {
		found := false
		for _, s := range all {
			fits, err := path.Match(pattern, s.ID)
			if err != nil {
				return nil, fmt.Errorf("pattern %q is malformed: a bracket is not closed", pattern)
			}
			if fits || pattern == s.Suite() {
				wanted[s.ID], found = true, true
			}
		}
		if !found {
			return nil, unknown(pattern, all)
		}
	}
	return slices.DeleteFunc(all, func(s Scenario) bool { return !wanted[s.ID] }), nil
}

// unknown is the error about a pattern that fits no journey.
func unknown(pattern string, all []Scenario) error {
	ids := make([]string, len(all))
	for i, s := range all {
		ids[i] = s.ID
	}
	hint := ""
	if meant := nearest.Name(pattern, ids); meant != "" {
		hint = fmt.Sprintf("; did you mean %q?", meant)
	}
	return fmt.Errorf("no journey fits %q%s (`passkeylab scenarios` lists all)", pattern, hint)
}

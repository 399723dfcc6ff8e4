package passkeylab

import (
	"fmt"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/browser"
)

// Link is how a device gets into a page.
type Link string

// The links.
const (
	// Proxy puts Chromium's own WebAuthn front before our device: its objects,
	// its checks, our answers. Modal ceremonies only.
	Proxy Link = "proxy"
	// CDP uses Chromium's own virtual authenticator, with our device's
	// passkeys copied in and its news copied out. It alone opens the real
	// autofill popup.
	CDP Link = "cdp"
	// Bridge lets a page script ask our device, for what Proxy cannot see.
	Bridge Link = "bridge"
	// USB plugs security keys into the computer that Chromium runs on: its own
	// HID stack speaks CTAPHID with them, and its own dialogs ask the user.
	USB Link = "usb"
	// Hybrid has phones near the computer that Chromium runs on: it shows a QR
	// code in its own dialog, hears the phone's advert and meets it in a tunnel.
	Hybrid Link = "hybrid"
	// Wire has no browser: our client speaks to the site itself.
	Wire Link = "wire"
)

// Links returns every link, the most telling first.
func Links() []Link { return []Link{Proxy, CDP, Bridge, USB, Hybrid, Wire} }

// ParseLinks reads a comma-separated list of links, or "all".
func ParseLinks(s string) ([]Link, error) {
	if s == "all" {
		return Links(), nil
	}
	var out []Link
	for name := range strings.SplitSeq(s, ",") {
		link := Link(strings.TrimSpace(name))
		if !slices.Contains(Links(), link) {
			return nil, fmt.Errorf("unknown link %q: use one or more of %s, separated by commas, or all", name, linkNames())
		}
		if !slices.Contains(out, link) {
			out = append(out, link)
		}
	}
	return out, nil
}

func linkNames() string {
	names := make([]string, len(Links()))
	for i, l := range Links() {
		names[i] = string(l)
	}
	return strings.Join(names, ", ")
}

// InBrowser reports whether the link needs Chromium.
func (l Link) InBrowser() bool { return l != Wire }

// inContext is the link's part in a context of a browser.
func (l Link) inContext() browser.Link {
	switch l {
	case USB: // keys are in reach of every page of the browser
		return browser.LinkNone
	case Hybrid: // phones are, unless a virtual authenticator takes their place
		return browser.LinkCDP
	}
	return browser.Link(l)
}

// ownClient reports whether the browser's own client asks authenticators, and ours
// has no part in ceremonies.
func (l Link) ownClient() bool { return l == CDP || l.alone() }

// alone reports whether each visitor has a browser of their own, on a computer with
// devices about it.
func (l Link) alone() bool { return l == USB || l == Hybrid }

package browser

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"github.com/chromedp/chromedp"

	"github.com/passkeylab/passkeylab/transport/usbkey"
)

// Options say which Chromium to start and how. The zero value starts the
// installed Chromium headless.
type Options struct {
	// Executable is the path of the browser. Empty means FindChromium.
	Executable string

	// Headed shows windows on an X display instead of rendering off screen.
	// The real autofill popup can be read and photographed only there.
	Headed bool

	// Display names the X display of a headed browser, such as ":0" or the
	// caller's $DISPLAY. Empty starts an Xvfb that ends with the Browser.
	Display string

	// HostRules is passed to --host-resolver-rules, for example
	// "MAP *.example.com 127.0.0.1". Empty changes nothing.
	HostRules string

	// SPKIHashes are base64 SHA-256 hashes of the public keys of test
	// certificates that the browser is to accept (and no others).
	SPKIHashes []string

	// Keys are security keys at the USB of the computer that the browser runs
	// on, which is no other program's: LinkNone is how pages reach them. See
	// [Browser.Plug]. They work on Linux only.
	Keys []usbkey.Key

	// Bluetooth is the address of a D-Bus where the browser looks for BlueZ, such
	// as that of a bluez.StandIn. Empty leaves it to the system bus.
	Bluetooth string

	// Roots are certificates of authorities, in PEM, that the browser trusts
	// beside those it comes with. It then runs with a HOME of its own.
	Roots []byte

	// Width and Height are the size in pixels of windows on a display, and of
	// pages without one, which fill their window; zero means 1280×900.
	Width, Height int
}

const (
	defaultWidth  = 1280
	defaultHeight = 900
)

// MissingProgramError reports that a program this package runs is not
// installed. Its message says how to get it.
type MissingProgramError struct {
	Program string // what was looked for
	Purpose string // why it is needed
	Install string // the command that installs it
}

func (e *MissingProgramError) Error() string {
	return fmt.Sprintf("no %s found, which is needed %s; install it with: %s", e.Program, e.Purpose, e.Install)
}

// IsMissing reports whether err came from a program that is not installed, so
// that a caller may skip with its reason instead of failing.
func IsMissing(err error) bool {
	var missing *MissingProgramError
	return errors.As(err, &missing)
}

// FindChromium returns the path of the installed Chromium or Chrome.
func FindChromium() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", &MissingProgramError{
		Program: "Chromium",
		Purpose: "to open pages",
		Install: "apt-get install chromium",
	}
}

// withDefaults returns the options with nothing left open.
func (o Options) withDefaults() (Options, error) {
	if o.Executable == "" {
		path, err := FindChromium()
		if err != nil {
			return o, err
		}
		o.Executable = path
	} else if _, err := exec.LookPath(o.Executable); err != nil {
		return o, fmt.Errorf("browser executable %q cannot be run: %w; name another or leave it empty to search the PATH", o.Executable, err)
	}
	if o.Width <= 0 || o.Height <= 0 {
		o.Width, o.Height = defaultWidth, defaultHeight
	}
	return o, nil
}

// allocator is how chromedp starts the browser. chromedp itself adds
// --no-sandbox for root, and --remote-debugging-pipe.
func (o Options) allocator(profileDir string) []chromedp.ExecAllocatorOption {
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(o.Executable),
		chromedp.UserDataDir(profileDir),
		chromedp.WindowSize(o.Width, o.Height),
	}
	for _, name := range quiet {
		options = append(options, chromedp.Flag(name, true))
	}
	options = append(options,
		chromedp.Flag("password-store", "basic"),
		chromedp.Flag("force-color-profile", "srgb"),
		chromedp.Flag("disable-features", strings.Join(unwanted, ",")))
	if o.Headed {
		// Accessibility makes the browser describe its own interface, too.
		options = append(options, chromedp.Flag("ozone-platform", "x11"), chromedp.Flag("force-renderer-accessibility", true))
	} else {
		options = append(options, chromedp.Flag("headless", "new"), chromedp.Flag("hide-scrollbars", true), chromedp.Flag("mute-audio", true),
			chromedp.Flag("screen-info", fmt.Sprintf("{%dx%d}", o.Width, o.Height)))
	}
	if o.HostRules != "" {
		options = append(options, chromedp.Flag("host-resolver-rules", o.HostRules))
	}
	if len(o.SPKIHashes) > 0 {
		options = append(options, chromedp.Flag("ignore-certificate-errors-spki-list", strings.Join(o.SPKIHashes, ",")))
	}
	return options
}

// quiet keeps Chromium from talking to anybody but the pages, from asking the
// person in front of it about itself, from slowing pages that are covered, and
// from work of which a test has nothing.
var quiet = []string{
	"no-startup-window",
	"no-first-run",
	"disable-field-trial-config", // Debian's build would try out unfinished features
	"no-default-browser-check",
	"test-type", // no warning bar about --no-sandbox above the page
	"disable-background-networking",
	"disable-component-update",
	"disable-client-side-phishing-detection",
	"disable-default-apps",
	"disable-domain-reliability",
	"disable-sync",
	"disable-quic",
	"disable-breakpad",
	"disable-crash-reporter",
	"disable-search-engine-choice-screen",
	"metrics-recording-only",
	"no-pings",
	"use-mock-keychain",
	"disable-dev-shm-usage",
	"disable-background-timer-throttling",
	"disable-backgrounding-occluded-windows",
	"disable-renderer-backgrounding",
	"disable-hang-monitor",
	"disable-back-forward-cache",   // would make every page a new view, to keep the last one
	"force-prefers-reduced-motion", // pages that can do without transitions paint less
}

// unwanted are features that would ask servers or people for something, start
// processes for windows that nobody looks at, or set up anew at every page what
// can stay.
var unwanted = []string{
	"HttpsUpgrades", // would show a page at http by another origin
	"Translate",
	"SpareRendererForSitePerProcess",
	"PreloadTopChromeWebUI",
	"InitialWebUI",
	"WebUIToolbar",
	"WebUIReloadButton",
	"WebUIOmniboxPopup", // these three load a page into every window, for an address bar that nobody uses
	"WebUIOmniboxAimPopup",
	"WebUIOmniboxFullPopup",
	"RenderDocument", // a new frame, and a new surface to paint on, for every document
	"OptimizationHints",
	"MediaRouter",
	"DialMediaRouteProvider",
	"InterestFeedContentSuggestions",
	"CertificateTransparencyComponentUpdater",
	"AutofillServerCommunication",
}

package doctor

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
)

// oldestGo is the Go release that go.mod asks for, 1.x.
const oldestGo = 26

var (
	goVersion = regexp.MustCompile(`go1\.(\d+)[^\s]*`)
	dotted    = regexp.MustCompile(`\d+(\.\d+){1,3}`)
)

func checkGo(ctx context.Context, m Machine) Check {
	c := Check{ID: "go", What: "Go toolchain"}
	mend := fmt.Sprintf("install Go 1.%d or later: https://go.dev/dl", oldestGo)
	path, err := m.LookPath("go")
	if err != nil {
		return c.limited("not found: no building from source, no go test", mend)
	}
	out, err := m.Output(ctx, path, "version")
	found := goVersion.FindStringSubmatch(out)
	if err != nil || found == nil {
		return c.limited(path+" does not tell its version", mend)
	}
	if minor, _ := strconv.Atoi(found[1]); minor < oldestGo {
		return c.limited(found[0]+" at "+path+" is too old to build from source", mend)
	}
	return c.ok(found[0] + " at " + path)
}

// browsers are the names under which Chromium goes, in the order of search.
var browsers = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}

func checkChromium(ctx context.Context, m Machine) Check {
	c := Check{ID: "chromium", What: "Chromium"}
	for _, name := range browsers {
		path, err := m.LookPath(name)
		if err != nil {
			continue
		}
		out, err := m.Output(ctx, path, "--version")
		version := dotted.FindString(out)
		if err != nil || version == "" {
			return c.missing(path+" does not start", "try it by hand: "+path+" --version; then "+m.install("chromium"))
		}
		return c.ok(version + " at " + path)
	}
	return c.missing("not found: only the link wire works", m.install("chromium"))
}

func checkXvfb(_ context.Context, m Machine) Check {
	c := Check{ID: "xvfb", What: "Xvfb, a display in memory"}
	if m.OS != "linux" {
		return c.ok("not needed here: the desktop serves as the display")
	}
	path, err := m.LookPath("Xvfb")
	switch {
	case err == nil:
		return c.ok(path)
	case m.Display != "":
		return c.limited("not found: windows open on your own display "+m.Display, m.install("xvfb"))
	}
	return c.limited("not found, and no display: no --headed, no real autofill popup", m.install("xvfb"))
}

func checkAccessibility(_ context.Context, m Machine) Check {
	c := Check{ID: "accessibility", What: "AT-SPI, to read the browser's own windows"}
	if m.OS != "linux" {
		return c.limited("only on Linux: what the autofill popup lists cannot be read", "")
	}
	_, noBus := m.LookPath("dbus-daemon")
	if noBus == nil && m.anyFile("usr/libexec/at-spi-bus-launcher", "usr/lib/at-spi2-core/at-spi-bus-launcher", "usr/lib/at-spi-bus-launcher") {
		return c.ok("dbus-daemon and at-spi-bus-launcher found")
	}
	return c.limited("not found: what the autofill popup lists cannot be read", m.install("at-spi2-core dbus"))
}

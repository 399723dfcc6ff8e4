package doctor

import (
	"context"
	"io/fs"
)

func checkDisplay(_ context.Context, m Machine) Check {
	c := Check{ID: "display", What: "display for --headed"}
	if m.OS != "linux" {
		return c.ok("the desktop")
	}
	if m.Display != "" {
		return c.ok("DISPLAY is " + m.Display)
	}
	if _, err := m.LookPath("Xvfb"); err == nil {
		return c.ok("none of your own; Xvfb stands in")
	}
	return c.limited("none: browsers run headless only", "log in to a desktop, or "+m.install("xvfb"))
}

func checkSandbox(_ context.Context, m Machine) Check {
	c := Check{ID: "sandbox", What: "Chromium's sandbox"}
	if m.Root {
		return c.limited("off, since Chromium runs without it as root; open no pages that you do not trust", "run as an ordinary user")
	}
	return c.ok("on")
}

// fontFiles are where Linux keeps scalable fonts, two folders deep.
var fontFiles = []string{
	"usr/share/fonts/*/*.[to]tf", "usr/share/fonts/*/*/*.[to]tf", "usr/local/share/fonts/*.[to]tf", "usr/local/share/fonts/*/*.[to]tf",
}

func checkFonts(_ context.Context, m Machine) Check {
	c := Check{ID: "fonts", What: "fonts"}
	if m.OS != "linux" {
		return c.ok("the system's own")
	}
	if m.anyFile(fontFiles...) {
		return c.ok("scalable fonts found")
	}
	return c.limited("no scalable font found: screenshots show boxes instead of letters", m.install("fonts-dejavu-core"))
}

func checkLoopback(ctx context.Context, m Machine) Check {
	c := Check{ID: "loopback", What: "listening on 127.0.0.1"}
	if err := m.Listen(ctx, "127.0.0.1:0"); err != nil {
		return c.missing(err.Error(), "allow this user to listen on the loopback interface")
	}
	return c.ok("a free port was opened")
}

func checkTemp(_ context.Context, m Machine) Check {
	c := Check{ID: "temp", What: "folder for temporary files"}
	if err := m.WriteTemp(m.TempDir); err != nil {
		return c.missing(err.Error(), "free space in "+m.TempDir+", or set TMPDIR to a folder that can be written")
	}
	return c.ok(m.TempDir + " can be written")
}

func (m Machine) anyFile(patterns ...string) bool {
	for _, pattern := range patterns {
		if found, err := fs.Glob(m.Files, pattern); err == nil && len(found) > 0 {
			return true
		}
	}
	return false
}

// install says how to get packages, named as Debian names them.
func (m Machine) install(packages string) string {
	if _, err := m.LookPath("apt-get"); err == nil {
		if m.Root {
			return "apt-get install " + packages
		}
		return "sudo apt-get install " + packages
	}
	return "install " + packages + " (Debian's names) with your system's package manager"
}

func (c Check) ok(detail string) Check            { return c.with(OK, detail, "") }
func (c Check) limited(detail, mend string) Check { return c.with(Limited, detail, mend) }
func (c Check) missing(detail, mend string) Check { return c.with(Missing, detail, mend) }

func (c Check) with(s State, detail, mend string) Check {
	c.State, c.Detail, c.Mend = s, detail, mend
	return c
}

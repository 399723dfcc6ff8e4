package doctor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os/exec"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/doctor"
)

// healthy returns a machine that lacks nothing; tests take things away.
func healthy() doctor.Machine {
	return doctor.Machine{
		OS:      "linux",
		Display: ":0",
		TempDir: "/tmp",
		Files: fstest.MapFS{
			"usr/share/fonts/truetype/dejavu/DejaVuSans.ttf": {},
			"usr/libexec/at-spi-bus-launcher":                {},
			"sys/class/udc/fe980000.usb/state":               {},
			"sys/kernel/config/usb_gadget":                   {Mode: fs.ModeDir},
			"dev/hidraw0":                                    {},
			"usr/sbin/pcscd":                                 {},
			"usr/lib/pcsc/drivers/serial/libifdvpcd.so":      {},
			"usr/libexec/bluetooth/bluetoothd":               {},
			"sys/class/bluetooth/hci0/address":               {},
		},
		LookPath: programs("go", "chromium", "Xvfb", "dbus-daemon", "apt-get"),
		Output: func(_ context.Context, path string, _ ...string) (string, error) {
			return map[string]string{
				"/usr/bin/go":            "go version go1.26.8 linux/amd64\n",
				"/usr/bin/chromium":      "Chromium 156.0.8078.79 built on Debian GNU/Linux 12\n",
				"/usr/bin/google-chrome": "Google Chrome 156.0.8078.80\n",
			}[path], nil
		},
		Open:      func(string) error { return nil },
		Listen:    func(context.Context, string) error { return nil },
		WriteTemp: func(string) error { return nil },
	}
}

// programs returns a LookPath that knows the named programs.
func programs(names ...string) func(string) (string, error) {
	return func(name string) (string, error) {
		for _, known := range names {
			if name == known {
				return "/usr/bin/" + name, nil
			}
		}
		return "", exec.ErrNotFound
	}
}

func find(t *testing.T, checks []doctor.Check, id string) doctor.Check {
	t.Helper()
	for _, c := range checks {
		if c.ID == id {
			return c
		}
	}
	t.Fatalf("no check %q", id)
	return doctor.Check{}
}

func TestHealthyMachine(t *testing.T) {
	t.Parallel()
	checks := doctor.Examine(t.Context(), healthy())
	for _, c := range checks {
		assert.Equal(t, doctor.OK, c.State, c.ID)
		assert.Empty(t, c.Mend, c.ID)
		assert.NotEmpty(t, c.Detail, c.ID)
		assert.NotEmpty(t, c.What, c.ID)
	}
	assert.True(t, doctor.Able(checks))
	assert.Equal(t, "156.0.8078.79 at /usr/bin/chromium", find(t, checks, "chromium").Detail)
	assert.Equal(t, "go1.26.8 at /usr/bin/go", find(t, checks, "go").Detail)
}

func TestWhatIsMissing(t *testing.T) {
	t.Parallel()
	answer := func(text string, err error) func(context.Context, string, ...string) (string, error) {
		return func(context.Context, string, ...string) (string, error) { return text, err }
	}
	for _, c := range []struct {
		name         string
		change       func(*doctor.Machine)
		id           string
		state        doctor.State
		detail, mend string
	}{
		{"no Go", func(m *doctor.Machine) { m.LookPath = programs("chromium") }, "go", doctor.Limited, "not found", "https://go.dev/dl"},
		{"old Go", func(m *doctor.Machine) { m.Output = answer("go version go1.22.3 linux/amd64", nil) }, "go", doctor.Limited, "go1.22.3", "Go 1.26"},
		{"newer Go", func(m *doctor.Machine) { m.Output = answer("go version go1.30rc1 linux/amd64", nil) }, "go", doctor.OK, "go1.30rc1", ""},
		{"Go that fails", func(m *doctor.Machine) { m.Output = answer("", errors.New("exit 1")) }, "go", doctor.Limited, "version", "Go 1.26"},
		{"no Chromium", func(m *doctor.Machine) { m.LookPath = programs("apt-get") }, "chromium", doctor.Missing, "not found", "sudo apt-get install chromium"},
		{"no Chromium, root", func(m *doctor.Machine) { m.LookPath, m.Root = programs("apt-get"), true }, "chromium", doctor.Missing, "", "apt-get install chromium"},
		{"no Chromium, no apt", func(m *doctor.Machine) { m.LookPath = programs() }, "chromium", doctor.Missing, "", "package manager"},
		{"Chrome instead", func(m *doctor.Machine) { m.LookPath = programs("google-chrome") }, "chromium", doctor.OK, "156.0.8078.80", ""},
		{"Chromium that fails", func(m *doctor.Machine) { m.Output = answer("", errors.New("killed")) }, "chromium", doctor.Missing, "does not start", "by hand"},
		{"Chromium that says nothing", func(m *doctor.Machine) { m.Output = answer("hello", nil) }, "chromium", doctor.Missing, "does not start", "by hand"},
		{"no Xvfb", func(m *doctor.Machine) { m.LookPath, m.Display = programs(), "" }, "xvfb", doctor.Limited, "no --headed", "xvfb"},
		{"no Xvfb but a display", func(m *doctor.Machine) { m.LookPath = programs() }, "xvfb", doctor.Limited, ":0", "xvfb"},
		{"no Xvfb on a Mac", func(m *doctor.Machine) { m.OS, m.LookPath = "darwin", programs() }, "xvfb", doctor.OK, "not needed", ""},
		{"no display", func(m *doctor.Machine) { m.LookPath, m.Display = programs(), "" }, "display", doctor.Limited, "headless only", "xvfb"},
		{"Xvfb as display", func(m *doctor.Machine) { m.Display = "" }, "display", doctor.OK, "Xvfb", ""},
		{"desktop as display", func(m *doctor.Machine) { m.OS, m.Display = "darwin", "" }, "display", doctor.OK, "desktop", ""},
		{"root", func(m *doctor.Machine) { m.Root = true }, "sandbox", doctor.Limited, "root", "ordinary user"},
		{"no AT-SPI", func(m *doctor.Machine) { m.Files = fstest.MapFS{} }, "accessibility", doctor.Limited, "popup", "at-spi2-core dbus"},
		{"no bus", func(m *doctor.Machine) { m.LookPath = programs() }, "accessibility", doctor.Limited, "popup", "at-spi2-core dbus"},
		{"AT-SPI on a Mac", func(m *doctor.Machine) { m.OS = "darwin" }, "accessibility", doctor.Limited, "only on Linux", ""},
		{"no fonts", func(m *doctor.Machine) { m.Files = fstest.MapFS{} }, "fonts", doctor.Limited, "boxes", "fonts-dejavu-core"},
		{"fonts of a Mac", func(m *doctor.Machine) { m.OS, m.Files = "darwin", fstest.MapFS{} }, "fonts", doctor.OK, "system", ""},
		{"no loopback", func(m *doctor.Machine) {
			m.Listen = func(context.Context, string) error { return errors.New("denied") }
		}, "loopback", doctor.Missing, "denied", "loopback"},
		{"full disk", func(m *doctor.Machine) { m.WriteTemp = func(string) error { return errors.New("no space") } }, "temp", doctor.Missing, "no space", "TMPDIR"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := healthy()
			c.change(&m)
			checks := doctor.Examine(t.Context(), m)
			got := find(t, checks, c.id)
			assert.Equal(t, c.state, got.State)
			assert.Contains(t, got.Detail, c.detail)
			assert.Contains(t, got.Mend, c.mend)
			if c.state == doctor.Missing {
				assert.False(t, doctor.Able(checks))
			}
		})
	}
}

func TestThisMachineCanBeExamined(t *testing.T) {
	t.Parallel()
	checks := doctor.Run(t.Context())
	seen := map[string]bool{}
	for _, c := range checks {
		assert.False(t, seen[c.ID], "two checks are called %q", c.ID)
		seen[c.ID] = true
		assert.Contains(t, []doctor.State{doctor.OK, doctor.Limited, doctor.Missing}, c.State)
	}
	assert.Equal(t, doctor.OK, find(t, checks, "go").State, "a Go toolchain runs this test")
	assert.Equal(t, doctor.OK, find(t, checks, "loopback").State)
	assert.Equal(t, doctor.OK, find(t, checks, "temp").State)
}

func TestText(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, doctor.WriteText(&out, []doctor.Check{
		{What: "one", State: doctor.OK, Detail: "fine"},
		{What: "three", State: doctor.Limited, Detail: "two\nlines", Mend: "do this"},
		{What: "x", State: doctor.Missing, Detail: "gone", Mend: "do that"},
	}))
	assert.Equal(t, strings.Join([]string{
		"✓ one    fine",
		"– three  two lines",
		"         mend: do this",
		"✗ x      gone",
		"         mend: do that",
		"",
	}, "\n"), out.String())
}

func TestJSON(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, doctor.WriteJSON(&out, doctor.Examine(t.Context(), healthy())))
	var got []map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &got))
	require.NotEmpty(t, got)
	for _, c := range got {
		for _, key := range []string{"id", "what", "state", "detail"} {
			assert.NotEmpty(t, c[key], key)
		}
	}
	out.Reset()
	require.NoError(t, doctor.WriteJSON(&out, nil))
	assert.Equal(t, "[]\n", out.String(), "an array, even when empty")
}

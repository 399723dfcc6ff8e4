package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap"
	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/internal/qr"
	"github.com/passkeylab/passkeylab/transport/bluez"
	"github.com/passkeylab/passkeylab/transport/hybrid"
)

// consoleInto is where a verb writes, without an environment or a terminal.
func consoleInto(ctx context.Context, out, log io.Writer) *console {
	return &console{Context: ctx, out: out, err: log, env: func(string) string { return "" }, columns: func(io.Writer) int { return 0 }}
}

// near is a tunnel service and air as `passkeylab tunnel --air` gives them, and a
// computer there that shows a QR code.
type near struct {
	flags []string // of a phone that is near
	code  *hybrid.Code
}

func newNear(t *testing.T) *near {
	t.Helper()
	root := filepath.Join(t.TempDir(), "root.pem")
	said := runTunnel(t, 6, "--ca", root, "--air")
	address := addressIn(t, said)
	bus := regexp.MustCompile(`--bus (\S+)`).FindStringSubmatch(said)
	require.NotEmpty(t, bus, said)
	radio, err := bluez.OpenRadio(t.Context(), bus[1])
	require.NoError(t, err)
	t.Cleanup(func() { _ = radio.Close() }) // the bus may have ended
	trusted, err := (&phoneVerb{Tunnel: address, CA: root}).dialer()
	require.NoError(t, err)
	computer, err := hybrid.NewComputer(hybrid.ComputerConfig{Scanner: radio, Dialer: trusted, Random: rand.Reader, Now: time.Now})
	require.NoError(t, err)
	code, err := computer.Show(protocol.HintCredential)
	require.NoError(t, err)
	return &near{flags: []string{"--tunnel", address, "--ca", root, "--bus", bus[1]}, code: code}
}

// play runs the verb while the computer makes a passkey.
func (n *near) play(t *testing.T, flags ...string) (status ctap.Status, told string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var out, log bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- consoleInto(ctx, &out, &log).main(append(append([]string{"phone"}, flags...), n.flags...))
	}()
	remote, err := n.code.Connect(ctx)
	require.NoError(t, err)
	made, err := ctap.Call(ctx, remote, &ctap.MakeCredentialRequest{
		ClientDataHash: make([]byte, 32), RP: ctap.RPEntity{ID: "login.example"},
		User: ctap.UserEntity{ID: []byte("alice"), Name: "alice"}, PubKeyCredParams: []ctap.Parameters{{Type: "public-key", Algorithm: -7}},
	})
	if err == nil {
		assert.NotEmpty(t, made.AuthData)
	}
	require.NoError(t, remote.Close())
	assert.Equal(t, exitOK, <-ended, log.String())
	return ctap.StatusOf(err), out.String()
}

func TestPhoneScansACode(t *testing.T) {
	t.Parallel()
	steps := []string{"read a QR code", "opened a tunnel", "shook hands", "authenticatorMakeCredential", "the device answered", "the computer is done"}
	for name, flags := range map[string]func(*testing.T, string) []string{
		"text": func(_ *testing.T, text string) []string { return []string{"--text", text} },
		"image": func(t *testing.T, text string) []string {
			code, err := qr.Encode(text)
			require.NoError(t, err)
			var picture bytes.Buffer
			require.NoError(t, png.Encode(&picture, code.Image(4)))
			file := filepath.Join(t.TempDir(), "code.png")
			require.NoError(t, os.WriteFile(file, picture.Bytes(), 0o600))
			return []string{"--image", file}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNear(t)
			status, told := n.play(t, flags(t, n.code.Text())...)
			assert.Equal(t, ctap.OK, status)
			at := 0
			for _, step := range steps {
				found := strings.Index(told[at:], step)
				require.GreaterOrEqual(t, found, 0, "%q after %q in:\n%s", step, told[:at], told)
				at += found
			}
		})
	}
}

func TestPhoneDeclines(t *testing.T) {
	t.Parallel()
	n := newNear(t)
	status, _ := n.play(t, "--text", n.code.Text(), "--touch", "refuse")
	assert.Equal(t, ctap.OperationDenied, status)
}

func TestPhoneWithWhatIsNoCode(t *testing.T) {
	t.Parallel()
	n := newNear(t)
	blank := filepath.Join(t.TempDir(), "no.png")
	require.NoError(t, os.WriteFile(blank, []byte("no picture"), 0o600))
	cases := map[string]struct {
		flags []string
		why   string
	}{
		"no code":        {nil, "--text"},
		"two codes":      {[]string{"--text", "FIDO:/1", "--screen"}, "--text"},
		"no digits":      {[]string{"--text", "FIDO:/x"}, "QR"},
		"no picture":     {[]string{"--image", blank}, "no.png"},
		"no such file":   {[]string{"--image", blank + ".gone"}, "no such file"},
		"no display":     {[]string{"--screen"}, "DISPLAY"},
		"CA for nothing": {[]string{"--text", "FIDO:/1", "--tunnel", "", "--ca", blank}, "--tunnel"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out, log bytes.Buffer
			flags := append([]string{"phone"}, n.flags...)
			assert.Equal(t, exitBroken, consoleInto(t.Context(), &out, &log).main(append(flags, c.flags...)))
			assert.Contains(t, log.String(), c.why)
		})
	}
}

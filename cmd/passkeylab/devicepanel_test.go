package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/transport/control"
	"github.com/passkeylab/passkeylab/transport/socket"
)

// running is a device that a verb runs, and what it says.
type running struct {
	t        *testing.T
	ctx      context.Context
	out, err lineWriter
	panel    string // where its control is
}

// runControlled runs device with a control channel at a unix socket.
func runControlled(t *testing.T, path string, args ...string) *running {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	r := &running{t, ctx, make(lineWriter, 10), make(lineWriter, 10), ""}
	c := &console{Context: ctx, out: r.out, err: r.err, env: func(string) string { return "" }, columns: func(io.Writer) int { return 0 }}
	ended := make(chan int, 1)
	go func() {
		ended <- c.main(append([]string{"device", "--control", "127.0.0.1:0", "--listen", "unix:" + path}, args...))
	}()
	t.Cleanup(func() {
		cancel()
		assert.Equal(t, exitOK, <-ended)
	})
	require.Equal(t, "security-key at unix:"+path+"\n", <-r.err)
	line, ok := strings.CutPrefix(<-r.err, "its control at ")
	require.True(t, ok, line)
	r.panel = strings.TrimSpace(line)
	return r
}

func (r *running) ask(method, path, body string) control.Status {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.ctx, method, r.panel+path, strings.NewReader(body))
	require.NoError(r.t, err)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(r.t, err)
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	require.NoError(r.t, err)
	require.Equal(r.t, http.StatusOK, answer.StatusCode, "%s: %s", path, said)
	var s control.Status
	require.NoError(r.t, json.Unmarshal(said, &s))
	return s
}

// A program touches, refuses, cuts the power and hears of winks.
func TestDeviceControl(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	r := runControlled(t, path, "--touch", "manual", "--pin", "271828")
	client, err := socket.Dial(r.ctx, "unix:"+path)
	require.NoError(t, err)
	defer client.Close()

	require.NoError(t, client.Wink(r.ctx))
	assert.Equal(t, "security-key winks\n", <-r.err)
	assert.Equal(t, 1, r.ask("GET", "/", "").Winks)

	selected := make(chan error, 1)
	go func() {
		_, err := ctap.Call(r.ctx, client, new(ctap.SelectionRequest))
		selected <- err
	}()
	assert.Equal(t, "select device", r.ask("GET", "/prompt", "").Waiting[0].For)
	r.ask("POST", "/touch/press", "")
	require.NoError(t, <-selected)
	r.ask("POST", "/touch/refuse", "")
	_, err = ctap.Call(r.ctx, client, new(ctap.SelectionRequest))
	require.ErrorIs(t, err, ctap.OperationDenied)

	assert.Empty(t, r.ask("GET", "/usb1/power/off", "").Doors)
	_, err = client.Ping(r.ctx, nil)
	require.Error(t, err, "it was pulled out")
	assert.NoFileExists(t, path)
	assert.Equal(t, []string{"unix:" + path}, r.ask("GET", "/usb1/power/on", "").Doors)
	assert.True(t, infoAt(t, "unix:"+path).Options[ctap.OptionClientPIN], "it has its PIN still")
	r.ask("POST", "/reset", "")
	assert.False(t, infoAt(t, "unix:"+path).Options[ctap.OptionClientPIN], "as from the factory")

	r.ask("POST", "/conformance/results", `{"passedTestsCount":3}`)
	assert.JSONEq(t, `{"passedTestsCount":3}`, <-r.out)
}

func TestDeviceControlUsedWrongly(t *testing.T) {
	t.Parallel()
	for says, args := range map[string][]string{
		"--control 0.0.0.0:0: other machines could reach that; use 127.0.0.1": {"--control", "0.0.0.0:0"},
		`--control "3000": give it as HOST:PORT`:                              {"--control", "3000"},
		`--touch "softly": give auto, manual, refuse or a duration`:           {"--touch", "softly"},
	} {
		got := command(t, append([]string{"device", "--listen", "tcp:127.0.0.1:0"}, args...)...)
		assert.Equal(t, exitBroken, got.status)
		assert.Contains(t, got.err, says)
	}
	got := command(t, "exec", "--control", "127.0.0.1:0", "--profile", "security-key", "--profile", "security-key", "true")
	assert.Equal(t, exitBroken, got.status)
	assert.Contains(t, got.err, "--control is for one key")
}

// Doors that this machine may lack say what it takes.
func TestDoorsThatAreNotHere(t *testing.T) {
	t.Parallel()
	for at, says := range map[string]string{"hidg:no-such-controller": "device controller", "uhid:1": "give it as unix:PATH"} {
		got := command(t, "device", "--listen", at)
		assert.Equal(t, exitBroken, got.status)
		assert.Contains(t, got.err, "--listen ")
		assert.Contains(t, got.err, says)
	}
}

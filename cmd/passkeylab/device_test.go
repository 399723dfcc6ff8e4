package main

import (
	"context"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/hid"
	"github.com/passkeylab/passkeylab/transport/socket"
)

// runDevice runs the verb and returns where the device listens, and what stops
// it and tells the exit status.
func runDevice(t *testing.T, addresses int, args ...string) (at []string, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	told, ended := make(lineWriter, addresses), make(chan int, 1)
	c := &console{Context: ctx, out: io.Discard, err: told, env: func(string) string { return "" }, columns: func(io.Writer) int { return 0 }}
	go func() { ended <- c.main(append([]string{"device"}, args...)) }()
	for range addresses {
		line := <-told
		address := regexp.MustCompile(` at (\S+)\n`).FindStringSubmatch(line)
		require.NotEmpty(t, address, line)
		at = append(at, address[1])
	}
	return at, func() int {
		cancel()
		return <-ended
	}
}

func infoAt(t *testing.T, address string) *ctap.GetInfoResponse {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	client, err := socket.Dial(ctx, address)
	require.NoError(t, err)
	defer client.Close()
	info, err := ctap.Call(ctx, client, &ctap.GetInfoRequest{})
	require.NoError(t, err)
	return info
}

// One device at three addresses, which keeps its PIN in a file.
func TestDevice(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	store := filepath.Join(folder, "key.store")
	at, stop := runDevice(t, 3, "--store", store, "--pin", "271828",
		"--listen", "unix:"+filepath.Join(folder, "key"), "--listen", "tcp:127.0.0.1:0", "--listen", "udp:127.0.0.1:0")
	var aaguids [][]byte
	for _, address := range at {
		info := infoAt(t, address)
		assert.True(t, info.Options[ctap.OptionClientPIN], "it has a PIN")
		aaguids = append(aaguids, info.AAGUID)
	}
	assert.Equal(t, aaguids[0], aaguids[1])
	assert.Equal(t, exitOK, stop())
	assert.NoFileExists(t, filepath.Join(folder, "key"))

	again := []string{"--store", store, "--listen", "unix:" + filepath.Join(folder, "key")}
	at, stop = runDevice(t, 1, append(again, "--pin", "271828")...)
	assert.True(t, infoAt(t, at[0]).Options[ctap.OptionClientPIN], "it has it still")
	assert.Equal(t, exitOK, stop())
	got := command(t, append([]string{"device", "--pin", "314159"}, again...)...)
	assert.Equal(t, exitBroken, got.status)
	assert.Contains(t, got.err, "--pin: the device in the store has another PIN")
}

func TestDeviceProfiles(t *testing.T) {
	t.Parallel()
	for profile, transports := range map[string]string{"phone": "hybrid", "laptop": "internal", "security-key": "usb", "fingerprint-key": "usb", "pin-key": "usb"} {
		at, stop := runDevice(t, 1, "--profile", profile, "--listen", "tcp:127.0.0.1:0")
		assert.Contains(t, infoAt(t, at[0]).Transports, transports, profile)
		assert.Equal(t, exitOK, stop())
	}
}

// Faults of the device and of how it speaks, from the first client on, but not
// before it has its PIN.
func TestDeviceWithFaults(t *testing.T) {
	t.Parallel()
	at, stop := runDevice(t, 1, "--pin", "271828", "--listen", "tcp:127.0.0.1:0",
		"--fault", "info/version-2-2", "--fault", "pin/set-again", "--fault", "hid/msg-denied")
	assert.Contains(t, infoAt(t, at[0]).Versions, "FIDO_2_2")
	assert.True(t, infoAt(t, at[0]).Options[ctap.OptionClientPIN])
	client, err := socket.Dial(t.Context(), at[0])
	require.NoError(t, err)
	defer client.Close()
	assert.NotZero(t, client.Info().Capabilities&hid.NoMsg)
	assert.Equal(t, exitOK, stop())
}

// A product, and one that a file describes.
func TestDeviceIsAProduct(t *testing.T) {
	t.Parallel()
	for profile, aaguid := range map[string]string{
		"solo-2": "8652abe9fbd84810a840d6fc442a8c2c", "icloud-keychain": "f24a8e70d0d3f82c293732523cc4de5a",
		"../../docs/profile-example.json": "0e8f3c521d4b4a6f9a576b2d90c1e7f4",
	} {
		at, stop := runDevice(t, 1, "--profile", profile, "--listen", "tcp:127.0.0.1:0")
		assert.Equal(t, aaguid, hex.EncodeToString(infoAt(t, at[0]).AAGUID), profile)
		assert.Equal(t, exitOK, stop())
	}
}

// A key from before CTAP2 says so on its channel.
func TestDeviceFromBeforeCTAP2(t *testing.T) {
	t.Parallel()
	at, stop := runDevice(t, 1, "--profile", "u2f-key", "--listen", "tcp:127.0.0.1:0")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	client, err := socket.Dial(ctx, at[0])
	require.NoError(t, err)
	defer client.Close()
	assert.Zero(t, client.Info().Capabilities&(hid.CanCBOR|hid.NoMsg))
	_, err = ctap.Call(ctx, client, &ctap.GetInfoRequest{})
	assert.Error(t, err)
	assert.Equal(t, exitOK, stop())
}

func TestDeviceUsedWrongly(t *testing.T) {
	t.Parallel()
	free := []string{"--listen", "tcp:127.0.0.1:0"}
	damaged := filepath.Join(t.TempDir(), "notes")
	require.NoError(t, os.WriteFile(damaged, []byte("these are no credentials"), 0o600))
	noProfile := filepath.Join(t.TempDir(), "key.json")
	require.NoError(t, os.WriteFile(noProfile, []byte("{\"id\": \"a\", \"name\": \"a\", \"kind\": \"security-key\",\n\"facts\": {\"transport\": 1}}"), 0o600))
	for _, c := range []struct {
		name string
		args []string
		says string
	}{
		{"nowhere", nil, "--listen"},
		{"no such profile", append(free, "--profile", "toaster"), `--profile: no profile is called "toaster": passkeylab profiles lists them`},
		{"nearly a profile", append(free, "--profile", "yubikey-5-5"), `--profile: no profile is called "yubikey-5-5": did you mean "yubikey-5-2"?`},
		{"no such file", append(free, "--profile", filepath.Join(t.TempDir(), "key.json")), "no such file"},
		{"no profile in the file", append(free, "--profile", noProfile), `--profile: ` + noProfile + `:2: facts: unknown member "transport": did you mean "transports"?`},
		{"where others are", []string{"--listen", "tcp:0.0.0.0:0"}, "use 127.0.0.1, or say --anywhere"},
		{"one good address, one bad", append(free, "--listen", "tcp:0.0.0.0:0"), "use 127.0.0.1"},
		{"no address", []string{"--listen", "8111"}, "--listen \"8111\": give it as unix:PATH"},
		{"PIN too short", append(free, "--pin", "123"), "--pin: setting a PIN: asking for a PIN (set): it has 3 characters, 4 to 63 are allowed"},
		{"PIN too long", append(free, "--pin", string(make([]byte, 64))), "--pin: "},
		{"PIN for a phone", append(free, "--profile", "phone", "--pin", "271828"), "takes no PIN"},
		{"no such fault", append(free, "--fault", "signature/bitflip"), `--fault: no fault is called "signature/bitflip": did you mean "signature/bit-flip"?`},
		{"a client's fault", append(free, "--fault", "clientdata/empty"), "that is a fault of a client"},
		{"damaged store", append(free, "--store", damaged), "store"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := command(t, append([]string{"device"}, c.args...)...)
			assert.Equal(t, exitBroken, got.status)
			assert.Contains(t, got.err, c.says)
			assert.Regexp(t, regexp.MustCompile(`^passkeylab: [^\n]*\n$`), got.err, "one line")
		})
	}
}

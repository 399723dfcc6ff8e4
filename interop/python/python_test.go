//go:build interop

package python_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
)

// aims says of every check which device it is for, and what befalls the device
// before.
var aims = map[string]struct {
	model  func(*testing.T) authenticator.Model
	before func(*device)
}{
	"getinfo":               {securityKey, nil},
	"ctaphid":               {securityKey, nil},
	"selection":             {securityKey, nil},
	"touch-refused":         {securityKey, func(d *device) { d.user.Always(authenticator.Decline) }},
	"touch-awaited":         {securityKey, func(d *device) { d.user.Always(authenticator.Ignore) }},
	"reset":                 {securityKey, func(d *device) { d.clock.Advance(10 * time.Second) }},
	"reset-too-late":        {securityKey, func(d *device) { d.clock.Advance(10*time.Second + 1) }},
	"unsupported-algorithm": {securityKey, nil},

	"discoverable":            {securityKey, nil},
	"non-discoverable":        {securityKey, nil},
	"discoverable-by-pin":     {pinKey, nil},
	"non-discoverable-by-pin": {pinKey, nil},
	"presence-alone":          {securityKey, nil},
	"excluded":                {securityKey, nil},
	"long-allow-list":         {securityKey, nil},
	"many-accounts":           {securityKey, nil},
	"silent":                  {securityKey, nil},

	"set-pin":      {pinKey, nil},
	"pin-policy":   {pinKey, nil},
	"change-pin":   {pinKey, nil},
	"wrong-pin":    {pinKey, nil},
	"uv-retries":   {securityKey, func(d *device) { d.user.WrongFinger(3) }},
	"permissions":  {pinKey, nil},
	"legacy-token": {pinKey, nil},

	"cred-protect":        {securityKey, nil},
	"hmac-secret":         {securityKey, nil},
	"prf":                 {securityKey, nil},
	"cred-blob":           {securityKey, nil},
	"min-pin-length":      {securityKey, nil},
	"cred-props":          {securityKey, nil},
	"third-party-payment": {securityKey, nil},
	"large-blob":          {securityKey, nil},

	"large-blobs":              {securityKey, nil},
	"large-blobs-unauthorised": {securityKey, nil},

	"credential-management":  {securityKey, nil},
	"credential-update":      {securityKey, nil},
	"credential-delete":      {securityKey, nil},
	"credential-permissions": {securityKey, nil},

	"always-uv":              {pinKey, nil},
	"set-min-pin-length":     {securityKey, nil},
	"force-pin-change":       {securityKey, nil},
	"pin-complexity-policy":  {securityKey, nil},
	"config-unauthorised":    {securityKey, nil},
	"enterprise-attestation": {enterpriseKey, nil},

	"sensor": {bioKey, nil},
	"enrol":  {bioKey, nil},

	"enrol-unnamed":      {bioKey, nil},
	"enrol-badly":        {bioKey, func(d *device) { d.user.Samples(ctap.SampleTooFast, ctap.SamplePoorQuality) }},
	"enrol-cancelled":    {bioKey, nil},
	"enrol-unauthorised": {bioKey, nil},

	"u2f":                {securityKey, nil},
	"u2f-key-over-ctap2": {securityKey, nil},
	"u2f-over-ctap2-key": {securityKey, nil},
	"u2f-untouched":      {securityKey, func(d *device) { d.user.Always(authenticator.Ignore) }},
}

func TestPythonFIDO2(t *testing.T) {
	t.Parallel()
	python := installed(t)
	listed := strings.Fields(run(t, python, "-B", "fido2_client.py", "--list"))
	require.ElementsMatch(t, listed, slices.Collect(maps.Keys(aims)), "every check has an aim")
	for _, protocol := range []string{"1", "2"} {
		t.Run("protocol "+protocol, func(t *testing.T) {
			t.Parallel()
			arguments := []string{"-B", "fido2_client.py", "--protocol", protocol}
			for _, name := range listed {
				device, path := serve(t, aims[name].model(t))
				if before := aims[name].before; before != nil {
					before(device)
				}
				arguments = append(arguments, name+"="+path)
			}
			wrong := verdicts(t, exec.CommandContext(t.Context(), python, arguments...))
			for _, name := range listed {
				t.Run(name, func(t *testing.T) {
					said, ran := wrong[name]
					require.True(t, ran, "python-fido2 did not come so far")
					assert.Empty(t, said)
				})
			}
		})
	}
}

// verdicts runs checks and returns what was wrong with each that ran.
func verdicts(t *testing.T, checks *exec.Cmd) map[string]string {
	t.Helper()
	var complaints bytes.Buffer
	checks.Stderr = &complaints
	out, err := checks.Output()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		require.NoError(t, err)
	}
	wrong := map[string]string{}
	for line := range bytes.Lines(out) {
		var verdict struct{ Check, Wrong string }
		require.NoError(t, json.Unmarshal(line, &verdict), "%s", line)
		wrong[verdict.Check] = verdict.Wrong
	}
	assert.Empty(t, complaints.String())
	return wrong
}

// Without a device a check must not succeed.
func TestNobodyThere(t *testing.T) {
	t.Parallel()
	nobody := filepath.Join(t.TempDir(), "none")
	wrong := verdicts(t, exec.CommandContext(t.Context(), installed(t), "-B", "fido2_client.py", "getinfo="+nobody))
	assert.Contains(t, wrong["getinfo"], "FileNotFoundError")
}

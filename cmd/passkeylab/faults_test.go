package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator/fault"
	mistake "github.com/passkeylab/passkeylab/relyingparty/fault"
)

var faultCount = len(fault.All()) + len(mistake.All())

func TestFaultsAreListed(t *testing.T) {
	t.Parallel()
	all := command(t, "faults")
	require.Zero(t, all.status, all.err)
	assert.Equal(t, 2*faultCount, strings.Count(all.out, "\n"))

	one := command(t, "faults", "flags/uv-missing")
	assert.Equal(t, outcome{out: "flags/uv-missing  (WebAuthn L3 §7.1 step 16, §7.2 step 17)\n" +
		"    The flag UV is clear though the user was verified, and the signature covers that.\n"}, one)

	group := command(t, "faults", "rpidhash")
	require.Zero(t, group.status, group.err)
	assert.Equal(t, 3, strings.Count(group.out, "rpidhash/"))

	ofSites := command(t, "faults", "rp/origin")
	require.Zero(t, ofSites.status, ofSites.err)
	assert.Contains(t, ofSites.out, "rp/origin/any  (WebAuthn L3 §7.1 step 9, §7.2 step 12, §13.4.9)\n    The origin in client data is not looked at.\n")

	wrong := command(t, "faults", "flag/uv-missing")
	assert.Equal(t, exitBroken, wrong.status)
	assert.Equal(t, "passkeylab: no fault is called \"flag/uv-missing\": did you mean \"flags/uv-missing\"?\n", wrong.err)
}

func TestFaultsInJSON(t *testing.T) {
	t.Parallel()
	for args, count := range map[string]int{"faults --json": faultCount, "faults --json rp": len(mistake.All()), "faults --json rp/origin/any": 1, "faults --json hid/nonce-wrong": 1} {
		got := command(t, strings.Fields(args)...)
		require.Zero(t, got.status, got.err)
		var list []map[string]string
		require.NoError(t, json.Unmarshal([]byte(got.out), &list))
		assert.Len(t, list, count)
		for _, f := range list {
			for _, member := range []string{"id", "of", "group", "spec", "doc"} {
				assert.NotEmpty(t, f[member], "%v", f)
			}
		}
	}
}

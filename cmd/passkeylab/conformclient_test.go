package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client/fault"
	"github.com/passkeylab/passkeylab/conformance/clients"
)

func TestConformOurClient(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "report")
	got := command(t, "conform", "client", "--match", "create/request", "--gate", "--seed", "7", "--report", folder)
	require.Equal(t, exitOK, got.status, got.err)
	assert.Contains(t, got.out, "12 passed")
	raw, err := os.ReadFile(filepath.Join(folder, "report.json"))
	require.NoError(t, err)
	assert.Contains(t, string(raw), `"repeat": "passkeylab conform client --match create/request/rp-id --seed 7"`)

	got = command(t, "conform", "client", "--match", "create/request/rp-id", "--fault", "create/rp-id-other")
	assert.Equal(t, exitFailed, got.status)
	assert.Contains(t, got.out, "✗ create/request/rp-id · self failed")
}

func TestListsOfClients(t *testing.T) {
	t.Parallel()
	for want, args := range map[int][]string{len(clients.Cases()): {"cases", "--of", "client", "--json"}, len(fault.All()): {"faults", "--of", "client", "--json"}} {
		got := command(t, args...)
		require.Equal(t, exitOK, got.status, got.err)
		var list []struct{ ID, Doc string }
		require.NoError(t, json.Unmarshal([]byte(got.out), &list))
		assert.Len(t, list, want)
	}
	got := command(t, "faults", "hash", "--of", "client")
	assert.Contains(t, got.out, "hash/zero")
	assert.NotContains(t, got.out, "request/")
	got = command(t, "faults", "hash/zerro", "--of", "client")
	assert.Equal(t, exitBroken, got.status)
	assert.Contains(t, got.err, `did you mean "hash/zero"?`)
}

func TestConformClientUsedWrongly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"--target", "selb"}, "give self"},
		{[]string{"--target", "exec:"}, "give self"},
		{[]string{"--target", "exec:/nonexistent"}, "no such file"},
		{[]string{"--target", "exec:true"}, "it tells no name"},
		{[]string{"--target", "python-fido2", "--python", "/nonexistent/python"}, "no such file"},
		{[]string{"--fault", "hash/zerro"}, `did you mean "hash/zero"?`},
		{[]string{"--target", "exec:true", "--fault", "hash/zero"}, "only our own client has faults"},
	} {
		got := command(t, append([]string{"conform", "client"}, c.args...)...)
		assert.Equal(t, exitBroken, got.status, c.args)
		assert.Contains(t, got.err, c.says)
	}
}

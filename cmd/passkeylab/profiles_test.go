package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator/profile"
)

// One line for each, in which no column is empty.
func TestProfilesAreListed(t *testing.T) {
	t.Parallel()
	got := command(t, "profiles")
	require.Equal(t, exitOK, got.status, got.err)
	lines := strings.Split(strings.TrimSpace(got.out), "\n")
	require.Len(t, lines, 1+len(profile.All()))
	for i, p := range profile.All() {
		assert.True(t, strings.HasPrefix(lines[1+i], p.ID+" "), lines[1+i])
		assert.Contains(t, lines[1+i], p.Name)
	}
	assert.Regexp(t, `\nyubikey-5-4 +YubiKey 5 NFC, firmware 5.4 +cross-platform +packed, basic +no +no +client-pin *\n`, got.out)
	assert.Regexp(t, `\nnordpass +NordPass +\? +\? +\? +\? +\? *\n`, got.out)
}

// Every fact is there, with its source or as unknown; so are quirks, and where the
// lab's device differs.
func TestProfilesAreDescribed(t *testing.T) {
	t.Parallel()
	for _, p := range profile.All() {
		got := command(t, "profiles", p.ID)
		require.Equal(t, exitOK, got.status, got.err)
		assert.Contains(t, got.out, p.ID+": "+p.Name+"\n")
		for _, f := range p.Facts() {
			if f.Source == "" {
				assert.Regexp(t, `(?m)^`+f.Name+` +unknown$`, got.out, p.ID)
				continue
			}
			i := strings.Index(got.out, "\n"+f.Name+" ")
			require.Positive(t, i, f.Name)
			value, source, _ := strings.Cut(got.out[i+1:], "\n")
			assert.True(t, strings.HasSuffix(value, " "+f.Value), "%s: %s", f.Name, value)
			source, _, _ = strings.Cut(source, "\n")
			assert.Equal(t, string(f.Source), strings.TrimSpace(source), f.Name)
		}
		for _, q := range p.Quirks {
			assert.Contains(t, got.out, q.Text)
			assert.Contains(t, got.out, string(q.Source))
		}
		for _, d := range p.Differs {
			assert.Contains(t, got.out, d.Fact+": "+d.Why)
		}
	}
}

func TestSeveralProfilesAreDescribed(t *testing.T) {
	t.Parallel()
	got := command(t, "profiles", "titan", "../../docs/profile-example.json")
	require.Equal(t, exitOK, got.status, got.err)
	assert.Contains(t, got.out, "\n\nexample-key: Example Key 2\nMade up, to show how a profile is written.\n")
}

func TestProfilesAsJSON(t *testing.T) {
	t.Parallel()
	got := command(t, "profiles", "--json")
	require.Equal(t, exitOK, got.status, got.err)
	var list []json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(got.out), &list))
	require.Len(t, list, len(profile.All()))
	for i, p := range profile.All() {
		var named struct{ ID, Name string }
		require.NoError(t, json.Unmarshal(list[i], &named))
		assert.Equal(t, p.ID, named.ID)
		assert.Equal(t, p.Name, named.Name)
		if !p.Own() {
			again, err := profile.Read(p.ID, list[i])
			require.NoError(t, err, "it is a profile of one's own in the making")
			assert.Equal(t, p.Facts(), again.Facts())
		}
	}
	got = command(t, "profiles", "trezor", "--json")
	require.NoError(t, json.Unmarshal([]byte(got.out), &list))
	assert.Len(t, list, 1)
}

func TestUnknownProfiles(t *testing.T) {
	t.Parallel()
	for name, says := range map[string]string{
		"trezr":       "passkeylab: no profile is called \"trezr\": did you mean \"trezor\"?\n",
		"none-at-all": "passkeylab: no profile is called \"none-at-all\": passkeylab profiles lists them\n",
	} {
		got := command(t, "profiles", "titan", name)
		assert.Equal(t, exitBroken, got.status)
		assert.Equal(t, says, got.err)
		assert.Empty(t, got.out)
	}
}

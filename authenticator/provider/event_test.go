package provider_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator/provider"
)

// The events of an account are its story, in order, whoever takes the steps.
func TestEventsTellTheStory(t *testing.T) {
	t.Parallel()
	var story []string
	p := sealed()
	p.SameUser = provider.NewestWins
	clock := newClock()
	a := newAccount(t, provider.Options{Provider: p, Secret: "s", Clock: clock, Watch: func(e provider.Event) {
		assert.Equal(t, clock.Now(), e.At)
		story = append(story, e.String())
	}})
	told := func(want ...string) {
		t.Helper()
		assert.Equal(t, want, story)
		story = nil
	}
	m := join(t, a, "phone", "laptop")
	require.NoError(t, m[1].Unlock("s"))
	told("phone joins", "laptop joins", "laptop gets the key")
	put(t, m[0], passkey("a", 1))
	told()
	m[0].Upload()
	told(`phone sends passkey 61 for "site.test"`)
	m[1].Deliver()
	told(`laptop hears of passkey 61 for "site.test"`)
	a.Sync()
	told()
	remove(t, m[1], "a")
	m[1].Sync()
	told(`laptop sends passkey 61, which is deleted`)
	rename(t, m[0], "a", "renamed")
	m[0].Sync()
	told(`phone loses passkey 61 for "site.test": deleted meanwhile`, `phone hears of passkey 61, which is deleted`)
	clock.Advance(1)
	put(t, m[0], passkey("b", 2))
	clock.Advance(1)
	put(t, m[1], passkey("c", 2))
	m[1].Sync()
	m[0].Sync()
	told(`laptop sends passkey 63 for "site.test"`, `phone loses passkey 62 for "site.test": a newer passkey`, `phone hears of passkey 63 for "site.test"`)
	require.NoError(t, a.Remove(m[0]))
	a.Sync()
	told("phone is out")
	tablet := join(t, a, "tablet")[0]
	for {
		if _, more := tablet.Deliver(); !more {
			break
		}
	}
	told("tablet joins", `tablet hears of passkey 63 for "site.test"`)
}

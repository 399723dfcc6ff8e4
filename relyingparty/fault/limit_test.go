package fault_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/fault"
)

func lookup(t testing.TB, id string) fault.Fault {
	t.Helper()
	f, err := fault.Lookup(id)
	require.NoError(t, err)
	return f
}

// logins are n logins in a row with a key that edit spoils each time, at a relying party
// that is ordinary but for a fault; ordinary ones are in between.
func logins(t testing.TB, n int, f fault.Fault, edit edits) (all []bool) {
	t.Helper()
	s := newStage(t, nil, f.Seams)
	s.began("alice", newKey(t, "first"))
	for range n {
		k := newKey(t, "first")
		edit(k)
		all = append(all, s.logIn("alice", k, nil))
		require.True(t, s.logIn("alice", newKey(t, "first"), nil), "an ordinary login")
	}
	return all
}

// What is limited is limited where it would make a difference, whichever seam it acts at.
func TestLimits(t *testing.T) {
	t.Parallel()
	for id, edit := range map[string]edits{
		"rp/origin/any":                           clientText(origin, "https://evil.test"),                                               // a step that sees something else
		"rp/signature/not-verified":               signed(func(s []byte) []byte { s[len(s)-1] ^= 1; return s }),                          // a step that is left out
		"rp/json/padding-accepted":                ids(func(s string) string { return s + "=" }),                                         // the response
		"rp/clientdata/names-in-any-case":         clientText(`"origin"`, `"Origin"`),                                                    // client data
		"rp/authdata/extensions-missing-accepted": changedAuth(func(b []byte) []byte { b[32] |= ed; return b }),                          // authenticator data
		"rp/authdata/rp-id-hash-ignored":          func(k *key) { k.host = "evil.test" },                                                 // what it is held to
		"rp/credential/user-handle-ignored":       func(k *key) { k.handle = []byte("somebody else") },                                   // before verification
		"rp/challenge/any":                        challenged(func(string) string { return encode([]byte("any challenge is as good")) }), // what a step keeps
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			f := lookup(t, id)
			assert.Equal(t, []bool{true, true, true, true}, logins(t, 4, f, edit), "always")
			assert.Equal(t, []bool{true, false, false, false}, logins(t, 4, lookup(t, id).Once(), edit), "once")
			assert.Equal(t, []bool{false, false, true, false}, logins(t, 4, lookup(t, id).OnCall(3), edit), "the third time")
			assert.NotContains(t, logins(t, 4, lookup(t, id).Sometimes(0, seed.Stream(1, "chance")), edit), true, "never")
			assert.NotContains(t, logins(t, 4, lookup(t, id).Sometimes(1, seed.Stream(1, "chance")), edit), false, "each time")
		})
	}
}

func TestSometimesIsReproducible(t *testing.T) {
	t.Parallel()
	edit := clientText(origin, "https://evil.test")
	drawn := func(s uint64) []bool {
		return logins(t, 30, lookup(t, "rp/origin/any").Sometimes(0.5, seed.Stream(s, "chance")), edit)
	}
	once := drawn(1)
	assert.Equal(t, once, drawn(1))
	assert.NotEqual(t, once, drawn(2))
	share := float64(len(slices.DeleteFunc(once, func(b bool) bool { return !b }))) / 30
	assert.Less(t, math.Abs(share-0.5), 0.3)
}

func TestLimitedOptions(t *testing.T) {
	t.Parallel()
	s := newStage(t, nil, lookup(t, "rp/options/timeout-missing").OnCall(2).Seams)
	var there []bool
	for range 3 {
		_, has := s.toRegister("alice", nil)["timeout"]
		there = append(there, has)
	}
	assert.Equal(t, []bool{true, false, true}, there)

	s = newStage(t, nil, lookup(t, "rp/options/user-id-is-name").Once().Seams)
	assert.Equal(t, []byte("alice"), decode(t, s.toRegister("alice", nil)["user"].(object)["id"]))
	assert.Len(t, decode(t, s.toRegister("bob", nil)["user"].(object)["id"]), 32)
}

func TestLimitedChallenges(t *testing.T) {
	t.Parallel()
	replay := func(f fault.Fault) (all []bool) {
		s, k := newStage(t, nil, f.Seams), newKey(t, "first")
		s.began("alice", k)
		for range 3 {
			response := k.get(t, s.toLogIn("alice", nil))
			require.True(t, s.loggedIn(response))
			all = append(all, s.loggedIn(response))
		}
		return all
	}
	assert.Equal(t, []bool{true, true, true}, replay(lookup(t, "rp/challenge/reused")))
	assert.Equal(t, []bool{true, false, false}, replay(lookup(t, "rp/challenge/reused").Once()))
}

// A relying party may make several mistakes at once, and each is made.
func TestSeveralFaults(t *testing.T) {
	t.Parallel()
	three := []string{"rp/origin/any", "rp/authdata/rp-id-hash-ignored", "rp/signature/not-verified"}
	spoil := func(k *key) {
		k.host = "evil.test"
		clientText(origin, "https://evil.test")(k)
		k.sign = newKey(t, "stranger").sign
	}
	try := func(ids ...string) bool {
		var seams []relyingparty.Seams
		for _, id := range ids {
			seams = append(seams, lookup(t, id).Seams)
		}
		s := newStage(t, nil, seams...)
		s.began("alice", newKey(t, "first"))
		k := newKey(t, "first")
		spoil(k)
		return s.logIn("alice", k, nil)
	}
	assert.True(t, try(three...))
	slices.Reverse(three)
	assert.True(t, try(three...), "in any order")
	for i := range three {
		assert.False(t, try(slices.Delete(slices.Clone(three), i, i+1)...), "without %s", three[i])
	}

	// Two that are around the same step.
	s := newStage(t, nil, lookup(t, "rp/origin/slash-accepted").Seams, lookup(t, "rp/clientdata/type-in-any-case").Seams)
	k := newKey(t, "first")
	s.began("alice", k)
	k.client = func(text string) string {
		slash, capitals := newKey(t, "x"), newKey(t, "x")
		clientText(origin, origin+"/")(slash)
		clientText("webauthn.get", "WEBAUTHN.GET")(capitals)
		return capitals.client(slash.client(text))
	}
	assert.True(t, s.logIn("alice", k, nil))
}

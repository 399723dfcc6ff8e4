package authenticator_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/webauthn"
)

// everyAlgorithm is what a device can be asked for.
var everyAlgorithm = []webauthn.Algorithm{
	webauthn.ES256, webauthn.ESP256, webauthn.ES384, webauthn.ESP384, webauthn.ES512, webauthn.ESP512, webauthn.ES256K,
	webauthn.EdDSA, webauthn.Ed25519, webauthn.Ed448,
	webauthn.RS256, webauthn.PS256,
	webauthn.MLDSA44, webauthn.MLDSA65, webauthn.MLDSA87,
}

// polyglot is a security key that knows every algorithm.
func polyglot() authenticator.Model {
	return keyWith(func(m *authenticator.Model) { m.Algorithms = everyAlgorithm })
}

// newSeededRig returns a device whose chance comes from a number.
func newSeededRig(t *testing.T, number uint64) *rig {
	t.Helper()
	r := &rig{t: t, user: new(authenticator.ScriptedUser), clock: authenticator.NewManualClock(start), store: authenticator.NewMemoryStore()}
	a, err := authenticator.New(polyglot(), authenticator.Env{Store: r.store, User: r.user, Clock: r.clock, Random: seed.Stream(number)})
	require.NoError(t, err)
	r.Authenticator = a
	return r
}

// Each algorithm makes credentials, stored and wrapped, attests them, and signs
// with them after the power was off.
func TestEveryAlgorithm(t *testing.T) {
	t.Parallel()
	for _, alg := range everyAlgorithm {
		t.Run(alg.String(), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, polyglot())
			for _, rk := range []bool{true, false} {
				made, id := r.create(withAlgorithm(alg), func(req *ctap.MakeCredentialRequest) { req.Options.RK = &rk })
				assert.Len(t, id, r.Model().CredentialIDBytes, "IDs do not tell the algorithm")
				cose := parse(t, made.AuthData).Attested.PublicKey
				var statement webauthn.PackedStatement
				require.NoError(t, canon.Unmarshal(made.Statement, &statement))
				assert.Equal(t, alg, statement.Algorithm)
				verifyAlone(t, alg, cose, made.AuthData, statement.Signature)

				r.PowerCycle()
				resp := r.assert(allowing(id))
				verifyAlone(t, alg, cose, resp.AuthData, resp.Signature)

				kept, err := r.Credential(t.Context(), "example.com", id)
				require.NoError(t, err)
				assert.Len(t, kept.PrivateKey, 32, "what a device draws is short, whatever the algorithm")
				public, err := kept.PublicKey()
				require.NoError(t, err)
				assert.Equal(t, []byte(cose), public)
			}
		})
	}
}

func TestSameSeedSameBytes(t *testing.T) {
	t.Parallel()
	for _, alg := range everyAlgorithm {
		t.Run(alg.String(), func(t *testing.T) {
			t.Parallel()
			first := everythingOf(newSeededRig(t, 1), alg)
			assert.Equal(t, first, everythingOf(newSeededRig(t, 1), alg))
			assert.NotEqual(t, first, everythingOf(newSeededRig(t, 2), alg), "another seed gives other bytes")
		})
	}
}

// everythingOf is all that a new device says in a registration and the sign-in after it.
func everythingOf(r *rig, alg webauthn.Algorithm) []byte {
	made, id := r.create(withAlgorithm(alg), notDiscoverable)
	resp := r.assert(allowing(id))
	return slices.Concat(made.AuthData, made.Statement, resp.AuthData, resp.Signature)
}

// A device draws as much chance for one algorithm as for another, so that what
// comes later in a run does not depend on it.
func TestAlgorithmsDrawAlike(t *testing.T) {
	t.Parallel()
	_, want := newSeededRig(t, 1).create()
	for _, alg := range everyAlgorithm {
		_, id := newSeededRig(t, 1).create(withAlgorithm(alg))
		assert.Equal(t, want, id, "%s", alg)
	}
}

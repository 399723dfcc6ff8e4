package authenticator_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// A passkey that leaves one device and enters another goes on working there.
func TestPasskeysMove(t *testing.T) {
	t.Parallel()
	for _, alg := range []webauthn.Algorithm{webauthn.ES256, webauthn.EdDSA, webauthn.ES384} {
		from, to := newRig(t, authenticator.SecurityKey()), newRig(t, authenticator.Laptop())
		made, id := from.create(withAlgorithm(alg))
		public := parse(t, made.AuthData).Attested.PublicKey

		all, err := from.Credentials(t.Context())
		require.NoError(t, err)
		require.Len(t, all, 1)
		der, err := all[0].PKCS8()
		require.NoError(t, err)
		copied := &authenticator.Credential{
			ID: all[0].ID, RPID: all[0].RPID, User: all[0].User, Discoverable: true,
			BackupEligible: true, SignCount: 41,
		}
		require.NoError(t, copied.SetPKCS8(der))
		require.NoError(t, to.Import(t.Context(), copied))
		require.NoError(t, from.Delete(t.Context(), id))

		assert.Equal(t, ctap.NoCredentials, from.status(signIn()))
		resp := to.assert()
		assert.Equal(t, id, resp.Credential.ID)
		data := parse(t, resp.AuthData)
		assert.Equal(t, "UP|UV|BE", data.Flags.String(), "flags are the credential's own")
		assert.Equal(t, uint32(42), data.SignCount, "a counter that has moved goes on even where new ones stand still")
		verifyAssertion(t, resp, public)
		kept, err := to.Credential(t.Context(), "example.com", id)
		require.NoError(t, err)
		cose, err := kept.PublicKey()
		require.NoError(t, err)
		assert.Equal(t, []byte(public), cose)
	}
}

func TestWrappedCredentialsCanBeExported(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	made, id := r.create(notDiscoverable)
	all, err := r.Credentials(t.Context())
	require.NoError(t, err)
	assert.Empty(t, all)
	c, err := r.Credential(t.Context(), "example.com", id)
	require.NoError(t, err)
	cose, err := c.PublicKey()
	require.NoError(t, err)
	assert.Equal(t, []byte(parse(t, made.AuthData).Attested.PublicKey), cose)
	_, err = r.Credential(t.Context(), "other.example", id)
	assert.ErrorIs(t, err, authenticator.ErrNotFound)
	assert.ErrorIs(t, r.Delete(t.Context(), id), authenticator.ErrNotFound)
}

func TestImportKeepsAccountsUnique(t *testing.T) {
	t.Parallel()
	source := newRig(t, authenticator.Phone())
	source.accounts()
	all, err := source.Credentials(t.Context())
	require.NoError(t, err)

	r := newRig(t, authenticator.SecurityKey())
	_, own := r.create(forUser("bob"))
	unnumbered := *all[2]
	unnumbered.Sequence = 0
	require.NoError(t, r.Import(t.Context(), all[0], all[1], &unnumbered))
	assert.Equal(t, ctap.NoCredentials, r.status(signIn(allowing(own))), "bob's other passkey took its place")
	assert.Equal(t, uint64(3), r.assert().NumberOfCredentials)
	assert.Equal(t, "carol@example.com", r.assert().User.Name, "Sequence 0 is the newest")
	require.NoError(t, r.Import(t.Context(), all...))
	assert.Equal(t, uint64(3), r.assert().NumberOfCredentials, "importing again changes nothing")

	twice, again, elsewhere := *all[0], *all[0], *all[0]
	elsewhere.ID, elsewhere.RPID = []byte("the same handle elsewhere"), "other.example"
	twice.ID, again.ID = []byte("one of two new IDs"), []byte("the other of the two")
	require.NoError(t, r.Import(t.Context(), &twice, &elsewhere, &again))
	assert.Equal(t, uint64(3), r.assert().NumberOfCredentials, "the last of one account stays")
	assert.Equal(t, ctap.OK, r.status(signIn(allowing(again.ID))))
	_, err = r.Credential(t.Context(), "other.example", elsewhere.ID)
	assert.NoError(t, err, "accounts of different sites have nothing to do with each other")
}

func TestImportRefusesWhatCouldNotBeUsed(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.Laptop())
	r.create()
	all, err := r.Credentials(t.Context())
	require.NoError(t, err)
	for name, spoil := range map[string]func(*authenticator.Credential){
		"no ID":             func(c *authenticator.Credential) { c.ID = nil },
		"no RP ID":          func(c *authenticator.Credential) { c.RPID = "" },
		"no user handle":    func(c *authenticator.Credential) { c.User.ID = nil },
		"unknown algorithm": func(c *authenticator.Credential) { c.Algorithm = -65535 },
		"short key":         func(c *authenticator.Credential) { c.PrivateKey = c.PrivateKey[1:] },
		"zero key":          func(c *authenticator.Credential) { c.PrivateKey = make(authenticator.Secret, 32) },
	} {
		good, bad := *all[0], *all[0]
		good.ID = []byte("another ID")
		spoil(&bad)
		assert.ErrorIs(t, r.Import(t.Context(), &good, &bad), authenticator.ErrChange, name)
		_, err := r.Credential(t.Context(), "example.com", good.ID)
		assert.ErrorIs(t, err, authenticator.ErrNotFound, "%s: all or none", name)
	}
}

func TestSetSignCount(t *testing.T) {
	t.Parallel()
	for _, model := range []authenticator.Model{authenticator.Phone(), authenticator.SecurityKey()} {
		r := newRig(t, model)
		_, id := r.create()
		require.NoError(t, r.SetSignCount(t.Context(), id, 100))
		assert.Equal(t, uint32(101), parse(t, r.assert().AuthData).SignCount, model.Name)
		assert.Equal(t, uint32(102), parse(t, r.assert().AuthData).SignCount, model.Name)
		assert.ErrorIs(t, r.SetSignCount(t.Context(), []byte{1}, 1), authenticator.ErrNotFound)
	}
}

// The counter that leaves the device with a credential is the one that sites have
// seen, so that it goes on from there elsewhere.
func TestCountersLeaveWithCredentials(t *testing.T) {
	t.Parallel()
	for _, model := range []authenticator.Model{authenticator.Phone(), authenticator.SecurityKey()} {
		r := newRig(t, model)
		_, loose := r.create(notDiscoverable)
		r.create()
		seen := parse(t, r.assert().AuthData).SignCount
		all, err := r.Credentials(t.Context())
		require.NoError(t, err)
		for _, c := range all {
			assert.Equal(t, seen, c.SignCount, model.Name)
		}
		one, err := r.Credential(t.Context(), "example.com", loose)
		require.NoError(t, err)
		assert.Equal(t, seen, one.SignCount, model.Name)

		twin := newRig(t, model)
		require.NoError(t, twin.Import(t.Context(), all...))
		if again := parse(t, twin.assert().AuthData).SignCount; seen > 0 {
			assert.Greater(t, again, seen, model.Name)
		}
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	t.Parallel()
	c := authenticator.Credential{PrivateKey: authenticator.Secret("hidden")}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q"} {
		for _, printed := range []string{fmt.Sprintf(format, c.PrivateKey), fmt.Sprintf(format, c), fmt.Sprintf(format, &c)} {
			assert.Contains(t, printed, "(secret, 6 bytes)", format)
		}
	}
}

// The methods of the maker wait and give up like requests.
func TestMakersMethodsTakeTurns(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	_, id := r.create()
	r.user.Always(authenticator.Ignore)
	busy := r.inBackground(t.Context(), creation())
	require.NoError(t, r.user.AwaitAsked(t.Context(), 2))
	gone := contextDone(t)
	_, err := r.Credentials(gone)
	assert.ErrorIs(t, err, gone.Err())
	assert.ErrorIs(t, r.Delete(gone, id), gone.Err())
	r.PowerCycle()
	assert.ErrorIs(t, <-busy, authenticator.ErrPowerCut)
	assert.NoError(t, r.Delete(t.Context(), id))
}

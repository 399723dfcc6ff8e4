package authenticator_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
)

func TestDeleteCredential(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	_, id := r.create()
	_, kept := r.create(forUser("bob"))
	_, loose := r.create(notDiscoverable)
	p := r.withPIN().granted(cm, "")
	before := r.storeState()
	for what, d := range map[string]ctap.Descriptor{
		"a wrapped credential": {ID: loose, Type: ctap.PublicKey},
		"of an unknown type":   {ID: id, Type: "password"},
		"no ID":                {ID: []byte{}, Type: ctap.PublicKey},
	} {
		assert.Equal(t, ctap.NoCredentials, p.managementStatus(ctap.DeleteCredential, ctap.CredentialManagementParams{CredentialID: &d}), what)
	}
	assert.Equal(t, before, r.storeState(), "what fails changes nothing")
	assert.Equal(t, ctap.OK, p.managementStatus(ctap.DeleteCredential, ofCredential(id)))
	assert.NotEqual(t, before, r.storeState())
	assert.Len(t, r.storeState(), 16)
	assert.Equal(t, ctap.NoCredentials, p.managementStatus(ctap.DeleteCredential, ofCredential(id)), "it is gone")
	assert.Equal(t, ctap.NoCredentials, r.status(signIn(allowing(id))))
	assert.Equal(t, ctap.OK, r.status(signIn(allowing(kept))))
	assert.Equal(t, ctap.OK, r.status(signIn(allowing(loose))))
	assert.Equal(t, uint64(24), *r.info().RemainingDiscoverableCredentials)
}

// A non-discoverable credential that is stored is not managed either.
func TestStoredCredentialsAreNotManaged(t *testing.T) {
	t.Parallel()
	model := authenticator.SecurityKey()
	model.NonDiscoverable = authenticator.Stored
	model.Versions = model.Versions[1:]
	r := newRig(t, model)
	_, id := r.create(notDiscoverable)
	p := r.withPIN().granted(cm, "")
	assert.Equal(t, ctap.NoCredentials, p.managementStatus(ctap.EnumerateRPsBegin, noParams))
	assert.Equal(t, ctap.NoCredentials, p.managementStatus(ctap.DeleteCredential, ofCredential(id)))
}

func (r *rig) storeState() []byte {
	r.t.Helper()
	held, err := r.store.Load(r.ctx())
	require.NoError(r.t, err)
	return held.State.CredStore
}

func TestUpdateUserInformation(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	_, id := r.create()
	_, newer := r.create(forUser("bob"))
	p := r.withPIN().granted(cm, "")
	before := r.storeState()
	mallory := ctap.UserEntity{ID: []byte("handle-mallory"), Name: "mallory"}
	assert.Equal(t, ctap.InvalidParameter, p.managementStatus(ctap.UpdateUserInformation, ofUser(id, mallory)))
	assert.Equal(t, ctap.NoCredentials, p.managementStatus(ctap.UpdateUserInformation, ofUser([]byte{1}, mallory)))
	assert.Equal(t, before, r.storeState(), "what fails changes nothing")

	long := "an exceedingly long name that no device keeps beyond its 64 bytes"
	for _, c := range []struct{ sent, kept ctap.UserEntity }{
		{ctap.UserEntity{Name: "al", DisplayName: "Al"}, ctap.UserEntity{Name: "al", DisplayName: "Al"}},
		{ctap.UserEntity{Name: long}, ctap.UserEntity{Name: long[:64]}},
		{ctap.UserEntity{DisplayName: "Ali"}, ctap.UserEntity{DisplayName: "Ali"}},
		{ctap.UserEntity{}, ctap.UserEntity{}},
	} {
		before = r.storeState()
		c.sent.ID, c.kept.ID = []byte("handle-alice"), []byte("handle-alice")
		assert.Equal(t, ctap.OK, p.managementStatus(ctap.UpdateUserInformation, ofUser(id, c.sent)))
		assert.NotEqual(t, before, r.storeState())
		assert.Equal(t, newer, p.manage(ctap.EnumerateCredentialsBegin, ofRP("example.com")).CredentialID.ID, "the order stays")
		assert.Equal(t, &c.kept, p.manage(ctap.EnumerateCredentialsGetNextCredential, noParams).User)
	}
	assert.Equal(t, ctap.OK, r.status(signIn(allowing(id))), "and the key")
}

package authenticator_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// Everything that is there is told, once, and nothing else.
func TestEnumeration(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	first, firstID := r.create(forRP("b.test"))
	second, secondID := r.create(forRP("b.test"), forUser("bob"), withAlgorithm(webauthn.EdDSA))
	r.create(forRP("c.test"))
	r.create(forRP("a.test"))
	r.create(forRP("b.test"), forUser("carol"), notDiscoverable)
	r.create(forRP("d.test"), notDiscoverable)
	p := r.withPIN().granted(cm, "")

	for i, rpID := range []string{"a.test", "b.test", "c.test"} {
		sub := ctap.EnumerateRPsGetNextRP
		want := ctap.CredentialManagementResponse{RP: &ctap.RPEntity{ID: rpID}, RPIDHash: ofRP(rpID).RPIDHash}
		if i == 0 {
			sub, want.TotalRPs = ctap.EnumerateRPsBegin, ptr(uint64(3))
		}
		assert.Equal(t, &want, p.manage(sub, noParams))
	}
	assert.Equal(t, ctap.NotAllowed, p.managementStatus(ctap.EnumerateRPsGetNextRP, noParams), "that was the last")

	newest := p.manage(ctap.EnumerateCredentialsBegin, ofRP("b.test"))
	assert.Equal(t, &ctap.CredentialManagementResponse{
		User:             &ctap.UserEntity{ID: []byte("handle-bob"), Name: "bob@example.com", DisplayName: "bob"},
		CredentialID:     &ctap.Descriptor{ID: secondID, Type: ctap.PublicKey},
		PublicKey:        parse(t, second.AuthData).Attested.PublicKey,
		TotalCredentials: ptr(uint64(2)), CredProtect: 1, ThirdPartyPayment: ptr(false),
	}, newest)
	oldest := p.manage(ctap.EnumerateCredentialsGetNextCredential, noParams)
	assert.Equal(t, &ctap.CredentialManagementResponse{
		User:         &ctap.UserEntity{ID: []byte("handle-alice"), Name: "alice@example.com", DisplayName: "Alice"},
		CredentialID: &ctap.Descriptor{ID: firstID, Type: ctap.PublicKey},
		PublicKey:    parse(t, first.AuthData).Attested.PublicKey,
		CredProtect:  1, ThirdPartyPayment: ptr(false),
	}, oldest)
	assert.Equal(t, ctap.NotAllowed, p.managementStatus(ctap.EnumerateCredentialsGetNextCredential, noParams), "that was the last")
	assert.Equal(t, ctap.NoCredentials, p.managementStatus(ctap.EnumerateCredentialsBegin, ofRP("d.test")), "only one that is not discoverable")
}

// What extensions keep with a credential is told as far as the device has them.
func TestEnumerationTellsExtras(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*authenticator.Model)
		pays   *bool
	}{
		"all extensions":            {func(*authenticator.Model) {}, ptr(true)},
		"without thirdPartyPayment": {func(m *authenticator.Model) { m.Extensions = m.Extensions[:len(m.Extensions)-1] }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			model := authenticator.SecurityKey()
			c.change(&model)
			r := newRig(t, model)
			_, id := r.create()
			made, err := r.Credential(t.Context(), "example.com", id)
			require.NoError(t, err)
			kept := *made
			kept.Extras = &authenticator.Extras{CredProtect: 3, LargeBlobKey: bytes.Repeat([]byte{1}, 32), ThirdPartyPayment: true, CredBlob: []byte{3}}
			require.NoError(t, r.Import(t.Context(), &kept))
			resp := r.withPIN().granted(cm, "").manage(ctap.EnumerateCredentialsBegin, ofRP("example.com"))
			assert.Equal(t, uint64(3), resp.CredProtect)
			assert.Equal(t, bytes.Repeat([]byte{1}, 32), resp.LargeBlobKey)
			assert.Equal(t, c.pays, resp.ThirdPartyPayment)
		})
	}
}

// What ends an enumeration.
func TestEnumerationEnds(t *testing.T) {
	t.Parallel()
	var nextRP, nextCredential, nextAssertion ctap.Request = &ctap.CredentialManagementRequest{SubCommand: ctap.EnumerateRPsGetNextRP},
		&ctap.CredentialManagementRequest{SubCommand: ctap.EnumerateCredentialsGetNextCredential}, &ctap.GetNextAssertionRequest{}
	for name, c := range map[string]struct {
		between func(p *platform)
		want    ctap.Status
	}{
		"nothing":              {func(*platform) {}, ctap.OK},
		"ten minutes":          {func(p *platform) { p.r.clock.Advance(10 * time.Minute) }, ctap.OK},
		"the token's end":      {func(p *platform) { p.r.clock.Advance(10*time.Minute + 1) }, ctap.NotAllowed},
		"a power cycle":        {func(p *platform) { p.r.PowerCycle() }, ctap.NotAllowed},
		"getInfo":              {func(p *platform) { p.r.info() }, ctap.NotAllowed},
		"a ceremony":           {func(p *platform) { p.r.create(forUser("dora")) }, ctap.NotAllowed},
		"another token":        {func(p *platform) { p.granted(cm, "") }, ctap.NotAllowed},
		"counting":             {func(p *platform) { p.manage(ctap.GetCredsMetadata, noParams) }, ctap.NotAllowed},
		"a deletion":           {func(p *platform) { p.managementStatus(ctap.DeleteCredential, ofCredential([]byte{1})) }, ctap.NotAllowed},
		"a refused command":    {func(p *platform) { p.managementStatus(8, noParams) }, ctap.NotAllowed},
		"another continuation": {func(p *platform) { assert.Equal(p.r.t, ctap.NotAllowed, p.r.status(nextAssertion)) }, ctap.NotAllowed},
		"the maker's hand": {func(p *platform) {
			_, err := p.r.Credentials(p.r.ctx())
			require.NoError(p.r.t, err)
		}, ctap.NotAllowed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, authenticator.SecurityKey())
			r.create()
			r.create(forUser("bob"))
			r.create(forRP("other.test"))
			p := r.withPIN().granted(cm, "")
			p.manage(ctap.EnumerateRPsBegin, noParams)
			c.between(p)
			assert.Equal(t, c.want, r.status(nextRP), "relying parties")
			p.granted(cm, "")
			p.manage(ctap.EnumerateCredentialsBegin, ofRP("example.com"))
			c.between(p)
			assert.Equal(t, c.want, r.status(nextCredential), "credentials")
		})
	}
	r := newRig(t, authenticator.SecurityKey())
	r.create()
	r.create(forUser("bob"))
	r.create(forRP("other.test"))
	p := r.withPIN().granted(cm, "")
	assert.Equal(t, ctap.NotAllowed, r.status(nextRP), "never begun")
	p.manage(ctap.EnumerateRPsBegin, noParams)
	assert.Equal(t, ctap.NotAllowed, r.status(nextCredential), "one enumeration does not go on with the other")
	assert.Equal(t, ctap.NotAllowed, r.status(nextRP), "and ends it")
}

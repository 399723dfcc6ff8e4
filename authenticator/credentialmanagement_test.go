package authenticator_test

import (
	"crypto/sha256"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
)

type managing = func(*ctap.CredentialManagementRequest)

// managing is a good request of a subcommand, signed with the last token. Where
// params is the zero value, there are none.
func (p *platform) managing(sub ctap.SubCommand, params ctap.CredentialManagementParams, change ...managing) *ctap.CredentialManagementRequest {
	p.r.t.Helper()
	req := &ctap.CredentialManagementRequest{SubCommand: sub, PinUvAuthProtocol: p.number()}
	if params.RPIDHash != nil || params.CredentialID != nil || params.User != nil {
		encoded, err := ctap.NewParams(params)
		require.NoError(p.r.t, err)
		req.SubCommandParams = encoded
	}
	req.PinUvAuthParam = p.sign(pinuv.CredentialManagementMessage(sub, req.SubCommandParams.Bytes()))
	return changed(req, change)
}

// manage insists on an answer.
func (p *platform) manage(sub ctap.SubCommand, params ctap.CredentialManagementParams, change ...managing) *ctap.CredentialManagementResponse {
	p.r.t.Helper()
	return insisted(p, p.managing(sub, params, change...))
}

func (p *platform) managementStatus(sub ctap.SubCommand, params ctap.CredentialManagementParams, change ...managing) ctap.Status {
	p.r.t.Helper()
	return p.r.status(p.managing(sub, params, change...))
}

var noParams ctap.CredentialManagementParams

// ofRP, ofCredential and ofUser are the parameters of the subcommands that have
// some.
func ofRP(rpID string) ctap.CredentialManagementParams {
	hash := sha256.Sum256([]byte(rpID))
	return ctap.CredentialManagementParams{RPIDHash: hash[:]}
}

func ofCredential(id []byte) ctap.CredentialManagementParams {
	return ctap.CredentialManagementParams{CredentialID: &descriptors(id)[0]}
}

func ofUser(id []byte, user ctap.UserEntity) ctap.CredentialManagementParams {
	return ctap.CredentialManagementParams{CredentialID: &descriptors(id)[0], User: &user}
}

func forRP(id string) func(*ctap.MakeCredentialRequest) {
	return func(req *ctap.MakeCredentialRequest) { req.RP.ID = id }
}

func withoutParam(req *ctap.CredentialManagementRequest) { req.PinUvAuthParam = nil }

func withoutProtocol(req *ctap.CredentialManagementRequest) { req.PinUvAuthProtocol = nil }

func protocolSeven(req *ctap.CredentialManagementRequest) { req.PinUvAuthProtocol = ptr(uint64(7)) }

func otherProtocol(req *ctap.CredentialManagementRequest) { req.PinUvAuthProtocol = ptr(uint64(1)) }

func wrongParam(req *ctap.CredentialManagementRequest) { req.PinUvAuthParam[0] ^= 1 }

func preview(req *ctap.CredentialManagementRequest) { req.Preview = true }

// What refuses, in the order of the text: each case breaks everything that comes
// after its step too.
func TestCredentialManagementSteps(t *testing.T) {
	t.Parallel()
	type list = []ctap.CredentialManagementParams
	alice := ctap.UserEntity{ID: []byte("handle-alice")}
	for _, sub := range []struct {
		name       string
		sub        ctap.SubCommand
		good       ctap.CredentialManagementParams
		incomplete []ctap.CredentialManagementParams
	}{
		{"getCredsMetadata", ctap.GetCredsMetadata, noParams, nil},
		{"enumerateRPsBegin", ctap.EnumerateRPsBegin, noParams, nil},
		{"enumerateCredentialsBegin", ctap.EnumerateCredentialsBegin, ofRP("example.com"), list{noParams, ofCredential([]byte{1})}},
		{"deleteCredential", ctap.DeleteCredential, ofCredential([]byte{1}), list{noParams, ofRP("example.com")}},
		{"updateUserInformation", ctap.UpdateUserInformation, ofUser([]byte{1}, alice), list{
			noParams, ofCredential([]byte{1}), {User: &alice}, ofUser([]byte{1}, ctap.UserEntity{ID: []byte{}, Name: "alice"}),
		}},
	} {
		t.Run(sub.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, authenticator.SecurityKey())
			p := r.withPIN().granted(acfg, "")
			for i, params := range sub.incomplete {
				assert.Equal(t, ctap.MissingParameter, p.managementStatus(sub.sub, params, protocolSeven, wrongParam), "step 2, parameters %d", i)
			}
			for _, c := range []struct {
				step   string
				change []managing
				want   ctap.Status
			}{
				{"1", []managing{withoutParam, withoutProtocol}, ctap.PUATRequired},
				{"2", []managing{withoutProtocol, wrongParam}, ctap.MissingParameter},
				{"3", []managing{protocolSeven, wrongParam}, ctap.InvalidParameter},
				{"4, wrong", []managing{wrongParam}, ctap.PINAuthInvalid},
				{"4, of another protocol", []managing{otherProtocol}, ctap.PINAuthInvalid},
				{"5", nil, ctap.PINAuthInvalid},
			} {
				assert.Equal(t, c.want, p.managementStatus(sub.sub, sub.good, c.change...), "step %s", c.step)
			}
			p.granted(cm, "elsewhere.com")
			assert.Equal(t, ctap.PINAuthInvalid, p.managementStatus(sub.sub, sub.good), "step 6")
			p.granted(cm, "")
			want := ctap.NoCredentials
			if sub.sub == ctap.GetCredsMetadata {
				want = ctap.OK
			}
			assert.Equal(t, want, p.managementStatus(sub.sub, sub.good), "step 7")
			r.clock.Advance(time.Hour)
			assert.Equal(t, ctap.PINAuthInvalid, p.managementStatus(sub.sub, sub.good), "an expired token")
		})
	}
}

func TestUnknownManagement(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	p := r.withPIN().granted(cm, "")
	assert.Equal(t, ctap.InvalidSubcommand, p.managementStatus(8, noParams))
	late := newRig(t, keyOf(withoutPreviews)).withPIN().granted(cm, "")
	assert.Equal(t, ctap.InvalidCommand, late.managementStatus(ctap.GetCredsMetadata, noParams, preview))
	phone := newRig(t, authenticator.Phone())
	assert.Equal(t, ctap.InvalidCommand, phone.status(&ctap.CredentialManagementRequest{SubCommand: ctap.GetCredsMetadata}))
}

// A pinUvAuthParam over other bytes than those that came is none.
func TestManagementAuthenticatesItsParameters(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	_, id := r.create()
	p := r.withPIN().granted(cm, "")
	other := p.managing(ctap.DeleteCredential, ofCredential([]byte{1}))
	assert.Equal(t, ctap.PINAuthInvalid, p.managementStatus(ctap.DeleteCredential, ofCredential(id), func(req *ctap.CredentialManagementRequest) {
		req.PinUvAuthParam = other.PinUvAuthParam
	}))
	assert.Equal(t, ctap.OK, p.managementStatus(ctap.GetCredsMetadata, ofCredential(id), func(req *ctap.CredentialManagementRequest) {
		req.PinUvAuthParam = p.sign([]byte{byte(ctap.GetCredsMetadata)})
	}), "what has no parameters authenticates none")
}

func TestMetadataCountsDiscoverableCredentials(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	r.create()
	r.create(forUser("bob"))
	r.create(forUser("bob"))
	r.create(forUser("carol"), notDiscoverable)
	p := r.withPIN().granted(cm, "")
	resp := p.manage(ctap.GetCredsMetadata, noParams)
	assert.Equal(t, uint64(2), *resp.ExistingResidentCredentialsCount)
	assert.Equal(t, uint64(23), *resp.MaxPossibleRemaining)

	endless := newRig(t, keyOf(func(m *authenticator.Model) { m.Capacity = 0 }))
	endless.create()
	resp = endless.withPIN().granted(cm, "").manage(ctap.GetCredsMetadata, noParams)
	assert.Equal(t, uint64(1), *resp.ExistingResidentCredentialsCount)
	assert.Equal(t, uint64(10_000), *resp.MaxPossibleRemaining)
}

// A token for one relying party manages what is that one's.
func TestManagementByBoundToken(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	_, id := r.create()
	_, foreign := r.create(forRP("other.test"))
	p := r.withPIN().granted(cm, "example.com")
	alice := ctap.UserEntity{ID: []byte("handle-alice")}
	for _, c := range []struct {
		what   string
		sub    ctap.SubCommand
		params ctap.CredentialManagementParams
		want   ctap.Status
	}{
		{"counting", ctap.GetCredsMetadata, noParams, ctap.PINAuthInvalid},
		{"relying parties", ctap.EnumerateRPsBegin, noParams, ctap.PINAuthInvalid},
		{"its own", ctap.EnumerateCredentialsBegin, ofRP("example.com"), ctap.OK},
		{"another's", ctap.EnumerateCredentialsBegin, ofRP("other.test"), ctap.PINAuthInvalid},
		{"updating another's", ctap.UpdateUserInformation, ofUser(foreign, alice), ctap.PINAuthInvalid},
		{"updating nobody's", ctap.UpdateUserInformation, ofUser([]byte{1}, alice), ctap.PINAuthInvalid},
		{"updating its own", ctap.UpdateUserInformation, ofUser(id, alice), ctap.OK},
		{"deleting another's", ctap.DeleteCredential, ofCredential(foreign), ctap.PINAuthInvalid},
		{"deleting nobody's", ctap.DeleteCredential, ofCredential([]byte{1}), ctap.PINAuthInvalid},
		{"deleting its own", ctap.DeleteCredential, ofCredential(id), ctap.OK},
	} {
		assert.Equal(t, c.want, p.managementStatus(c.sub, c.params), c.what)
	}
}

// The persistent token reads, for every relying party, also after a power cycle,
// and changes nothing.
func TestManagementByPersistentToken(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	_, id := r.create()
	_, foreign := r.create(forRP("other.test"))
	p := r.withPIN().granted(pcmr, "")
	alice := ctap.UserEntity{ID: []byte("handle-alice")}
	for range 2 {
		assert.Equal(t, uint64(2), *p.manage(ctap.GetCredsMetadata, noParams).ExistingResidentCredentialsCount)
		assert.Equal(t, "example.com", p.manage(ctap.EnumerateRPsBegin, noParams).RP.ID)
		r.clock.Advance(time.Hour)
		assert.Equal(t, "other.test", p.manage(ctap.EnumerateRPsGetNextRP, noParams).RP.ID)
		assert.Equal(t, foreign, p.manage(ctap.EnumerateCredentialsBegin, ofRP("other.test")).CredentialID.ID)
		assert.Equal(t, ctap.PINAuthInvalid, p.managementStatus(ctap.DeleteCredential, ofCredential(id)))
		assert.Equal(t, ctap.PINAuthInvalid, p.managementStatus(ctap.UpdateUserInformation, ofUser(id, alice)))
		r.PowerCycle()
	}
	persistent := p.token
	require.Equal(t, ctap.OK, p.changePIN(pin, "314159"))
	p.token = persistent
	assert.Equal(t, ctap.PINAuthInvalid, p.managementStatus(ctap.GetCredsMetadata, noParams), "a new PIN takes it back")
}

// draftKey is a device of the CTAP 2.1 drafts, with the previews.
func draftKey() authenticator.Model {
	m := authenticator.BioKey()
	m.Versions = []string{ctap.VersionFIDO20, ctap.VersionFIDO21Pre}
	return m
}

func TestManagementPreview(t *testing.T) {
	t.Parallel()
	r := newRig(t, draftKey())
	p := r.withPIN().granted(mc, "example.com")
	_, id := r.create(p.creating)
	assert.Equal(t, ctap.PINAuthInvalid, p.managementStatus(ctap.GetCredsMetadata, noParams, preview), "permissions count")
	p.granted(cm, "")
	assert.Equal(t, uint64(1), *p.manage(ctap.GetCredsMetadata, noParams, preview).ExistingResidentCredentialsCount)
	assert.Equal(t, "example.com", p.manage(ctap.EnumerateRPsBegin, noParams, preview).RP.ID)
	assert.Equal(t, id, p.manage(ctap.EnumerateCredentialsBegin, ofRP("example.com"), preview).CredentialID.ID)
	alice := ctap.UserEntity{ID: []byte("handle-alice")}
	assert.Equal(t, ctap.InvalidSubcommand, p.managementStatus(ctap.UpdateUserInformation, ofUser(id, alice), preview))
	assert.Equal(t, ctap.OK, p.managementStatus(ctap.DeleteCredential, ofCredential(id), preview))
}

// Where tokens have no permissions, the preview takes any, and there is no final
// command, as nobody could use it.
func TestManagementPreviewWithoutPermissions(t *testing.T) {
	t.Parallel()
	r := newRig(t, oldDraftKey())
	p := r.withPIN()
	key, shared := p.agree()
	resp, err := ctap.Call(t.Context(), r, &ctap.ClientPINRequest{
		SubCommand: ctap.GetPINToken, PinUvAuthProtocol: p.number(), KeyAgreement: key, PINHashEnc: p.encrypt(shared, pinuv.HashPIN(pin)),
	})
	require.NoError(t, err)
	p.token, err = shared.Decrypt(resp.PinUvAuthToken)
	require.NoError(t, err)
	assert.Equal(t, ctap.OK, p.managementStatus(ctap.GetCredsMetadata, noParams, preview))
	assert.Equal(t, ctap.InvalidCommand, p.managementStatus(ctap.GetCredsMetadata, noParams))
}

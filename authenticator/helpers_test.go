package authenticator_test

import (
	"context"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/webauthn"
)

var start = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

// rig is a device with everything around it in the test's hands.
type rig struct {
	*authenticator.Authenticator
	t     testing.TB
	user  *authenticator.ScriptedUser
	clock *authenticator.ManualClock
	store authenticator.Store
}

func newRig(t testing.TB, model authenticator.Model, seams ...authenticator.Seams) *rig {
	t.Helper()
	return newRigOn(t, model, authenticator.NewMemoryStore(), seams...)
}

func newRigOn(t testing.TB, model authenticator.Model, store authenticator.Store, seams ...authenticator.Seams) *rig {
	t.Helper()
	r := &rig{t: t, user: new(authenticator.ScriptedUser), clock: authenticator.NewManualClock(start), store: store}
	a, err := authenticator.New(model, authenticator.Env{
		Store: store, User: r.user, Clock: r.clock, Random: seed.Stream(seed.Named(t.Name()), model.Name),
	}, seams...)
	require.NoError(t, err)
	r.Authenticator = a
	return r
}

var clientDataHash = sha256.Sum256([]byte("client data"))

// creation is a request that every model grants; change what the test is about.
func creation(change ...func(*ctap.MakeCredentialRequest)) *ctap.MakeCredentialRequest {
	req := &ctap.MakeCredentialRequest{
		ClientDataHash:   clientDataHash[:],
		RP:               ctap.RPEntity{ID: "example.com", Name: "Example"},
		User:             ctap.UserEntity{ID: []byte("handle-alice"), Name: "alice@example.com", DisplayName: "Alice"},
		PubKeyCredParams: []ctap.Parameters{{Algorithm: int64(webauthn.ES256), Type: ctap.PublicKey}},
		Options:          &ctap.Options{RK: ptr(true), UV: ptr(true)},
	}
	for _, c := range change {
		c(req)
	}
	return req
}

// signIn is the matching getAssertion without a list.
func signIn(change ...func(*ctap.GetAssertionRequest)) *ctap.GetAssertionRequest {
	req := &ctap.GetAssertionRequest{
		RPID: "example.com", ClientDataHash: clientDataHash[:],
		Options: &ctap.Options{UV: ptr(true)},
	}
	for _, c := range change {
		c(req)
	}
	return req
}

func forUser(name string) func(*ctap.MakeCredentialRequest) {
	return func(r *ctap.MakeCredentialRequest) {
		r.User = ctap.UserEntity{ID: []byte("handle-" + name), Name: name + "@example.com", DisplayName: name}
	}
}

func notDiscoverable(r *ctap.MakeCredentialRequest) { r.Options.RK = ptr(false) }

func withAlgorithm(alg webauthn.Algorithm) func(*ctap.MakeCredentialRequest) {
	return func(r *ctap.MakeCredentialRequest) { r.PubKeyCredParams[0].Algorithm = int64(alg) }
}

func allowing(ids ...[]byte) func(*ctap.GetAssertionRequest) {
	return func(r *ctap.GetAssertionRequest) { r.AllowList = descriptors(ids...) }
}

func excluding(ids ...[]byte) func(*ctap.MakeCredentialRequest) {
	return func(r *ctap.MakeCredentialRequest) { r.ExcludeList = descriptors(ids...) }
}

func descriptors(ids ...[]byte) []ctap.Descriptor {
	list := make([]ctap.Descriptor, len(ids))
	for i, id := range ids {
		list[i] = ctap.Descriptor{Type: ctap.PublicKey, ID: id}
	}
	return list
}

// list is n descriptors that no device knows.
func list(n int) []ctap.Descriptor {
	ids := make([][]byte, n)
	for i := range ids {
		ids[i] = []byte{byte(i)}
	}
	return descriptors(ids...)
}

func silent(r *ctap.GetAssertionRequest) { r.Options = &ctap.Options{UP: ptr(false)} }

func touchOnly(r *ctap.GetAssertionRequest) { r.Options = nil }

func ptr[T any](v T) *T { return &v }

// create makes a credential over the wire and returns it with its ID.
func (r *rig) create(change ...func(*ctap.MakeCredentialRequest)) (*ctap.MakeCredentialResponse, []byte) {
	r.t.Helper()
	resp, err := ctap.Call(r.ctx(), r, creation(change...))
	require.NoError(r.t, err)
	return resp, parse(r.t, resp.AuthData).Attested.CredentialID
}

// assert signs in over the wire.
func (r *rig) assert(change ...func(*ctap.GetAssertionRequest)) *ctap.GetAssertionResponse {
	r.t.Helper()
	resp, err := ctap.Call(r.ctx(), r, signIn(change...))
	require.NoError(r.t, err)
	return resp
}

func (r *rig) info() *ctap.GetInfoResponse {
	r.t.Helper()
	resp, err := ctap.Call(r.ctx(), r, &ctap.GetInfoRequest{})
	require.NoError(r.t, err)
	return resp
}

// status sends a request over the wire and returns how it ended.
func (r *rig) status(req ctap.Request) ctap.Status {
	r.t.Helper()
	raw, err := ctap.EncodeRequest(req)
	require.NoError(r.t, err)
	answer, err := r.Exchange(r.ctx(), raw)
	require.NoError(r.t, err)
	require.NotEmpty(r.t, answer)
	return ctap.Status(answer[0])
}

// ctx ends with the test or benchmark.
func (r *rig) ctx() context.Context { return r.t.Context() }

func parse(t testing.TB, authData []byte) *webauthn.AuthenticatorData {
	t.Helper()
	data, err := webauthn.ParseAuthenticatorData(authData)
	require.NoError(t, err)
	return data
}

// contextDone returns a context that has ended.
func contextDone(t testing.TB) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

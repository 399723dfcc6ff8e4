package authenticator_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/canon"
)

// extended is a security key with every extension but largeBlob, which excludes
// another one.
func extended(change ...func(*authenticator.Model)) authenticator.Model {
	m := authenticator.SecurityKey()
	m.Extensions = append(m.Extensions, ctap.ExtensionUVM)
	for _, c := range change {
		c(&m)
	}
	return m
}

// blobs changes a model to keep large blobs by extension largeBlob.
func blobs(m *authenticator.Model) {
	m.MaxLargeBlobs = 0
	m.Extensions = slices.DeleteFunc(slices.Clone(m.Extensions), func(id string) bool { return id == ctap.ExtensionLargeBlobKey })
	m.Extensions = append(m.Extensions, ctap.ExtensionLargeBlob)
}

// storing changes a model to store all its credentials.
func storing(m *authenticator.Model) {
	m.NonDiscoverable = authenticator.Stored
	m.Versions = slices.DeleteFunc(slices.Clone(m.Versions), func(v string) bool { return v == ctap.VersionU2FV2 })
}

// with adds an extension to a makeCredential.
func with(id string, input any) func(*ctap.MakeCredentialRequest) {
	return func(r *ctap.MakeCredentialRequest) {
		if err := r.Extensions.Set(id, input); err != nil {
			panic(err)
		}
	}
}

// asking adds an extension to a getAssertion.
func asking(id string, input any) func(*ctap.GetAssertionRequest) {
	return func(r *ctap.GetAssertionRequest) {
		if err := r.Extensions.Set(id, input); err != nil {
			panic(err)
		}
	}
}

// said reads the extension outputs of authenticator data.
func said(t testing.TB, authData []byte) (outputs ctap.Extensions) {
	t.Helper()
	if raw := parse(t, authData).Extensions; raw != nil {
		require.NoError(t, canon.Unmarshal(raw, &outputs))
		require.NotEmpty(t, outputs, "an empty map is left out")
	}
	return outputs
}

// only is the outputs of one extension.
func only(id string, output any) (outputs ctap.Extensions) {
	if err := outputs.Set(id, output); err != nil {
		panic(err)
	}
	return outputs
}

// Every extension refuses inputs of other types than its own, in both commands.
func TestExtensionInputTypes(t *testing.T) {
	t.Parallel()
	inputs := map[string]any{
		"null": nil, "bool": true, "uint": uint64(1), "negative": -1, "bytes": []byte{1}, "text": "true", "float": 1.5,
		"array": []uint64{1, 2}, "map": map[string]bool{"a": true},
	}
	cases := []struct{ id, create, assert string }{
		{ctap.ExtensionCredProtect, "uint", ""},
		{ctap.ExtensionCredBlob, "bytes", "bool"},
		{ctap.ExtensionLargeBlobKey, "bool", "bool"},
		{ctap.ExtensionLargeBlob, "map", "map"},
		{ctap.ExtensionMinPINLength, "bool", ""},
		{ctap.ExtensionPINComplexityPolicy, "bool", ""},
		{ctap.ExtensionHMACSecret, "bool", "map"},
		{ctap.ExtensionHMACSecretMC, "map", ""},
		{ctap.ExtensionThirdPartyPayment, "bool", "bool"},
		{ctap.ExtensionUVM, "bool", "bool"},
	}
	for _, c := range cases {
		t.Run(c.id, func(t *testing.T) {
			t.Parallel()
			model := extended()
			if c.id == ctap.ExtensionLargeBlob {
				model = extended(blobs)
			}
			r := newRig(t, model)
			r.create()
			check := func(name, wants string, status ctap.Status) {
				switch wants {
				case "":
					assert.Equal(t, ctap.OK, status, "%s is not looked at", name)
				case name:
					assert.NotEqual(t, ctap.CBORUnexpectedType, status, name)
				default:
					assert.Equal(t, ctap.CBORUnexpectedType, status, name)
				}
			}
			for name, input := range inputs {
				check(name, c.create, r.status(creation(with(c.id, input))))
				check(name, c.assert, r.status(signIn(asking(c.id, input))))
			}
		})
	}
}

// Members of inputs that are maps have types too.
func TestExtensionMemberTypes(t *testing.T) {
	t.Parallel()
	r := newRig(t, extended(blobs))
	r.create()
	cases := map[string]ctap.Request{
		"support":      creation(with(ctap.ExtensionLargeBlob, map[string]any{"support": true})),
		"read":         signIn(asking(ctap.ExtensionLargeBlob, map[string]any{"read": 1})),
		"write":        signIn(asking(ctap.ExtensionLargeBlob, map[string]any{"write": []int{1}, "originalSize": 1})),
		"originalSize": signIn(asking(ctap.ExtensionLargeBlob, map[string]any{"write": []byte{1}, "originalSize": -1})),
		"keyAgreement": signIn(asking(ctap.ExtensionHMACSecret, map[int]any{1: []byte{1}})),
		"x":            signIn(asking(ctap.ExtensionHMACSecret, map[int]any{1: map[int]any{-2: "text"}})),
		"saltEnc":      signIn(asking(ctap.ExtensionHMACSecret, map[int]any{2: "text"})),
		"saltAuth":     signIn(asking(ctap.ExtensionHMACSecret, map[int]any{3: []int{1, 2}})),
		"protocol":     signIn(asking(ctap.ExtensionHMACSecret, map[int]any{4: -2})),
	}
	for name, req := range cases {
		assert.Equal(t, ctap.CBORUnexpectedType, r.status(req), name)
	}
}

// Nothing is said that was not asked for, whatever a credential has.
func TestExtensionsSayNothingUnasked(t *testing.T) {
	t.Parallel()
	r := newRig(t, extended(func(m *authenticator.Model) { m.CredProtect = ctap.UserVerificationRequired }))
	r.allowMinPINLength("example.com")
	r.create(forUser("bob"), with(ctap.ExtensionCredBlob, []byte("blob")), with(ctap.ExtensionLargeBlobKey, true), with(ctap.ExtensionThirdPartyPayment, true))
	made, _ := r.create()
	for _, authData := range [][]byte{made.AuthData, r.assert().AuthData} {
		assert.Nil(t, parse(t, authData).Extensions)
	}
	assert.Empty(t, made.LargeBlobKey)
	assert.Empty(t, made.UnsignedExtensionOutputs)
	next, err := ctap.Call(t.Context(), r, &ctap.GetNextAssertionRequest{})
	require.NoError(t, err)
	assert.Empty(t, next.LargeBlobKey)
	assert.Nil(t, parse(t, next.AuthData).Extensions)
}

// What the device does not have is ignored, as well as what nobody has.
func TestUnknownExtensionsAreIgnored(t *testing.T) {
	t.Parallel()
	bare := newRig(t, plainKey())
	known := []string{
		ctap.ExtensionCredProtect, ctap.ExtensionCredBlob, ctap.ExtensionLargeBlobKey, ctap.ExtensionLargeBlob, ctap.ExtensionMinPINLength,
		ctap.ExtensionPINComplexityPolicy, ctap.ExtensionHMACSecret, ctap.ExtensionHMACSecretMC, ctap.ExtensionThirdPartyPayment, ctap.ExtensionUVM,
	}
	for _, id := range append(known, "tail", "") {
		made, _ := bare.create(with(id, "of no type that any of them takes"))
		assert.Nil(t, parse(t, made.AuthData).Extensions, id)
		signed := bare.assert(asking(id, "the same"))
		assert.Nil(t, parse(t, signed.AuthData).Extensions, id)
	}
	r := newRig(t, extended())
	made, _ := r.create(with("tail", map[string]any{}), with(ctap.ExtensionCredProtect, 2))
	assert.Equal(t, only(ctap.ExtensionCredProtect, 2), said(t, made.AuthData), "beside one that is known")
}

// What extensions keep outlives the power, in every kind of store.
func TestExtensionsAreKept(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/store"
	open := func() authenticator.Store {
		store, err := authenticator.OpenFileStore(path)
		require.NoError(t, err)
		t.Cleanup(func() { _ = store.Close() })
		return store
	}
	model := extended(blobs, storing)
	store := open()
	r := newRigOn(t, model, store)
	_, id := r.create(notDiscoverable, with(ctap.ExtensionCredProtect, 2), with(ctap.ExtensionCredBlob, []byte("blob")),
		with(ctap.ExtensionLargeBlob, map[string]string{"support": "required"}), with(ctap.ExtensionThirdPartyPayment, true))
	r.assert(allowing(id), asking(ctap.ExtensionLargeBlob, map[string]any{"write": []byte("large"), "originalSize": 9}))
	require.NoError(t, store.(interface{ Close() error }).Close())

	c, err := newRigOn(t, model, open()).Credential(t.Context(), "example.com", id)
	require.NoError(t, err)
	assert.Equal(t, &authenticator.Extras{
		CredProtect: 2, CredBlob: []byte("blob"), ThirdPartyPayment: true,
		TakesLargeBlob: true, LargeBlob: []byte("large"), LargeBlobSize: 9,
	}, c.Extras)
}

// What getInfo may list together (§6.4, §9, §12).
func TestExtensionCouplings(t *testing.T) {
	t.Parallel()
	without := func(ids ...string) func(*authenticator.Model) {
		return func(m *authenticator.Model) {
			m.Extensions = slices.DeleteFunc(slices.Clone(m.Extensions), func(id string) bool { return slices.Contains(ids, id) })
		}
	}
	having := func(id string) func(*authenticator.Model) {
		return func(m *authenticator.Model) { m.Extensions = append(slices.Clone(m.Extensions), id) }
	}
	for _, c := range []struct {
		change func(*authenticator.Model)
		says   string // "" = nothing is wrong
	}{
		{func(*authenticator.Model) {}, ""},
		{blobs, ""},
		{without(ctap.ExtensionCredProtect), "credBlob needs credProtect"},
		{without(ctap.ExtensionCredBlob), "MaxCredBlob goes with extension credBlob"},
		{func(m *authenticator.Model) { m.MaxCredBlob = 31 }, "MaxCredBlob 31 is less than 32"},
		{without(ctap.ExtensionHMACSecret), "hmac-secret-mc needs hmac-secret"},
		{without(ctap.ExtensionHMACSecret, ctap.ExtensionHMACSecretMC), "FIDO_2_3 needs extension hmac-secret"},
		{without(ctap.ExtensionHMACSecretMC), ""},
		{without(ctap.ExtensionLargeBlobKey), "MaxLargeBlobs goes with extension largeBlobKey"},
		{having(ctap.ExtensionLargeBlob), "largeBlob excludes MaxLargeBlobs"},
		{without(ctap.ExtensionMinPINLength), "Config.MinPINLength goes with extension minPinLength"},
		{func(m *authenticator.Model) { m.PIN.Complexity = authenticator.Lacking }, "pinComplexityPolicy needs"},
		{without(ctap.ExtensionThirdPartyPayment), ""},
		{having("tail"), `"tail" is not implemented`},
	} {
		model := extended(c.change)
		if c.says == "" {
			require.NoError(t, model.Check())
			assert.Equal(t, model.Extensions, newRig(t, model).info().Extensions)
			continue
		}
		assert.ErrorContains(t, model.Check(), c.says)
	}
}

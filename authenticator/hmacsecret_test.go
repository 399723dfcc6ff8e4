package authenticator_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
)

var (
	salt1, salt2 = bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	twoSalts     = slices.Concat(salt1, salt2)
	// credRandom is CredRandomWithUV ‖ CredRandomWithoutUV of [rig.secretive].
	credRandom = slices.Concat(bytes.Repeat([]byte{0xaa}, 32), bytes.Repeat([]byte{0xbb}, 32))
)

// secretive puts a credential on the device whose secrets are known.
func (r *rig) secretive() {
	r.t.Helper()
	require.NoError(r.t, r.Import(r.ctx(), &authenticator.Credential{
		ID: []byte("made elsewhere"), RPID: "example.com", User: ctap.UserEntity{ID: []byte("handle-alice")}, Discoverable: true,
		Algorithm: -7, PrivateKey: bytes.Repeat([]byte{1}, 32), Extras: &authenticator.Extras{CredRandom: credRandom},
	}))
}

// salted is an input of hmac-secret, and the secret to read its output with.
func (p *platform) salted(salts []byte, change ...func(*ctap.HMACSecretInput)) (*ctap.HMACSecretInput, pinuv.Secret) {
	p.r.t.Helper()
	key, shared := p.agree()
	enc := p.encrypt(shared, salts)
	return changed(&ctap.HMACSecretInput{
		KeyAgreement: key, SaltEnc: enc, SaltAuth: shared.Authenticate(enc), PinUvAuthProtocol: p.number(),
	}, change), shared
}

// results reads the output of hmac-secret or hmac-secret-mc.
func (p *platform) results(id string, shared pinuv.Secret, authData []byte) []byte {
	p.r.t.Helper()
	var output []byte
	present, err := said(p.r.t, authData).Get(id, &output)
	require.NoError(p.r.t, err)
	require.True(p.r.t, present)
	plain, err := shared.Decrypt(output)
	require.NoError(p.r.t, err)
	return plain
}

// evaluate signs in with hmac-secret and returns its results.
func (p *platform) evaluate(salts []byte, change ...func(*ctap.GetAssertionRequest)) []byte {
	p.r.t.Helper()
	in, shared := p.salted(salts)
	resp := p.r.assert(append(change, asking(ctap.ExtensionHMACSecret, in))...)
	return p.results(ctap.ExtensionHMACSecret, shared, resp.AuthData)
}

// hmacs is steps 7 and 8 of §12.7 by other means.
func hmacs(secret []byte, salts ...[]byte) (out []byte) {
	for _, salt := range salts {
		mac := hmac.New(sha256.New, secret)
		mac.Write(salt)
		out = append(out, mac.Sum(nil)...)
	}
	return out
}

func TestHMACSecret(t *testing.T) {
	t.Parallel()
	for _, protocol := range []pinuv.Protocol{pinuv.One, pinuv.Two} {
		t.Run(protocol.String(), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, extended())
			r.secretive()
			p := r.platform(protocol)
			assert.Equal(t, hmacs(credRandom[:32], salt1), p.evaluate(salt1), "verified")
			assert.Equal(t, hmacs(credRandom[:32], salt1, salt2), p.evaluate(twoSalts), "verified, two salts")
			assert.Equal(t, hmacs(credRandom[32:], salt1), p.evaluate(salt1, touchOnly), "touched")
			assert.Equal(t, hmacs(credRandom[32:], salt2, salt1), p.evaluate(slices.Concat(salt2, salt1), touchOnly), "touched, two salts")

			require.Equal(t, ctap.OK, p.setPIN(pin))
			p.granted(ctap.PermissionGetAssertion, "example.com")
			assert.Equal(t, hmacs(credRandom[:32], salt1), p.evaluate(salt1, p.asserting), "verified by PIN")
		})
	}
}

// Where no protocol is named it is protocol one.
func TestHMACSecretWithoutProtocol(t *testing.T) {
	t.Parallel()
	r := newRig(t, extended())
	r.secretive()
	p := r.platform(pinuv.One)
	in, shared := p.salted(salt1, func(in *ctap.HMACSecretInput) { in.PinUvAuthProtocol = nil })
	resp := r.assert(asking(ctap.ExtensionHMACSecret, in))
	assert.Equal(t, hmacs(credRandom[:32], salt1), p.results(ctap.ExtensionHMACSecret, shared, resp.AuthData))

	modern := newRig(t, extended(func(m *authenticator.Model) { m.Protocols = []pinuv.Protocol{pinuv.Two} }))
	modern.secretive()
	in, _ = modern.platform(pinuv.Two).salted(salt1, func(in *ctap.HMACSecretInput) { in.PinUvAuthProtocol = nil })
	assert.Equal(t, ctap.PINAuthInvalid, modern.status(signIn(asking(ctap.ExtensionHMACSecret, in))))
}

// spoilt are inputs with one thing wrong, and the status of it (§12.7). Rows that
// have two things wrong show which is seen first.
var spoilt = []struct {
	step, name string
	salts      []byte // nil = one
	spoil      func(*ctap.HMACSecretInput)
	want       ctap.Status
}{
	{"0", "no keyAgreement", nil, func(in *ctap.HMACSecretInput) { in.KeyAgreement = nil }, ctap.MissingParameter},
	{"0", "no saltEnc", nil, func(in *ctap.HMACSecretInput) { in.SaltEnc = nil }, ctap.MissingParameter},
	{"0", "no saltAuth", nil, func(in *ctap.HMACSecretInput) { in.SaltAuth = nil }, ctap.MissingParameter},
	{"1", "unknown protocol", nil, func(in *ctap.HMACSecretInput) { in.PinUvAuthProtocol = ptr(uint64(3)) }, ctap.InvalidParameter},
	{"4", "not a point", nil, func(in *ctap.HMACSecretInput) { in.KeyAgreement.Y = in.KeyAgreement.X }, ctap.InvalidParameter},
	{"4", "another curve", nil, func(in *ctap.HMACSecretInput) { in.KeyAgreement.Curve = 2 }, ctap.InvalidParameter},
	{"4", "not a point, and not authentic", nil, func(in *ctap.HMACSecretInput) { in.KeyAgreement.Y, in.SaltAuth = []byte{}, []byte{1} }, ctap.InvalidParameter},
	{"5", "saltAuth bent", nil, func(in *ctap.HMACSecretInput) { in.SaltAuth[0] ^= 1 }, ctap.PINAuthInvalid},
	{"5", "saltAuth cut", nil, func(in *ctap.HMACSecretInput) { in.SaltAuth = in.SaltAuth[:15] }, ctap.PINAuthInvalid},
	{"5", "saltAuth empty", nil, func(in *ctap.HMACSecretInput) { in.SaltAuth = []byte{} }, ctap.PINAuthInvalid},
	{"5", "saltEnc bent", nil, func(in *ctap.HMACSecretInput) { in.SaltEnc[31] ^= 1 }, ctap.PINAuthInvalid},
	{"5", "saltEnc cut, seen before it is decrypted", nil, func(in *ctap.HMACSecretInput) { in.SaltEnc = in.SaltEnc[:17] }, ctap.PINAuthInvalid},
	{"6", "half a salt", salt1[:16], nil, ctap.InvalidParameter},
	{"6", "a salt and a half", twoSalts[:48], nil, ctap.InvalidParameter},
	{"6", "three salts", append(slices.Clone(twoSalts), salt1...), nil, ctap.InvalidParameter},
	{"6", "no salt", []byte{}, nil, ctap.InvalidParameter},
}

func TestHMACSecretRefusals(t *testing.T) {
	t.Parallel()
	for _, protocol := range []pinuv.Protocol{pinuv.One, pinuv.Two} {
		for _, c := range spoilt {
			t.Run(fmt.Sprintf("%s, step %s %s", protocol, c.step, c.name), func(t *testing.T) {
				t.Parallel()
				r := newRig(t, extended())
				r.create()
				salts := salt1
				if c.salts != nil {
					salts = c.salts
				}
				in, _ := r.platform(protocol).salted(salts)
				if c.spoil != nil {
					c.spoil(in)
				}
				assert.Equal(t, c.want, r.status(signIn(asking(ctap.ExtensionHMACSecret, in))))
				assert.Equal(t, c.want, r.status(creation(with(ctap.ExtensionHMACSecret, true), with(ctap.ExtensionHMACSecretMC, in))), "-mc")
			})
		}
	}
}

// A ciphertext that is authentic but no whole number of blocks does not decrypt.
func TestHMACSecretOfOddLength(t *testing.T) {
	t.Parallel()
	r := newRig(t, extended())
	r.create()
	p := r.platform(pinuv.Two)
	key, shared := p.agree()
	enc := make([]byte, 47)
	in := &ctap.HMACSecretInput{KeyAgreement: key, SaltEnc: enc, SaltAuth: shared.Authenticate(enc), PinUvAuthProtocol: p.number()}
	assert.Equal(t, ctap.InvalidParameter, r.status(signIn(asking(ctap.ExtensionHMACSecret, in))))
}

// Step 2: secrets are not told in silence, and that is seen before what else is
// wrong with the input; but a credential that is not there comes first.
func TestHMACSecretNeedsPresence(t *testing.T) {
	t.Parallel()
	r := newRig(t, extended())
	in, _ := r.platform(pinuv.Two).salted(salt1, func(in *ctap.HMACSecretInput) { in.SaltAuth[0] ^= 1 })
	quiet := func(r *ctap.GetAssertionRequest) { r.Options.UP = ptr(false) }
	assert.Equal(t, ctap.NoCredentials, r.status(signIn(silent, asking(ctap.ExtensionHMACSecret, in))))
	r.create()
	assert.Equal(t, ctap.UnsupportedOption, r.status(signIn(silent, asking(ctap.ExtensionHMACSecret, in))))
	assert.Equal(t, ctap.UnsupportedOption, r.status(signIn(quiet, asking(ctap.ExtensionHMACSecret, in))), "though UV was asked for")
}

// Every credential has its secrets: two of its own, always the same, however it
// is kept and whether or not anybody asked when it was made.
func TestHMACSecretOfEveryCredential(t *testing.T) {
	t.Parallel()
	r := newRig(t, extended())
	seen := map[string]string{}
	for _, rk := range []bool{true, false} {
		for _, asked := range []any{nil, false, true} {
			name := fmt.Sprintf("discoverable %t asked %v", rk, asked)
			made, id := r.create(forUser(name), func(req *ctap.MakeCredentialRequest) {
				req.Options.RK = &rk
				if asked != nil {
					with(ctap.ExtensionHMACSecret, asked)(req)
				}
			})
			if asked == true {
				assert.Equal(t, only(ctap.ExtensionHMACSecret, true), said(t, made.AuthData), name)
			} else {
				assert.Nil(t, said(t, made.AuthData), name)
			}
			p := r.platform(pinuv.Two)
			verified, touched := p.evaluate(salt1, allowing(id)), p.evaluate(salt1, allowing(id), touchOnly)
			r.PowerCycle()
			assert.Equal(t, verified, p.evaluate(salt1, allowing(id)), name)
			for _, secret := range [][]byte{verified, touched} {
				assert.Empty(t, seen[string(secret)], name)
				seen[string(secret)] = name
			}
		}
	}
}

// §6.3: the salts are remembered, the results are each credential's own.
func TestHMACSecretOfEachAccount(t *testing.T) {
	t.Parallel()
	r := newRig(t, extended())
	_, bob := r.create(forUser("bob"))
	r.secretive()
	p := r.platform(pinuv.Two)
	want := p.evaluate(twoSalts, allowing(bob), touchOnly)

	in, shared := p.salted(twoSalts)
	first := r.assert(touchOnly, asking(ctap.ExtensionHMACSecret, in))
	assert.Equal(t, hmacs(credRandom[32:], salt1, salt2), p.results(ctap.ExtensionHMACSecret, shared, first.AuthData))
	next, err := ctap.Call(t.Context(), r, &ctap.GetNextAssertionRequest{})
	require.NoError(t, err)
	assert.Equal(t, want, p.results(ctap.ExtensionHMACSecret, shared, next.AuthData))
}

// §12.8: the results can be had with the new credential, and are those that it
// will have.
func TestHMACSecretMC(t *testing.T) {
	t.Parallel()
	touch := func(req *ctap.MakeCredentialRequest) { req.Options = nil }
	for _, protocol := range []pinuv.Protocol{pinuv.One, pinuv.Two} {
		r := newRig(t, extended())
		p := r.platform(protocol)
		in, shared := p.salted(twoSalts)
		made, id := r.create(with(ctap.ExtensionHMACSecret, true), with(ctap.ExtensionHMACSecretMC, in))
		assert.Len(t, said(t, made.AuthData), 2)
		assert.Equal(t, p.evaluate(twoSalts, allowing(id)), p.results(ctap.ExtensionHMACSecretMC, shared, made.AuthData))

		in, shared = p.salted(salt1)
		made, id = r.create(touch, with(ctap.ExtensionHMACSecret, true), with(ctap.ExtensionHMACSecretMC, in))
		assert.Equal(t, p.evaluate(salt1, allowing(id), touchOnly), p.results(ctap.ExtensionHMACSecretMC, shared, made.AuthData), "without UV")
	}
}

// The pairing is checked before any of the cryptography.
func TestHMACSecretMCNeedsHMACSecret(t *testing.T) {
	t.Parallel()
	r := newRig(t, extended())
	good, _ := r.platform(pinuv.Two).salted(salt1)
	for name, in := range map[string]*ctap.HMACSecretInput{"good": good, "empty": {}, "bad protocol": {PinUvAuthProtocol: ptr(uint64(9))}} {
		assert.Equal(t, ctap.MissingParameter, r.status(creation(with(ctap.ExtensionHMACSecretMC, in))), name)
		assert.Equal(t, ctap.MissingParameter, r.status(creation(with(ctap.ExtensionHMACSecretMC, in), with(ctap.ExtensionHMACSecret, false))), name)
		assert.Equal(t, ctap.CBORUnexpectedType, r.status(creation(with(ctap.ExtensionHMACSecretMC, in), with(ctap.ExtensionHMACSecret, 1))), name)
	}
	assert.Equal(t, ctap.OK, r.status(creation(with(ctap.ExtensionHMACSecretMC, good), with(ctap.ExtensionHMACSecret, true))))
}

// A store that lost half of a secret makes a failure, not a guess.
func TestHMACSecretOfADamagedStore(t *testing.T) {
	t.Parallel()
	r := newRig(t, extended())
	require.NoError(t, r.store.Commit(t.Context(), authenticator.Change{Put: []*authenticator.Credential{{
		ID: []byte{1}, RPID: "example.com", Algorithm: -7, PrivateKey: bytes.Repeat([]byte{1}, 32),
		Extras: &authenticator.Extras{CredRandom: credRandom[:63]},
	}}}))
	in, _ := r.platform(pinuv.Two).salted(salt1)
	assert.Equal(t, ctap.Other, r.status(signIn(allowing([]byte{1}), asking(ctap.ExtensionHMACSecret, in))))
}

// What a credential brings along has to be whole.
func TestImportChecksExtras(t *testing.T) {
	t.Parallel()
	r := newRig(t, extended())
	c := authenticator.Credential{ID: []byte{1}, RPID: "example.com", Algorithm: -7, PrivateKey: bytes.Repeat([]byte{1}, 32)}
	for name, bad := range map[string]authenticator.Extras{
		"CredProtect":  {CredProtect: 4},
		"CredRandom":   {CredRandom: make([]byte, 32)},
		"LargeBlobKey": {LargeBlobKey: make([]byte, 31)},
	} {
		c.Extras = &bad
		err := r.Import(t.Context(), &c)
		assert.ErrorIs(t, err, authenticator.ErrChange)
		assert.ErrorContains(t, err, name)
	}
	c.Extras = &authenticator.Extras{CredProtect: 2}
	require.NoError(t, r.Import(t.Context(), &c))
	c.Extras.CredProtect = 3
	kept, err := r.Credential(t.Context(), "example.com", []byte{1})
	require.NoError(t, err)
	assert.Equal(t, ctap.CredProtect(2), kept.Extras.CredProtect, "it is a copy")
}

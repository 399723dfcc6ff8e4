package passkeylab_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/webauthn"
)

// BenchmarkCeremonies holds one sign-up plus one login, from options to
// verified response on both sides, against the cryptography it contains: one
// P-256 key generation, the signatures made and the verifications made. A key
// that verifies its user by way of tokens makes key agreements for them too. They
// are counted on both sides there, so that row speaks of another ceremony than
// the budget does; the key of CTAP 2.0 before it is the one that the budget means.
func BenchmarkCeremonies(b *testing.B) {
	for _, c := range []struct {
		name        string
		model       authenticator.Model
		attestation ceremony.Attestation
		signatures  int // made, and verified
		agreements  int
	}{
		{"phone", authenticator.Phone(), ceremony.AttestationNone, 1, 0},
		{"security-key", keyWithoutTokens(), ceremony.AttestationDirect, 2, 0},
		{"security-key-with-tokens", authenticator.SecurityKey(), ceremony.AttestationDirect, 2, 2},
	} {
		b.Run(c.name+"/raw", func(b *testing.B) { benchmarkRaw(b, c.signatures, c.agreements) })
		b.Run(c.name+"/ours", func(b *testing.B) { benchmarkCeremonies(b, c.model, c.attestation) })
	}
}

// keyWithoutTokens is a security key of CTAP 2.0, which is asked to verify its user
// by option uv.
func keyWithoutTokens() authenticator.Model {
	m := authenticator.SecurityKey()
	m.Versions, m.Protocols, m.Extensions = nil, nil, nil
	m.PIN, m.Config, m.AlwaysUv = authenticator.PINFeatures{}, authenticator.ConfigFeatures{}, authenticator.Lacking
	m.PinUvAuthToken, m.CredMgmt, m.CredMgmtReadOnly, m.Previews = false, false, false, false
	m.MaxCredBlob, m.MaxLargeBlobs = 0, 0
	return m
}

func benchmarkRaw(b *testing.B, signatures, agreements int) {
	random := seed.Stream(1, "raw")
	device, err := pinuv.NewKeyPair(random)
	require.NoError(b, err)
	digest := sha256.Sum256([]byte("what an authenticator signs"))
	for b.Loop() {
		var scalar [32]byte
		_, _ = random.Read(scalar[:])
		key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:])
		check(b, err)
		for range signatures {
			signature, err := key.Sign(nil, digest[:], crypto.SHA256)
			check(b, err)
			if !ecdsa.VerifyASN1(&key.PublicKey, digest[:], signature) {
				b.Fatal("the signature does not verify")
			}
		}
		for range agreements {
			public, _, err := pinuv.Encapsulate(random, pinuv.Two, device.Public())
			check(b, err)
			_, err = device.Decapsulate(pinuv.Two, public)
			check(b, err)
		}
	}
}

func benchmarkCeremonies(b *testing.B, model authenticator.Model, attestation ceremony.Attestation) {
	clock := authenticator.NewManualClock(time.Unix(1_900_000_000, 0))
	model.Capacity = 0
	model.CredentialIDBytes = 32
	model.Algorithms = []webauthn.Algorithm{webauthn.ES256} // or a key would take the site's first choice, EdDSA
	device, err := authenticator.New(model, authenticator.Env{
		Store: authenticator.NewMemoryStore(), User: new(authenticator.ScriptedUser), Clock: clock, Random: seed.Stream(1, "device"),
	})
	require.NoError(b, err)
	info, err := ctap.Call(b.Context(), device, new(ctap.GetInfoRequest)) // once, as when a browser starts
	require.NoError(b, err)
	on, err := client.New(client.Config{Authenticators: client.Attached(client.Authenticator{Name: "device", Transport: device, Info: info})})
	require.NoError(b, err)
	site, err := ceremony.New(ceremony.Config{
		RPID: "acme.test", RPName: "Acme", Origin: "https://acme.test", Clock: clock.Now, Random: seed.Stream(1, "site"),
	})
	require.NoError(b, err)
	page := client.Caller{Origin: "https://acme.test"}
	// The same account signs up again and again: each passkey replaces the last
	// one, and the device holds one account, as in the journey.
	handle := make([]byte, 32)
	for b.Loop() {
		made := signUp(b, site, on, page, ceremony.Account{Handle: handle, Name: "alice", DisplayName: "Alice"}, attestation)
		logIn(b, site, on, page, handle, made)
	}
}

func signUp(b *testing.B, site *ceremony.Ceremonies, on *client.Client, page client.Caller, who ceremony.Account, attestation ceremony.Attestation) ceremony.Credential {
	options, begun, err := site.BeginRegistration(who, nil, ceremony.RegistrationRules{
		UserVerification: ceremony.VerificationRequired, Attestation: attestation, Lifetime: time.Minute,
	})
	check(b, err)
	answer, err := on.CreateJSON(b.Context(), page, inner(options))
	check(b, err)
	response, err := ceremony.ParseRegistration(answer)
	check(b, err)
	made, err := site.FinishRegistration(begun, response)
	check(b, err)
	return made
}

func logIn(b *testing.B, site *ceremony.Ceremonies, on *client.Client, page client.Caller, handle []byte, made ceremony.Credential) {
	options, begun, err := site.BeginLogin(ceremony.LoginRules{UserVerification: ceremony.VerificationRequired, Lifetime: time.Minute})
	check(b, err)
	answer, err := on.GetJSON(b.Context(), page, inner(options))
	check(b, err)
	response, err := ceremony.ParseLogin(answer)
	check(b, err)
	_, err = site.FinishLogin(begun, response, ceremony.CounterRefuse, func([]byte) (ceremony.Owner, error) {
		return ceremony.Owner{Handle: handle, Credential: made}, nil
	})
	check(b, err)
}

// inner strips the {"publicKey":…} around options, as a page's script does.
func inner(options []byte) []byte {
	const head = `{"publicKey":`
	return options[len(head) : len(options)-1]
}

// check costs next to nothing where testify's functions would show up in the
// figures.
func check(b *testing.B, err error) {
	if err != nil {
		b.Fatal(err)
	}
}

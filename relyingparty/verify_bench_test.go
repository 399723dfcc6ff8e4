package relyingparty

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"testing"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/stretchr/testify/require"
)

// BenchmarkOptions is what the site computes to answer a request for login options.
func BenchmarkOptions(b *testing.B) {
	s, _ := newSite(b, func(c *Config) {
		c.Limits = DefaultLimits()
		c.Limits.Requests.Burst = 1 << 30
	})
	visitor := visitSite(b, s)
	visitor.open(pathLogin)
	for b.Loop() {
		visitor.loginOptions()
	}
}

// BenchmarkAssertion is the verification of an assertion, bytes in to verdict out: ours,
// go-webauthn's whole-ceremony function on the same bytes, and the bare signature.
func BenchmarkAssertion(b *testing.B) {
	c, err := NewCeremonies(CeremonyConfig{RPID: "auth.acme.test", RPName: "Acme", Origin: testOrigin, Clock: time.Now, Random: rand.Reader})
	require.NoError(b, err)
	d := newDevice(b, testOrigin, "auth.acme.test")
	d.handle = []byte("handle")
	known := Credential{ID: d.id, PublicKey: d.publicKey(b), UserVerified: true, AAGUID: make([]byte, 16)}
	asked, login, err := c.BeginLogin(LoginRules{UserVerification: VerificationRequired, Lifetime: time.Hour})
	require.NoError(b, err)
	response := d.get(b, asked)

	b.Run("ours", func(b *testing.B) {
		for b.Loop() {
			parsed, err := c.ParseLogin(response)
			require.NoError(b, err)
			login.spent.Store(false) // a login is good once
			_, err = c.FinishLogin(login, parsed, CounterRefuse, func([]byte) (Owner, error) { return Owner{d.handle, known}, nil })
			require.NoError(b, err)
		}
	})

	b.Run("go-webauthn", func(b *testing.B) {
		w, err := webauthn.New(&webauthn.Config{RPID: "auth.acme.test", RPDisplayName: "Acme", RPOrigins: []string{testOrigin}})
		require.NoError(b, err)
		session := webauthn.SessionData{
			Challenge: login.text(), RelyingPartyID: "auth.acme.test", Expires: time.Now().Add(time.Hour), UserVerification: protocol.VerificationRequired,
		}
		owner := knownUser{d.handle, []webauthn.Credential{{ID: d.id, PublicKey: known.PublicKey, Flags: webauthn.CredentialFlags{UserPresent: true, UserVerified: true}}}}
		for b.Loop() {
			parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
			require.NoError(b, err)
			_, _, err = w.ValidatePasskeyLogin(func(_, _ []byte) (webauthn.User, error) { return owner, nil }, session, parsed)
			require.NoError(b, err)
		}
	})

	b.Run("raw", func(b *testing.B) {
		digest, signature := signedPart(b, response)
		for b.Loop() {
			require.True(b, ecdsa.VerifyASN1(&d.key.PublicKey, digest, signature))
		}
	})
}

// signedPart is what the signature of a response is about, and the signature.
func signedPart(b *testing.B, response []byte) (digest, signature []byte) {
	b.Helper()
	var in struct {
		Response map[string]string `json:"response"`
	}
	require.NoError(b, json.Unmarshal(response, &in))
	decode := func(name string) []byte {
		raw, err := base64.RawURLEncoding.DecodeString(in.Response[name])
		require.NoError(b, err)
		return raw
	}
	client := sha256.Sum256(decode("clientDataJSON"))
	sum := sha256.Sum256(append(decode("authenticatorData"), client[:]...))
	return sum[:], decode("signature")
}

// knownUser is an account in go-webauthn's form.
type knownUser struct {
	handle      []byte
	credentials []webauthn.Credential
}

func (u knownUser) WebAuthnID() []byte                         { return u.handle }
func (u knownUser) WebAuthnName() string                       { return "ann@example.com" }
func (u knownUser) WebAuthnDisplayName() string                { return "Ann" }
func (u knownUser) WebAuthnCredentials() []webauthn.Credential { return u.credentials }

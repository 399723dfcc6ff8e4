package ceremony

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

	"github.com/passkeylab/passkeylab/relyingparty/ceremony/ceremonytest"
)

// BenchmarkAssertion is the verification of an assertion, bytes in to verdict out: ours,
// go-webauthn's whole-ceremony function on the same bytes, and the bare signature.
func BenchmarkAssertion(b *testing.B) {
	c, err := New(Config{RPID: "auth.acme.test", RPName: "Acme", Origin: testOrigin, Clock: time.Now, Random: rand.Reader})
	require.NoError(b, err)
	d := ceremonytest.NewDevice(b, testOrigin, "auth.acme.test")
	d.Handle = []byte("handle")
	known := Credential{ID: d.ID, PublicKey: d.PublicKey(b), UserVerified: true, AAGUID: make([]byte, 16)}
	asked, login, err := c.BeginLogin(LoginRules{UserVerification: VerificationRequired, Lifetime: time.Hour})
	require.NoError(b, err)
	response := d.Get(b, asked)

	b.Run("ours", func(b *testing.B) {
		for b.Loop() {
			parsed, err := c.ParseLogin(response)
			require.NoError(b, err)
			login.spent.Store(false) // a login is good once
			_, err = c.FinishLogin(login, parsed, CounterRefuse, func([]byte) (Owner, error) { return Owner{d.Handle, known}, nil })
			require.NoError(b, err)
		}
	})

	b.Run("go-webauthn", func(b *testing.B) {
		w, err := webauthn.New(&webauthn.Config{RPID: "auth.acme.test", RPDisplayName: "Acme", RPOrigins: []string{testOrigin}})
		require.NoError(b, err)
		session := webauthn.SessionData{
			Challenge: login.Challenge(), RelyingPartyID: "auth.acme.test", Expires: time.Now().Add(time.Hour), UserVerification: protocol.VerificationRequired,
		}
		owner := knownUser{d.Handle, []webauthn.Credential{{ID: d.ID, PublicKey: known.PublicKey, Flags: webauthn.CredentialFlags{UserPresent: true, UserVerified: true}}}}
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
			require.True(b, ecdsa.VerifyASN1(&d.Key.PublicKey, digest, signature))
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

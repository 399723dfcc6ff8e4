package tokens

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	issuer   = "https://auth.acme.test/"
	audience = "https://auth.acme.test/me/"
)

var now = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

var keys = sync.OnceValue(func() (all [2]*rsa.PrivateKey) {
	for i := range all {
		var err error
		if all[i], err = rsa.GenerateKey(rand.Reader, minBits); err != nil {
			panic(err)
		}
	}
	return all
})

func newSigner(t testing.TB) *Signer {
	t.Helper()
	s, err := NewSigner(keys()[0])
	require.NoError(t, err)
	return s
}

func good() map[string]any {
	return map[string]any{
		"iss": issuer, "sub": "auth0|1", "aud": []string{audience, "other"}, "azp": "app", "scope": "a b",
		"iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
	}
}

func TestReadsWhatItSigned(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	token, err := s.Sign(good())
	require.NoError(t, err)
	got, err := s.Read(token, issuer, audience, now)
	require.NoError(t, err)
	assert.True(t, got.Issued.Equal(now), "%s", got.Issued)
	got.Issued = time.Time{}
	assert.Equal(t, Access{Subject: "auth0|1", Audience: []string{audience, "other"}, Scope: "a b", Client: "app"}, got)

	var header map[string]string
	raw, err := base64.RawURLEncoding.DecodeString(strings.SplitN(token, ".", 2)[0])
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &header))
	assert.Equal(t, map[string]string{"alg": "RS256", "typ": "JWT", "kid": s.id}, header)
}

// TestThumbprint is the example of RFC 7638 §3.1.
func TestThumbprint(t *testing.T) {
	t.Parallel()
	const n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
	modulus, err := base64.RawURLEncoding.DecodeString(n)
	require.NoError(t, err)
	key := &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: 65537}
	assert.Equal(t, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", thumbprint(key))
}

func TestRefusedTokens(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	sign := func(edit func(map[string]any)) string {
		c := good()
		edit(c)
		token, err := s.Sign(c)
		require.NoError(t, err)
		return token
	}
	by := func(method jwt.SigningMethod, key any) string {
		token, err := jwt.NewWithClaims(method, jwt.MapClaims(good())).SignedString(key)
		require.NoError(t, err)
		return token
	}
	fine := sign(func(map[string]any) {})
	for name, token := range map[string]string{
		"nothing":           "",
		"no token":          "x.y.z",
		"unsigned":          by(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType),
		"another key":       by(jwt.SigningMethodRS256, keys()[1]),
		"another algorithm": by(jwt.SigningMethodRS512, keys()[0]),
		"key as a password": by(jwt.SigningMethodHS256, keys()[0].N.Bytes()),
		"other issuer":      sign(func(c map[string]any) { c["iss"] = "https://auth.acme.test" }),
		"no issuer":         sign(func(c map[string]any) { delete(c, "iss") }),
		"other audience":    sign(func(c map[string]any) { c["aud"] = "app" }),
		"no audience":       sign(func(c map[string]any) { delete(c, "aud") }),
		"expired":           sign(func(c map[string]any) { c["exp"] = now.Add(-time.Second).Unix() }),
		"never expires":     sign(func(c map[string]any) { delete(c, "exp") }),
		"cut off":           fine[:len(fine)-1],
		"too large":         sign(func(c map[string]any) { c["pad"] = strings.Repeat("x", MaxSize) }),
	} {
		_, err := s.Read(token, issuer, audience, now)
		assert.Error(t, err, name)
	}
	_, err := s.Read(fine, issuer, audience, now)
	require.NoError(t, err)
}

func TestShortKeysAreRefused(t *testing.T) {
	t.Parallel()
	short := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: new(big.Int).SetBit(new(big.Int), 2046, 1), E: 65537}}
	_, err := NewSigner(short)
	require.ErrorContains(t, err, "2047 bits")
}

// FuzzRead holds hostile tokens to one rule: nothing is read that was not signed here.
func FuzzRead(f *testing.F) {
	s := newSigner(f)
	token, err := s.Sign(good())
	require.NoError(f, err)
	f.Add(token)
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Add("..")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := s.Read(text, issuer, audience, now); err == nil && text != token {
			t.Fatalf("%q was taken for a token", text)
		}
	})
}

// Package tokens signs and reads the JSON Web Tokens (RFC 7519) of the site.
//
// It owns their form: RS256, which every OpenID Connect client can verify (OpenID
// Connect Core 1.0 §15.1), one key, and that key's JSON Web Key Set. It must never
// know accounts, applications or HTTP: claims come in and go out as values. The
// encoding and the signatures are golang-jwt's.
package tokens

import (
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// MaxSize bounds a token that is read, in bytes.
const MaxSize = 8 << 10

// minBits is the smallest key that RS256 allows (RFC 7518 §3.3).
const minBits = 2048

// Signer signs with one key.
type Signer struct {
	key *rsa.PrivateKey
	id  string
}

// NewSigner refuses keys that are too short.
func NewSigner(key *rsa.PrivateKey) (*Signer, error) {
	if bits := key.N.BitLen(); bits < minBits {
		return nil, fmt.Errorf("tokens: the signing key has %d bits, RS256 needs %d", bits, minBits)
	}
	return &Signer{key: key, id: thumbprint(&key.PublicKey)}, nil
}

// Sign makes a token of claims.
func (s *Signer) Sign(claims map[string]any) (string, error) {
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims(claims))
	token.Header["kid"] = s.id
	signed, err := token.SignedString(s.key)
	if err != nil {
		return "", fmt.Errorf("tokens: sign: %w", err)
	}
	return signed, nil
}

// Access is what is read of an access token.
type Access struct {
	Subject  string
	Audience []string
	Scope    string
	Client   string    // azp
	Issued   time.Time // zero where the token does not say
	LoggedIn time.Time // when the user was authenticated; zero where the token does not say
}

// claims are Access as they are written.
type claims struct {
	jwt.RegisteredClaims
	Scope  string `json:"scope"`
	Client string `json:"azp"`
	// LoggedIn is that of RFC 9068 §2.2.1.
	LoggedIn *jwt.NumericDate `json:"auth_time"`
}

// Read verifies an access token of issuer for audience at a moment. There is one key
// and one algorithm; what the header says of them has only to agree.
func (s *Signer) Read(token, issuer, audience string, now time.Time) (Access, error) {
	if len(token) > MaxSize {
		return Access{}, errors.New("tokens: the token is too large")
	}
	var c claims
	_, err := jwt.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return &s.key.PublicKey, nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodRS256.Alg()}),
		jwt.WithIssuer(issuer), jwt.WithAudience(audience), jwt.WithExpirationRequired(), jwt.WithStrictDecoding(),
		jwt.WithTimeFunc(func() time.Time { return now }))
	if err != nil {
		return Access{}, fmt.Errorf("tokens: %w", err)
	}
	access := Access{Subject: c.Subject, Audience: c.Audience, Scope: c.Scope, Client: c.Client}
	if c.IssuedAt != nil {
		access.Issued = c.IssuedAt.Time
	}
	if c.LoggedIn != nil {
		access.LoggedIn = c.LoggedIn.Time
	}
	return access, nil
}

// keySet is a JSON Web Key Set (RFC 7517 §5).
type keySet struct {
	Keys []key `json:"keys"`
}

type key struct {
	Type      string `json:"kty"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
	ID        string `json:"kid"`
	Modulus   string `json:"n"`
	Exponent  string `json:"e"`
}

// KeySet is what verifiers need to know, as a JSON Web Key Set.
func (s *Signer) KeySet() json.RawMessage {
	n, e := members(&s.key.PublicKey)
	out, _ := json.Marshal(keySet{[]key{{"RSA", "sig", "RS256", s.id, n, e}}}) // strings always encode
	return out
}

// thumbprint names a key after its content (RFC 7638).
func thumbprint(k *rsa.PublicKey) string {
	n, e := members(k)
	sum := sha256.Sum256([]byte(`{"e":"` + e + `","kty":"RSA","n":"` + n + `"}`))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// members are n and e as a JSON Web Key has them (RFC 7518 §6.3.1).
func members(k *rsa.PublicKey) (n, e string) {
	return base64.RawURLEncoding.EncodeToString(k.N.Bytes()),
		base64.RawURLEncoding.EncodeToString(big.NewInt(int64(k.E)).Bytes())
}

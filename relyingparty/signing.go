package relyingparty

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
	"github.com/passkeylab/passkeylab/relyingparty/internal/tokens"
)

// signingKeyBits is the size of a key that the site makes for itself.
const signingKeyBits = 2048

// signing holds what signs tokens. It is made when it is first needed: most sites in
// tests never sign anything, and a key takes a while to make.
type signing struct {
	mu     sync.Mutex
	signer *tokens.Signer
}

// signer returns what signs tokens.
func (s *Site) signer() (*tokens.Signer, error) {
	s.signing.mu.Lock()
	defer s.signing.mu.Unlock()
	if s.signing.signer != nil {
		return s.signing.signer, nil
	}
	key, err := s.signingKey()
	if err != nil {
		return nil, err
	}
	s.signing.signer, err = tokens.NewSigner(key)
	return s.signing.signer, err
}

// signingKey is the configured key, the one of an earlier run, or a new one.
func (s *Site) signingKey() (*rsa.PrivateKey, error) {
	if s.config.SigningKey != nil {
		return s.config.SigningKey, nil
	}
	stored, err := s.store.SigningKey()
	if errors.Is(err, store.ErrNotFound) {
		stored, err = s.makeSigningKey()
	}
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(stored)
	if err != nil {
		return nil, fmt.Errorf("relyingparty: stored signing key: %w", err)
	}
	key, is := parsed.(*rsa.PrivateKey)
	if !is {
		return nil, fmt.Errorf("relyingparty: the stored signing key is a %T", parsed)
	}
	return key, nil
}

// makeSigningKey draws from crypto/rand: Go makes RSA keys of nothing else.
func (s *Site) makeSigningKey() ([]byte, error) {
	key, err := rsa.GenerateKey(rand.Reader, signingKeyBits)
	if err != nil {
		return nil, fmt.Errorf("relyingparty: make a signing key: %w", err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("relyingparty: make a signing key: %w", err)
	}
	return s.store.KeepSigningKey(encoded, s.config.Clock())
}

// checkAudiences refuses applications that call an API of the site their own, whose
// scopes nobody would hold their tokens to.
func (s *Site) checkAudiences() error {
	own := []string{s.audienceManagement()}
	for _, d := range s.domains {
		own = append(own, d.audienceUserinfo(), d.audienceSelfService(), d.audienceFactors())
	}
	for id, a := range s.applications {
		if i := slices.IndexFunc(a.Audiences, func(audience string) bool { return slices.Contains(own, audience) }); i >= 0 {
			return fmt.Errorf("relyingparty: application %q: audience %q is an API of the site; Audiences are for those of the application", id, a.Audiences[i])
		}
	}
	return nil
}

// showKeySet publishes what tokens are verified with.
func showKeySet(v *visit) error {
	signer, err := v.site.signer()
	if err != nil {
		return err
	}
	return v.answer(http.StatusOK, signer.KeySet())
}

// discovery is OpenID Provider Metadata (OpenID Connect Discovery 1.0 §3).
type discovery struct {
	Issuer                string      `json:"issuer"`
	AuthorizationEndpoint string      `json:"authorization_endpoint"`
	TokenEndpoint         string      `json:"token_endpoint"`
	UserinfoEndpoint      string      `json:"userinfo_endpoint"`
	KeySet                string      `json:"jwks_uri"`
	RevocationEndpoint    string      `json:"revocation_endpoint"`
	Scopes                []string    `json:"scopes_supported"`
	ResponseTypes         []string    `json:"response_types_supported"`
	ResponseModes         []string    `json:"response_modes_supported"`
	Grants                []GrantType `json:"grant_types_supported"`
	SubjectTypes          []string    `json:"subject_types_supported"`
	SigningAlgorithms     []string    `json:"id_token_signing_alg_values_supported"`
	ClientAuthentication  []string    `json:"token_endpoint_auth_methods_supported"`
	Claims                []string    `json:"claims_supported"`
	ChallengeMethods      []string    `json:"code_challenge_methods_supported"`
}

func showDiscovery(v *visit) error {
	at := v.at.origin
	return v.answer(http.StatusOK, discovery{
		Issuer:                v.at.issuer(),
		AuthorizationEndpoint: at + pathAuthorize,
		TokenEndpoint:         at + pathToken,
		UserinfoEndpoint:      v.at.audienceUserinfo(),
		KeySet:                at + pathKeySet,
		RevocationEndpoint:    at + pathRevoke,
		Scopes:                []string{scopeOpenID, scopeProfile, scopeEmail, scopeOffline},
		ResponseTypes:         []string{"code"},
		ResponseModes:         []string{"query"},
		Grants:                GrantTypes(),
		SubjectTypes:          []string{"public"},
		SigningAlgorithms:     []string{"RS256"},
		ClientAuthentication:  []string{"client_secret_basic", "client_secret_post", "none"},
		Claims: []string{"acr", "amr", "aud", "auth_time", "email", "email_verified", "exp", "family_name", "given_name", "iat", "iss",
			"name", "nickname", "nonce", "picture", "sub"},
		ChallengeMethods: []string{"S256"},
	})
}

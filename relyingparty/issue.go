package relyingparty

import (
	"crypto/sha256"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/passkeylab/passkeylab/internal/printable"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// Lifetimes of tokens.
const (
	accessLifetime      = 24 * time.Hour
	selfServiceLifetime = 10 * time.Minute // of an access token for the My Account or the MFA API
	identityLifetime    = 10 * time.Hour
	refreshLifetime     = 30 * 24 * time.Hour
)

// Scopes of OpenID Connect.
const (
	scopeOpenID  = "openid"
	scopeProfile = "profile"
	scopeEmail   = "email"
	scopeOffline = "offline_access"
)

// Scopes of the My Account API.
const (
	scopeCreateMethods = "create:me:authentication_methods"
	scopeReadMethods   = "read:me:authentication_methods"
	scopeUpdateMethods = "update:me:authentication_methods"
	scopeDeleteMethods = "delete:me:authentication_methods"
)

// defaultScope is what an application gets that asks for nothing.
const defaultScope = scopeOpenID + " " + scopeProfile + " " + scopeEmail

// want is what tokens are asked for.
type want struct {
	scopes   []string
	audience string // "" for none but /userinfo
}

func (w want) has(scope string) bool { return slices.Contains(w.scopes, scope) }
func (w want) scope() string         { return strings.Join(w.scopes, " ") }

// wanted reads what tokens a user is asked to give. Scopes that the audience does not
// know are left out, as RFC 6749 §3.3 allows.
func (v *visit) wanted(scope, audience string) (want, error) {
	known := []string{scopeOpenID, scopeProfile, scopeEmail, scopeOffline}
	own := false
	switch {
	case audience == "" || audience == v.at.audienceUserinfo():
		audience = ""
	case audience == v.at.audienceSelfService():
		known = append(known, scopeCreateMethods, scopeReadMethods, scopeUpdateMethods, scopeDeleteMethods)
	case audience == v.at.audienceFactors():
		known = append(known, scopeEnroll, scopeReadFactor, scopeDropFactor)
	case slices.Contains(v.app.Audiences, audience):
		own = true // an API of the application's own knows its scopes itself
	default:
		return want{}, &apiProblem{status: http.StatusForbidden, code: codeAccessDenied, text: "Service not found: " + printable.Line(audience)}
	}
	if scope == "" {
		scope = defaultScope
	}
	w := want{audience: audience}
	for _, s := range strings.Fields(scope) {
		if !slices.Contains(w.scopes, s) && (slices.Contains(known, s) || own && validScope(s)) {
			w.scopes = append(w.scopes, s)
		}
	}
	return w, nil
}

// validScope is scope-token of RFC 6749 §3.3, but no longer than is sensible.
func validScope(s string) bool {
	const longest = 280
	return len(s) <= longest && !strings.ContainsFunc(s, func(r rune) bool { return r < '!' || r > '~' || r == '"' || r == '\\' })
}

// occasion is what a login leaves in its tokens.
type occasion struct {
	authenticated time.Time
	nonce         string
	family        string // of refresh tokens; "" begins a new one
	keepsRefresh  bool   // the application has a refresh token and goes on using it
	spent         *want  // what the refresh token that this one comes after was good for
	multiFactor   bool   // the user has shown a second factor on the pages just now
}

// tokenAnswer is the answer of POST /oauth/token (RFC 6749 §5.1).
type tokenAnswer struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token,omitempty"`
	IDToken      string `json:"id_token,omitempty"`
	Scope        string `json:"scope,omitempty"`
	ExpiresIn    int    `json:"expires_in"`
	TokenType    string `json:"token_type"`
}

// giveTokens answers with tokens for a user.
func (v *visit) giveTokens(u store.User, w want, from occasion) error {
	answer, err := v.makeTokens(u, w, from)
	if err != nil {
		return err
	}
	return v.answer(http.StatusOK, answer)
}

func (v *visit) makeTokens(u store.User, w want, from occasion) (answer tokenAnswer, err error) {
	if answer, err = v.accessToken(u.ID, w, from.authenticated); err != nil {
		return answer, err
	}
	if w.has(scopeOpenID) {
		if answer.IDToken, err = v.identityToken(u, w, from); err != nil {
			return answer, err
		}
	}
	lasting := w
	if from.spent != nil { // the next is good for the same (RFC 6749 §6)
		lasting = *from.spent
	}
	if lasting.has(scopeOffline) && !from.keepsRefresh && v.app.may(GrantRefreshToken) {
		answer.RefreshToken, err = v.refreshToken(u, lasting, from)
	}
	return answer, err
}

// accessToken makes a token for the audience, and for /userinfo where the scope says
// openid. One for the My Account API says when its user logged in.
func (v *visit) accessToken(subject string, w want, authenticated time.Time) (tokenAnswer, error) {
	var audience []string
	if w.audience != "" {
		audience = append(audience, w.audience)
	}
	if w.has(scopeOpenID) || w.audience == "" {
		audience = append(audience, v.at.audienceUserinfo())
	}
	lifetime := accessLifetime
	if w.audience == v.at.audienceSelfService() || w.audience == v.at.audienceFactors() {
		lifetime = selfServiceLifetime
	}
	id, err := v.site.drawToken() // so that no two tokens are the same (RFC 9068 §2.2)
	if err != nil {
		return tokenAnswer{}, err
	}
	claims := map[string]any{
		"iss": v.at.issuer(), "sub": subject, "aud": audience, "azp": v.app.ID, "scope": w.scope(),
		"iat": v.now.Unix(), "exp": v.now.Add(lifetime).Unix(), "jti": id,
	}
	if w.audience == v.at.audienceSelfService() {
		claims["auth_time"] = authenticated.Unix()
	}
	signed, err := v.sign(claims)
	return tokenAnswer{AccessToken: signed, Scope: w.scope(), ExpiresIn: int(lifetime / time.Second), TokenType: "Bearer"}, err
}

// identityToken says who logged in (OpenID Connect Core 1.0 §2).
func (v *visit) identityToken(u store.User, w want, from occasion) (string, error) {
	claims, err := v.userClaims(u, w)
	if err != nil {
		return "", err
	}
	claims["iss"] = v.at.issuer()
	claims["aud"] = v.app.ID
	claims["iat"] = v.now.Unix()
	claims["exp"] = v.now.Add(identityLifetime).Unix()
	claims["auth_time"] = from.authenticated.Unix()
	if from.multiFactor {
		claims["acr"], claims["amr"] = acrMultiFactor, []string{"mfa"}
	}
	if from.nonce != "" {
		claims["nonce"] = from.nonce
	}
	return v.sign(claims)
}

// userClaims are the claims about a user that a scope gives (OpenID Connect Core 1.0
// §5.4).
func (v *visit) userClaims(u store.User, w want) (map[string]any, error) {
	claims := map[string]any{"sub": u.ID}
	p, err := profileOf(u)
	if err != nil {
		return nil, err
	}
	if w.has(scopeEmail) && u.Email != "" {
		claims["email"], claims["email_verified"] = u.Email, false
	}
	if !w.has(scopeProfile) {
		return claims, nil
	}
	claims["name"] = nameOf(u)
	claims["nickname"], _, _ = strings.Cut(nameOf(u), "@")
	claims["updated_at"] = u.Created.Format(time.RFC3339)
	for name, value := range map[string]string{
		"name": p.Name, "given_name": p.GivenName, "family_name": p.FamilyName, "nickname": p.Nickname, "picture": p.Picture,
	} {
		if value != "" {
			claims[name] = value
		}
	}
	return claims, nil
}

func (v *visit) sign(claims map[string]any) (string, error) {
	signer, err := v.site.signer()
	if err != nil {
		return "", err
	}
	return signer.Sign(claims)
}

// refreshToken makes a right to get the same tokens again.
func (v *visit) refreshToken(u store.User, w want, from occasion) (string, error) {
	secret, err := v.site.drawToken()
	if err != nil {
		return "", err
	}
	family := from.family
	if family == "" {
		if family, err = v.site.drawToken(); err != nil {
			return "", err
		}
	}
	next := store.RefreshToken{
		Hash: hashSecret(secret), Family: family, UserID: u.ID, ClientID: v.app.ID, Scope: w.scope(), Audience: w.audience,
		Authenticated: from.authenticated, Expires: v.now.Add(refreshLifetime),
	}
	err = v.site.store.Update(func(tx *store.Tx) error {
		if from.spent != nil {
			return errors.Join(tx.InsertRefreshSuccessor(next), tx.SweepRefreshTokens(v.now, mostSwept))
		}
		return errors.Join(tx.InsertRefreshToken(next), tx.SweepRefreshTokens(v.now, mostSwept))
	})
	if errors.Is(err, store.ErrNotFound) { // somebody used the one before a second time
		err = invalidGrant("Unknown or invalid refresh token.")
	}
	return secret, err
}

// mostSwept bounds how many expired rows are deleted whenever a new one comes, which is
// more than come.
const mostSwept = 16

// hashSecret is the form in which secrets are stored, so that a copy of the database
// opens no account.
func hashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

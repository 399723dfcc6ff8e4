package relyingparty

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// verifierForm is code_verifier (RFC 7636 §4.1).
var verifierForm = regexp.MustCompile(`^[A-Za-z0-9._~-]{43,128}$`)

// grantCodeExchange gives tokens for a code (RFC 6749 §4.1.3).
func grantCodeExchange(v *visit, asked tokenRequest) error {
	if asked.Code == "" || asked.RedirectURI == "" {
		return badRequest("code and redirect_uri are required")
	}
	granted, known := v.site.codes.get(asked.Code)
	if !known {
		return v.exchangeFailed(EventExchangeCodeFailed, subject{}, invalidCode())
	}
	answer, err := v.exchangeCode(granted, asked)
	if err != nil {
		return err
	}
	return v.answer(http.StatusOK, answer)
}

// exchangeCode makes the tokens that a code stands for. A second exchange of the same
// code waits for the first, and then finds all that it was given.
func (v *visit) exchangeCode(granted *grantedCode, asked tokenRequest) (answer tokenAnswer, err error) {
	granted.mu.Lock()
	defer granted.mu.Unlock()
	if err := v.spend(granted, asked); err != nil {
		return answer, v.exchangeFailed(EventExchangeCodeFailed, subject{}, err)
	}
	u, err := v.site.store.UserByID(granted.userID)
	if errors.Is(err, store.ErrNotFound) {
		return answer, v.exchangeFailed(EventExchangeCodeFailed, subject{}, invalidGrant("The account does not exist any more."))
	}
	if err != nil {
		return answer, err
	}
	if granted.authenticated.Before(u.SessionsEnded) {
		return answer, v.exchangeFailed(EventExchangeCodeFailed, subjectOf(u), invalidGrant("The login that the code is of has ended."))
	}
	answer, err = v.makeTokens(u, granted.want, occasion{authenticated: granted.authenticated, nonce: granted.nonce, family: granted.family, multiFactor: granted.multiFactor})
	if err != nil {
		return answer, err
	}
	granted.access = answer.AccessToken
	return answer, v.record(EventExchangeCode, subjectOf(u), Details{})
}

func invalidCode() *apiProblem { return invalidGrant("Invalid authorization code") }

// spend uses a code up. One that comes a second time was stolen, by whoever came
// first or now: what the first one got is taken back (RFC 6749 §4.1.2).
func (v *visit) spend(granted *grantedCode, asked tokenRequest) error {
	if granted.spent {
		if err := v.takeBack(granted); err != nil {
			return err
		}
		return invalidCode()
	}
	granted.spent = true
	switch {
	case granted.app.ID != v.app.ID || v.now.After(granted.expires):
		return invalidCode()
	case granted.redirectURI != asked.RedirectURI:
		return invalidGrant("The redirect URI is wrong.")
	case !granted.proves(asked.CodeVerifier):
		return invalidGrant("Failed to verify code verifier")
	}
	return nil
}

// takeBack ends what a code gave: its refresh tokens, and its access token at the
// site's own APIs. Other APIs read the token without asking the site.
func (v *visit) takeBack(granted *grantedCode) error {
	if granted.access != "" {
		v.site.takenBack.put(string(hashSecret(granted.access)), struct{}{})
	}
	return v.site.store.Update(func(tx *store.Tx) error { return tx.DeleteRefreshFamily(granted.family) })
}

// proves holds a verifier to the challenge (RFC 7636 §4.6). Where there was no
// challenge there may be no verifier: somebody could have taken the challenge away
// (RFC 9700 §4.8.2).
func (g *grantedCode) proves(verifier string) bool {
	if g.challenge == "" {
		return verifier == ""
	}
	sum := sha256.Sum256([]byte(verifier))
	return verifierForm.MatchString(verifier) && subtle.ConstantTimeCompare([]byte(encode(sum[:])), []byte(g.challenge)) == 1
}

// exchangeFailed logs an exchange that gave no tokens and hands the problem on.
func (v *visit) exchangeFailed(t EventType, who subject, err error) error {
	var p *apiProblem
	if !errors.As(err, &p) {
		return err
	}
	if err := v.record(t, who, Details{Error: p.details()}); err != nil {
		return err
	}
	return p
}

// grantRefresh gives tokens for a refresh token (RFC 6749 §6).
func grantRefresh(v *visit, asked tokenRequest) error {
	if asked.RefreshToken == "" {
		return badRequest("refresh_token is required")
	}
	held, u, err := v.findRefreshToken(asked.RefreshToken)
	if err != nil {
		return err
	}
	if !held.Used.IsZero() { // also where the application has come to keep a secret since
		return v.refreshReused(held, u)
	}
	w := want{scopes: strings.Fields(held.Scope), audience: held.Audience}
	if asked.Scope != "" {
		narrowed := strings.Fields(asked.Scope)
		if slices.ContainsFunc(narrowed, func(s string) bool { return !w.has(s) }) {
			return v.exchangeFailed(EventExchangeRefreshFailed, subjectOf(u),
				&apiProblem{status: http.StatusBadRequest, code: codeInvalidScope, text: "The refresh token was not given all of these scopes."})
		}
		w.scopes = narrowed
	}
	from := occasion{authenticated: held.Authenticated, family: held.Family, keepsRefresh: !v.app.public()}
	if v.app.public() {
		if err := v.rotate(held, u); err != nil {
			return err
		}
		from.spent = &want{scopes: strings.Fields(held.Scope), audience: held.Audience}
	}
	answer, err := v.makeTokens(u, w, from)
	if err != nil {
		return err
	}
	if err := v.record(EventExchangeRefresh, subjectOf(u), Details{}); err != nil {
		return err
	}
	return v.answer(http.StatusOK, answer)
}

func (v *visit) findRefreshToken(secret string) (held store.RefreshToken, u store.User, err error) {
	refused := invalidGrant("Unknown or invalid refresh token.")
	held, err = v.site.store.RefreshToken(hashSecret(secret))
	switch {
	case errors.Is(err, store.ErrNotFound):
		return held, u, v.exchangeFailed(EventExchangeRefreshFailed, subject{}, refused)
	case err != nil:
		return held, u, err
	case held.ClientID != v.app.ID || v.now.After(held.Expires):
		return held, u, v.exchangeFailed(EventExchangeRefreshFailed, subject{}, refused)
	}
	u, err = v.site.store.UserByID(held.UserID)
	if err == nil && held.Authenticated.Before(u.SessionsEnded) { // it was made while all others were deleted
		err = v.exchangeFailed(EventExchangeRefreshFailed, subjectOf(u), refused)
	}
	return held, u, err
}

// rotate uses a refresh token up, as those of public clients are (RFC 9700 §4.14.2). One
// that was used before takes its whole family with it.
func (v *visit) rotate(held store.RefreshToken, u store.User) error {
	err := v.site.store.Update(func(tx *store.Tx) error { return tx.SpendRefreshToken(held.Hash, v.now) })
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return v.refreshReused(held, u)
}

// refreshReused takes a family back of which a token came that was used up before.
func (v *visit) refreshReused(held store.RefreshToken, u store.User) error {
	if err := v.site.store.Update(func(tx *store.Tx) error { return tx.DeleteRefreshFamily(held.Family) }); err != nil {
		return err
	}
	return v.exchangeFailed(EventRefreshReused, subjectOf(u), invalidGrant("Unknown or invalid refresh token."))
}

// revokeRequest is the body of POST /oauth/revoke (RFC 7009 §2.1).
type revokeRequest struct {
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	Token        string `json:"token"`
}

// revoke takes a refresh token back, with all that came of the same login. A token that
// is not known is as good as taken back (RFC 7009 §2.2).
func revoke(v *visit) error {
	var asked revokeRequest
	if err := v.decodeAPI(&asked); err != nil {
		return err
	}
	if err := v.authenticate(asked.ClientID, asked.ClientSecret); err != nil {
		return err
	}
	if asked.Token == "" {
		return badRequest("token is required")
	}
	held, err := v.site.store.RefreshToken(hashSecret(asked.Token))
	switch {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return err
	case held.ClientID == v.app.ID:
		if err := v.site.store.Update(func(tx *store.Tx) error { return tx.DeleteRefreshFamily(held.Family) }); err != nil {
			return err
		}
	}
	return v.answer(http.StatusOK, struct{}{})
}

// userinfo says who an access token speaks for (OpenID Connect Core 1.0 §5.3).
func userinfo(v *visit) error {
	u, access, err := v.bearer(v.at.audienceUserinfo(), scopeOpenID)
	if err != nil {
		return err
	}
	claims, err := v.userClaims(u, want{scopes: strings.Fields(access.Scope)})
	if err != nil {
		return err
	}
	return v.answer(http.StatusOK, claims)
}

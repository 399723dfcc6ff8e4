package relyingparty

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/internal/totp"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// The MFA API lets an application ask for second factors with its own screens. A login
// that takes one is answered with an mfa_token, which stands for it until a grant of
// mfagrant.go completes it.

const pathAuthenticators = "/mfa/authenticators"

// Scopes of the MFA API.
const (
	scopeEnroll     = "enroll"
	scopeReadFactor = "read:authenticators"
	scopeDropFactor = "remove:authenticators"
)

// Codes of the MFA API.
const (
	codeMFARequired         = "mfa_required"
	codeExpiredToken        = "expired_token"
	codeAssociationRequired = "association_required"
	codeUnsupportedFactor   = "unsupported_challenge_type"
)

// mfaRequired is how POST /oauth/token asks for a second factor.
type mfaRequired struct {
	Error        string          `json:"error"`
	Description  string          `json:"error_description"`
	Token        string          `json:"mfa_token"`
	Requirements mfaRequirements `json:"mfa_requirements"`
}

// mfaRequirements are the factors that the account has, or else those that it can get.
type mfaRequirements struct {
	Challenge []factorType `json:"challenge,omitempty"`
	Enroll    []factorType `json:"enroll,omitempty"`
}

type factorType struct {
	Type factorKind `json:"type"`
}

// requireFactor answers a right first factor of a program with what it needs for the
// second one.
func (v *visit) requireFactor(first firstFactor, wanted want) error {
	s := v.newStepUp(first)
	s.app, s.want = v.app, wanted
	var err error
	if s.token, err = v.site.drawToken(); err != nil {
		return err
	}
	all, err := v.factorsOf(first.user, true)
	if err != nil {
		return err
	}
	needs := mfaRequirements{}
	for _, f := range all {
		needs.Challenge = append(needs.Challenge, factorType{f.kind})
	}
	if all == nil {
		needs.Enroll = []factorType{{factorOTP}, {factorEmail}}
	}
	v.site.stepUps.put(s.token, s)
	return v.answer(http.StatusForbidden, mfaRequired{codeMFARequired, "Multifactor authentication required", s.token, needs})
}

// needsFactor reports whether a program gets tokens for a first factor only with a second
// one. For the MFA API whoever has one needs it, whatever the policy.
func (v *visit) needsFactor(first firstFactor, wanted want) (bool, error) {
	if v.wantsSecond(first) {
		return true, nil
	}
	if wanted.audience != v.at.audienceFactors() {
		return false, nil
	}
	all, err := v.factorsOf(first.user, true)
	return len(all) > 0, err
}

func malformedStepUp() *apiProblem {
	return &apiProblem{status: http.StatusUnauthorized, code: codeInvalidGrant, text: "Malformed mfa_token"}
}

// withStepUpOf finds what an mfa_token stands for and holds it while h looks at it.
func (v *visit) withStepUpOf(token string, h func(*stepUp, store.User) error) error {
	s, ok := v.site.stepUps.get(token)
	if !ok || token == "" {
		return malformedStepUp()
	}
	if v.app == nil { // a bearer names no application
		v.app = s.app
	}
	if v.app != s.app {
		return malformedStepUp()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := v.site.store.UserByID(s.userID)
	switch {
	case errors.Is(err, store.ErrNotFound) || err == nil && s.over:
		return malformedStepUp()
	case err != nil:
		return err
	case !s.live(u, v.now):
		return &apiProblem{status: http.StatusUnauthorized, code: codeExpiredToken, text: "mfa_token is expired"}
	}
	return h(s, u)
}

// withFactorToken reads the bearer token of the MFA API: an mfa_token, or an access token
// with a scope. Only the former brings a stepUp along.
func (v *visit) withFactorToken(scope string, h func(*stepUp, store.User) error) error {
	token := v.bearerToken()
	if s, ok := v.site.stepUps.get(token); ok && s.first != nil {
		return v.withStepUpOf(token, h)
	}
	u, access, err := v.bearer(v.at.audienceFactors(), scope)
	if err != nil {
		return err
	}
	v.scopes = strings.Fields(access.Scope)
	return h(nil, u)
}

// authenticatorJSON is a second factor in the MFA API.
type authenticatorJSON struct {
	ID      string `json:"id"`
	Type    string `json:"authenticator_type"`
	Active  bool   `json:"active"`
	Channel string `json:"oob_channel,omitempty"`
	Name    string `json:"name,omitempty"`
}

func authenticatorJSONOf(a store.Authenticator) authenticatorJSON {
	out := authenticatorJSON{ID: a.ID, Type: string(a.Type), Active: true}
	if a.Type == store.AuthenticatorEmail {
		out.Type, out.Channel, out.Name = challengeOOB, string(a.Type), a.Address
	}
	return out
}

func listAuthenticators(v *visit) error {
	return v.withFactorToken(scopeReadFactor, func(_ *stepUp, u store.User) error {
		held, err := v.site.store.Authenticators(u.ID)
		if err != nil {
			return err
		}
		all := make([]authenticatorJSON, len(held))
		for i, a := range held {
			all[i] = authenticatorJSONOf(a)
		}
		return v.answer(http.StatusOK, all)
	})
}

// deleteAuthenticator takes an access token alone: an mfa_token is there before the second
// factor.
func deleteAuthenticator(v *visit) error {
	return v.withFactorToken(scopeDropFactor, func(s *stepUp, u store.User) error {
		if s != nil {
			return &apiProblem{status: http.StatusForbidden, code: codeInsufficientScope, text: "Insufficient scope, expected: " + scopeDropFactor}
		}
		err := v.site.store.Update(func(tx *store.Tx) error { return v.removeAuthenticator(tx, u, v.r.PathValue("id")) })
		if errors.Is(err, store.ErrNotFound) {
			return &apiProblem{status: http.StatusNotFound, code: codeNotFound, text: "The authenticator does not exist."}
		}
		if err != nil {
			return err
		}
		return v.noContent()
	})
}

// removeAuthenticator removes a second factor of an account, with its log line.
func (v *visit) removeAuthenticator(tx *store.Tx, u store.User, id string) error {
	if err := tx.DeleteAuthenticator(u.ID, id); err != nil {
		return err
	}
	prefix, _, _ := strings.Cut(id, "|")
	kind := prefix
	if prefix == "totp" {
		kind = string(factorOTP)
	}
	return tx.InsertEvent(v.event(EventPasskeyRemoved, subjectOf(u), Details{Authenticator: &AuthenticatorDetails{Type: kind, ID: id}}))
}

// associateRequest is the body of POST /mfa/associate.
type associateRequest struct {
	ClientID     string   `json:"client_id"`
	ClientSecret string   `json:"client_secret"`
	Types        []string `json:"authenticator_types"`
	Channels     []string `json:"oob_channels"`
	Email        string   `json:"email"`
}

// associated is its answer.
type associated struct {
	Type          string   `json:"authenticator_type"`
	ID            string   `json:"id"`
	Secret        string   `json:"secret,omitempty"`
	URI           string   `json:"barcode_uri,omitempty"`
	OOBCode       string   `json:"oob_code,omitempty"`
	Binding       string   `json:"binding_method,omitempty"`
	Channel       string   `json:"oob_channel,omitempty"`
	RecoveryCodes []string `json:"recovery_codes,omitempty"`
}

// Types of challenges, and how the answer to one by mail is bound to it.
const (
	challengeOTP  = "otp"
	challengeOOB  = "oob"
	bindingPrompt = "prompt"
)

// associate begins to add a second factor: with the mfa_token the first one of an account,
// with an access token any.
func associate(v *visit) error {
	var asked associateRequest
	if err := v.decodeAPI(&asked); err != nil {
		return err
	}
	if asked.ClientID != "" || asked.ClientSecret != "" {
		if err := v.authenticate(asked.ClientID, asked.ClientSecret); err != nil {
			return err
		}
	}
	return v.withFactorToken(scopeEnroll, func(s *stepUp, u store.User) error {
		if s == nil {
			s = v.addition(u)
			defer s.mu.Unlock()
		} else if all, err := v.factorsOf(u, true); err != nil {
			return err
		} else if len(all) > 0 {
			return &apiProblem{status: http.StatusForbidden, code: codeAccessDenied, text: "User is already enrolled."}
		}
		switch {
		case slices.Equal(asked.Types, []string{challengeOTP}):
			return v.associateOTP(s, u)
		case slices.Equal(asked.Types, []string{challengeOOB}) && slices.Equal(asked.Channels, []string{string(factorEmail)}):
			return v.associateEmail(s, u, asked.Email)
		}
		return badRequest(`authenticator_types must be ["otp"], or ["oob"] with oob_channels ["email"]`)
	})
}

// addition makes the access token of a request stand for a factor to be added, as an
// mfa_token would; what comes of it is good for the same and no more. It is held for the
// caller.
func (v *visit) addition(u store.User) *stepUp {
	s := v.newStepUp(firstFactor{user: u})
	s.first, s.app, s.token = nil, v.app, v.bearerToken()
	s.want = want{audience: v.at.audienceFactors(), scopes: v.scopes}
	s.mu.Lock()
	v.site.stepUps.put(s.token, s)
	return s
}

func (v *visit) associateOTP(s *stepUp, u store.User) error {
	if err := v.enrolOTP(s, u); err != nil {
		return err
	}
	return v.answer(http.StatusOK, associated{
		Type: challengeOTP, ID: s.enrolling.ID, Secret: totp.Text(s.enrolling.Secret),
		URI: totp.URI(v.site.config.Company, nameOf(u), s.enrolling.Secret), RecoveryCodes: s.recoveryCodes(),
	})
}

// associateEmail takes another address than the user's own as the product does.
func (v *visit) associateEmail(s *stepUp, u store.User, address string) error {
	if address == "" {
		address = u.Email
	}
	if !validEmail(address) {
		return badRequest("email is required")
	}
	if err := v.enrolEmail(s, u, address); err != nil {
		return err
	}
	return v.answer(http.StatusOK, associated{
		Type: challengeOOB, ID: s.enrolling.ID, OOBCode: s.mailed.name, Binding: bindingPrompt, Channel: string(factorEmail),
		RecoveryCodes: s.recoveryCodes(),
	})
}

func (s *stepUp) recoveryCodes() []string {
	if s.recovery == "" {
		return nil
	}
	return []string{s.recovery}
}

// challengeRequest is the body of POST /mfa/challenge.
type challengeRequest struct {
	ClientID        string `json:"client_id"`
	ClientSecret    string `json:"client_secret"`
	Token           string `json:"mfa_token"`
	ChallengeType   string `json:"challenge_type"` // types with spaces between them; "" for any
	AuthenticatorID string `json:"authenticator_id"`
}

// challenged is its answer.
type challenged struct {
	ChallengeType string `json:"challenge_type"`
	OOBCode       string `json:"oob_code,omitempty"`
	Binding       string `json:"binding_method,omitempty"`
}

func challengeFactor(v *visit) error {
	var asked challengeRequest
	if err := v.decodeAPI(&asked); err != nil {
		return err
	}
	if err := v.authenticate(asked.ClientID, asked.ClientSecret); err != nil {
		return err
	}
	if asked.Token == "" {
		return badRequest("mfa_token is required")
	}
	return v.withStepUpOf(asked.Token, func(s *stepUp, u store.User) error {
		a, kind, err := v.pickFactor(u, asked)
		if err != nil {
			return err
		}
		return v.challenge(s, u, a, kind)
	})
}

// pickFactor is the first of the account's factors that the application can ask for.
func (v *visit) pickFactor(u store.User, asked challengeRequest) (a store.Authenticator, kind factorKind, err error) {
	all, err := v.factorsOf(u, true)
	if err != nil {
		return a, "", err
	}
	if len(all) == 0 {
		return a, "", &apiProblem{status: http.StatusBadRequest, code: codeAssociationRequired, text: "The user has no second factor yet."}
	}
	takes := strings.Fields(asked.ChallengeType)
	if len(takes) == 0 {
		takes = []string{challengeOTP, challengeOOB}
	}
	for _, f := range all {
		of := map[factorKind]string{factorOTP: challengeOTP, factorEmail: challengeOOB}[f.kind]
		for _, a := range f.authenticators {
			if slices.Contains(takes, of) && (asked.AuthenticatorID == "" || asked.AuthenticatorID == a.ID) {
				return a, f.kind, nil
			}
		}
	}
	return a, "", &apiProblem{status: http.StatusBadRequest, code: codeUnsupportedFactor, text: "The user has no second factor of the types that were asked for."}
}

func (v *visit) challenge(s *stepUp, u store.User, a store.Authenticator, kind factorKind) error {
	if err := v.factorAsked(s, u, detailsOf(a)); err != nil {
		return err
	}
	if kind == factorOTP {
		return v.answer(http.StatusOK, challenged{ChallengeType: challengeOTP})
	}
	if err := v.mailCode(s, u, a); err != nil {
		return err
	}
	return v.answer(http.StatusOK, challenged{ChallengeType: challengeOOB, OOBCode: s.mailed.name, Binding: bindingPrompt})
}

// factorAsked logs that a user is asked for a factor.
func (v *visit) factorAsked(s *stepUp, u store.User, a AuthenticatorDetails) error {
	s.asked = v.now
	return v.record(EventFactorAsked, subjectOf(u), Details{Authenticator: &a})
}

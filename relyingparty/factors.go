package relyingparty

import (
	"crypto/subtle"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/passkeylab/passkeylab/internal/totp"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// factorKind is a kind of second factor, as the log and the APIs name it.
type factorKind string

const (
	factorPlatform     factorKind = "webauthn-platform" // a passkey of the user's, after a password
	factorRoaming      factorKind = "webauthn-roaming"
	factorOTP          factorKind = "otp"
	factorEmail        factorKind = "email"
	factorRecoveryCode factorKind = "recovery-code"
)

// factor is what an account can be asked for.
type factor struct {
	kind           factorKind
	authenticators []store.Authenticator
	passkeys       []store.Passkey
}

// factorsOf lists what an account can be asked for after its first factor, the safest
// first. A passkey is no second factor after a passkey.
func (v *visit) factorsOf(u store.User, afterPasskey bool) ([]factor, error) {
	var all []factor
	if !afterPasskey && v.policy.Passkeys {
		keys, err := v.site.store.Passkeys(u.ID)
		if err != nil {
			return nil, err
		}
		all = v.passkeyFactors(keys)
	}
	held, err := v.site.store.Authenticators(u.ID)
	if err != nil {
		return nil, err
	}
	for kind, of := range map[factorKind]store.AuthenticatorType{
		factorOTP: store.AuthenticatorOTP, factorEmail: store.AuthenticatorEmail, factorRecoveryCode: store.AuthenticatorRecoveryCode,
	} {
		f := factor{kind: kind}
		for _, a := range held {
			if a.Type == of {
				f.authenticators = append(f.authenticators, a)
			}
		}
		if f.authenticators != nil {
			all = append(all, f)
		}
	}
	slices.SortFunc(all, func(a, b factor) int { return slices.Index(factorKinds, a.kind) - slices.Index(factorKinds, b.kind) })
	return all, nil
}

// factorKinds are all there are, the safest first.
var factorKinds = []factorKind{factorPlatform, factorRoaming, factorOTP, factorEmail, factorRecoveryCode}

// passkeyFactors are a user's passkeys as the screens tell them apart: those of the
// platform, and all others.
func (v *visit) passkeyFactors(keys []store.Passkey) (all []factor) {
	platform, roaming := factor{kind: factorPlatform}, factor{kind: factorRoaming}
	for _, k := range v.usable(keys) {
		if k.Attachment == "platform" {
			platform.passkeys = append(platform.passkeys, k)
		} else {
			roaming.passkeys = append(roaming.passkeys, k)
		}
	}
	for _, f := range []factor{platform, roaming} {
		if f.passkeys != nil {
			all = append(all, f)
		}
	}
	return all
}

// factorOf is the factor of a kind, if the account has it.
func factorOf(all []factor, kind factorKind) (factor, bool) {
	i := slices.IndexFunc(all, func(f factor) bool { return f.kind == kind })
	if i < 0 {
		return factor{kind: kind}, false
	}
	return all[i], true
}

// stepUpFactor is a factor that the account of a login can be asked for.
func (v *visit) stepUpFactor(s *stepUp, u store.User, kind factorKind) (factor, bool, error) {
	all, err := v.factorsOf(u, s.first != nil && s.first.passkey)
	f, ok := factorOf(all, kind)
	return f, ok, err
}

// verifyOTP holds a code to the app that is being enrolled, or to those that are.
func (v *visit) verifyOTP(s *stepUp, u store.User, code string) (secondFactor, error) {
	if err := v.takeFactorError(u, EventFactorLimited); err != nil {
		return secondFactor{}, err
	}
	if a := s.enrolling; a != nil && a.Type == store.AuthenticatorOTP {
		step, ok := totp.Match(a.Secret, code, v.now, 0)
		if !ok {
			return secondFactor{}, v.factorFailed(u, factorOTP, "")
		}
		a.UsedStep = step
		return v.enrolled(s, u)
	}
	f, _, err := v.stepUpFactor(s, u, factorOTP)
	if err != nil {
		return secondFactor{}, err
	}
	for _, a := range f.authenticators {
		if step, ok := totp.Match(a.Secret, code, v.now, a.UsedStep); ok {
			return secondFactor{authenticator: detailsOf(a), keep: func(tx *store.Tx) error { return tx.UseStep(a.ID, step, v.now) }}, nil
		}
	}
	return secondFactor{}, v.factorFailed(u, factorOTP, "")
}

// verifyMailed holds a code to the last that was mailed.
func (v *visit) verifyMailed(s *stepUp, u store.User, code string) (secondFactor, error) {
	if err := v.takeFactorError(u, EventFactorLimited); err != nil {
		return secondFactor{}, err
	}
	m := s.mailed
	if m == nil || v.now.After(m.expires) || subtle.ConstantTimeCompare([]byte(m.code), []byte(code)) != 1 {
		return secondFactor{}, v.factorFailed(u, factorEmail, "")
	}
	if a := s.enrolling; a != nil && a.ID == m.to.ID {
		return v.enrolled(s, u)
	}
	return secondFactor{authenticator: detailsOf(m.to), keep: func(tx *store.Tx) error { return tx.UseAuthenticator(m.to.ID, v.now) }}, nil
}

// verifyRecovery uses a recovery code up, and makes the one that takes its place.
func (v *visit) verifyRecovery(s *stepUp, u store.User, code string) (secondFactor, error) {
	if err := v.takeFactorError(u, EventRecoveryLimited); err != nil {
		return secondFactor{}, err
	}
	f, _, err := v.stepUpFactor(s, u, factorRecoveryCode)
	if err != nil {
		return secondFactor{}, err
	}
	used := hashSecret(plainRecoveryCode(code))
	for _, a := range f.authenticators {
		if subtle.ConstantTimeCompare(a.Secret, used) != 1 {
			continue
		}
		next, err := v.site.drawRecoveryCode()
		if err != nil {
			return secondFactor{}, err
		}
		return secondFactor{authenticator: detailsOf(a), recovery: next, keep: func(tx *store.Tx) error {
			return tx.ReplaceSecret(a.ID, used, hashSecret(next), v.now)
		}}, nil
	}
	return secondFactor{}, v.factorFailed(u, factorRecoveryCode, "")
}

// passFactor completes a login with a factor that was right. One that somebody else has
// used up in between is a wrong one.
func (v *visit) passFactor(s *stepUp, u store.User, second secondFactor) error {
	err := v.complete(s, u, second)
	if errors.Is(err, store.ErrNotFound) {
		return v.factorFailed(u, factorKind(second.authenticator.Type), second.authenticator.ID)
	}
	return err
}

// takeFactorError bounds how often codes are tried for an account.
func (v *visit) takeFactorError(u store.User, limited EventType) error {
	use := v.site.factorErrors.take(u.ID, v.now)
	if use.allowed {
		return nil
	}
	p := fail(problemTooManyCodes)
	if use.first {
		if err := v.record(limited, subjectOf(u), Details{Error: p.details()}); err != nil {
			return err
		}
	}
	return p
}

// factorFailed logs a wrong code and hands the problem on.
func (v *visit) factorFailed(u store.User, kind factorKind, id string) error {
	failed := EventFactorFailed
	if kind == factorRecoveryCode {
		failed = EventRecoveryFailed
	}
	p := fail(problemWrongCode)
	if err := v.record(failed, subjectOf(u), Details{Authenticator: &AuthenticatorDetails{Type: string(kind), ID: id}, Error: p.details()}); err != nil {
		return err
	}
	return p
}

func detailsOf(a store.Authenticator) AuthenticatorDetails {
	return AuthenticatorDetails{Type: string(a.Type), ID: a.ID}
}

// plainRecoveryCode is a recovery code without what people put between its characters.
func plainRecoveryCode(typed string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(typed))
}

// recoveryAlphabet has 32 characters, none of which looks like another.
const recoveryAlphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"

// recoveryCodeSize is the length of a recovery code, which comes to 120 bits.
const recoveryCodeSize = 24

func (s *Site) drawRecoveryCode() (string, error) {
	drawn, err := s.draw(recoveryCodeSize)
	for i, b := range drawn {
		drawn[i] = recoveryAlphabet[int(b)%len(recoveryAlphabet)]
	}
	return string(drawn), err
}

// mailedCode is a code on its way to its user.
type mailedCode struct {
	code    string
	name    string // under which a program knows it
	to      store.Authenticator
	expires time.Time
}

package authenticator

import (
	"fmt"
	"io"
	"time"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
	"github.com/passkeylab/passkeylab/webauthn"
)

// token is the pinUvAuthToken with its state variables (CTAP 2.3 §6.5.2.1). The
// text gives each protocol one, but granting one resets them all, so there is
// never more than one that anybody knows.
type token struct {
	serial   uint64 // tells tokens apart
	protocol pinuv.Protocol
	value    [tokenSize]byte

	inUse        bool
	permissions  ctap.Permissions
	rpID         *string // permissions RP ID; nil = null
	userVerified bool
	userPresent  bool
	method       uint64 // by which the user was verified for it

	initialLimit time.Duration // also the user present time limit
	begun        time.Time
	used         bool
}

// tokenSize is how long a pinUvAuthToken is, in bytes (§6.5.6, §6.5.7).
const tokenSize = 32

// Time limits of a token (§6.5.2.1).
const (
	initialUsageLimit    = 30 * time.Second
	initialUsageLimitNFC = 19800 * time.Millisecond
	maxUsagePeriod       = 600 * time.Second
)

func initialLimit(transport string) time.Duration {
	if transport == webauthn.TransportNFC {
		return initialUsageLimitNFC
	}
	return initialUsageLimit
}

// begin is resetPinUvAuthToken() for every protocol and then
// beginUsingPinUvAuthToken(present) (§6.5.3).
func (t *token) begin(random io.Reader, p pinuv.Protocol, now time.Time, limit time.Duration, present bool) error {
	next := token{
		serial: t.serial + 1, protocol: p, inUse: true, userVerified: true, userPresent: present, initialLimit: limit, begun: now,
	}
	if _, err := io.ReadFull(random, next.value[:]); err != nil {
		return fmt.Errorf("drawing a pinUvAuthToken: %w", err)
	}
	*t = next
	return nil
}

// TokenRule is a rule that stops a pinUvAuthToken, for one request or for good. The
// set is closed.
type TokenRule int

// The rules (CTAP 2.3 §6.5.2.1, §6.5.4, §6.5.5.7, and what resets a token).
const (
	TokenUnused     TokenRule = iota + 1 // nobody has used it within the initial usage limit
	TokenOld                             // the maximum usage period is over
	TokenGestureOld                      // the gesture that it was got with was too long ago: the user counts as absent
	TokenMAC                             // the pinUvAuthParam was not made with it
	TokenPermission                      // it lacks the permission
	TokenRPID                            // it is for another RP ID
	TokenSpent                           // it has served a ceremony: flags and permissions are cleared
	TokenPINChanged                      // the PIN is another one now
	TokenPINStale                        // the PIN must be changed
	TokenErased                          // the device was reset
	TokenPowerLost                       // the power was off
)

// reset is resetPinUvAuthToken() for every protocol: the value is forgotten, and
// a new one is drawn when somebody is to learn it.
func (t *token) reset() { *t = token{serial: t.serial} }

// end resets the token because of a rule.
func (t *token) end(seams *activeSeams, rule TokenRule) {
	if seams.token(rule, true) {
		t.reset()
	}
}

// observe is the usage timer observer (§6.5.2.1), run whenever somebody looks.
func (t *token) observe(seams *activeSeams, now time.Time) {
	if !t.inUse {
		return
	}
	age := now.Sub(t.begun)
	old, unused := seams.token(TokenOld, age > maxUsagePeriod), seams.token(TokenUnused, !t.used && age > t.initialLimit)
	if old || unused {
		t.reset()
	} else if seams.token(TokenGestureOld, age > t.initialLimit) {
		t.userPresent = false
	}
}

// current reports whether the token is in use.
func (t *token) current(seams *activeSeams, now time.Time) bool {
	t.observe(seams, now)
	return t.inUse
}

// verify is verify() with the token as key (§6.5.4). Only a success is a use.
func (t *token) verify(seams *activeSeams, p pinuv.Protocol, now time.Time, message, param []byte) bool {
	if !t.current(seams, now) || seams.token(TokenMAC, p != t.protocol || !p.Verify(t.value[:], message, param)) {
		return false
	}
	t.used = true
	return true
}

// allows reports whether the token has a permission.
func (t *token) allows(p ctap.Permissions) bool { return t.permissions&p == p }

// bind checks the permissions RP ID, and sets it to rpID where it is null.
func (t *token) bind(rpID string) bool {
	if t.rpID == nil {
		t.rpID = &rpID
	}
	return *t.rpID == rpID
}

// boundTo is the permissions RP ID, "" for null.
func (t *token) boundTo() string {
	if t.rpID == nil {
		return ""
	}
	return *t.rpID
}

// boundElsewhere reports whether the token is for another RP ID than one of
// which only the test is known.
func (t *token) boundElsewhere(is func(rpID string) bool) bool { return t.rpID != nil && !is(*t.rpID) }

// present is getUserPresentFlagValue() (§6.5.3).
func (t *token) present(seams *activeSeams, now time.Time) bool {
	return t.current(seams, now) && t.userPresent
}

// spend is what follows a ceremony with presence: clearUserPresentFlag(),
// clearUserVerifiedFlag() and clearPinUvAuthTokenPermissionsExceptLbw().
func (t *token) spend(seams *activeSeams) {
	if !seams.token(TokenSpent, true) {
		return
	}
	t.userPresent, t.userVerified = false, false
	t.permissions &= ctap.PermissionLargeBlobWrite
}

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

// reset is resetPinUvAuthToken() for every protocol: the value is forgotten, and
// a new one is drawn when somebody is to learn it.
func (t *token) reset() { *t = token{serial: t.serial} }

// observe is the usage timer observer (§6.5.2.1), run whenever somebody looks.
func (t *token) observe(now time.Time) {
	age := now.Sub(t.begun)
	switch {
	case !t.inUse:
	case age > maxUsagePeriod, !t.used && age > t.initialLimit:
		t.reset()
	case age > t.initialLimit:
		t.userPresent = false
	}
}

// current reports whether the token is in use.
func (t *token) current(now time.Time) bool {
	t.observe(now)
	return t.inUse
}

// verify is verify() with the token as key (§6.5.4). Only a success is a use.
func (t *token) verify(p pinuv.Protocol, now time.Time, message, param []byte) bool {
	if !t.current(now) || p != t.protocol || !p.Verify(t.value[:], message, param) {
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

// boundElsewhere reports whether the token is for another RP ID than one of
// which only the test is known.
func (t *token) boundElsewhere(is func(rpID string) bool) bool { return t.rpID != nil && !is(*t.rpID) }

// present is getUserPresentFlagValue() (§6.5.3).
func (t *token) present(now time.Time) bool { return t.current(now) && t.userPresent }

// spend is what follows a ceremony with presence: clearUserPresentFlag(),
// clearUserVerifiedFlag() and clearPinUvAuthTokenPermissionsExceptLbw().
func (t *token) spend() {
	t.userPresent, t.userVerified = false, false
	t.permissions &= ctap.PermissionLargeBlobWrite
}

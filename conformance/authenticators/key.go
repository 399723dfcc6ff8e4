package authenticators

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"time"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/ctap"
)

// key is the device of one case, as the cases speak of it.
type key struct {
	*conformance.Check
	device Device
	rp     string // the relying party of this case alone
	known  *info  // what getInfo said, until something changes that
	line   *line  // where the case speaks CTAPHID itself
	reader *reader
}

// on makes a case's function of one over keys.
func on(run func(*key)) func(*conformance.Check) {
	return func(c *conformance.Check) { run(newKey(c)) }
}

// newKey is the key of a check: the same for its needs and for the case.
func newKey(c *conformance.Check) *key {
	if k, ok := c.Session.(*key); ok {
		return k
	}
	device, ok := c.Subject.(Device)
	if !ok {
		c.Brokenf("the target made a %T, which is no authenticator", c.Subject)
	}
	sum := sha256.Sum256([]byte(c.Name()))
	k := &key{Check: c, device: device, rp: hex.EncodeToString(sum[:6]) + ".example"}
	c.Session = k
	return k
}

// draw returns random bytes.
func (k *key) draw(n int) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(k.Random, b); err != nil {
		k.Brokenf("drawing chance: %v", err)
	}
	return b
}

// The bench. A case that uses one of these names the need for it.

func (k *key) powerCycle() {
	k.Logf("cut the power and restore it")
	if err := k.device.(Power).PowerCycle(k.Context()); err != nil {
		k.Brokenf("the power cycle failed: %v", err)
	}
	k.known = nil
}

func (k *key) user(act Act) {
	k.Logf("from now on the user %s", [...]string{Approve: "approves", Decline: "declines", Ignore: "does nothing"}[act])
	k.told(k.device.(Person).Act(k.Context(), act))
}

// told ends the case where the user could not be told what to do: at a key with one
// button nobody can decline.
func (k *key) told(err error) {
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		k.Unsupportedf("needs a device at which a user can do that: %v", err)
	case err != nil:
		k.Brokenf("the user cannot be told what to do: %v", err)
	}
}

func (k *key) wrongFinger(times int) {
	k.Logf("the next %d verifications fail", times)
	k.told(k.device.(Person).Miss(k.Context(), times))
}

func (k *key) wait(d time.Duration) {
	k.Logf("wait for %v", d)
	if err := k.device.(Clock).Pass(k.Context(), d); err != nil {
		k.Brokenf("time does not pass: %v", err)
	}
}

// cancelled sends a request to a user who does nothing, and cancels it once the
// device waits.
func (k *key) cancelled(r request) answer {
	k.user(Ignore)
	ctx, cancel := context.WithCancel(k.Context())
	defer cancel()
	go func() {
		defer cancel()
		_ = k.device.(Person).AwaitPrompt(ctx) // whatever came of it, the request must end
	}()
	return k.sendWithin(ctx, r.bytes())
}

// tokenFor adds verification by a token to a ceremony, also where the device could
// verify its user without.
func (k *key) tokenFor(r request) request {
	permission := ctap.PermissionGetAssertion
	if r.command == ctap.CommandMakeCredential {
		permission = ctap.PermissionMakeCredential
	}
	return k.token(k.protocol(), permission, rpOf(r)).sign(r)
}

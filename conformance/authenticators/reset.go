package authenticators

import (
	"bytes"
	"time"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

func reset() request { return request{command: ctap.CommandReset, bare: true} }

// resetNow cuts the power, because a device without a display resets only just
// after it came, and resets.
func (k *key) resetNow() {
	k.powerCycle()
	k.expect(k.send(reset()), ctap.OK)
	k.known = nil
}

// resetInUse resets a device that something was asked of since it got its power. Some
// have a reset be the first thing that is asked, and are given that.
func (k *key) resetInUse() {
	if a := k.send(reset()); a.status != ctap.NotAllowed {
		k.expect(a, ctap.OK)
		return
	}
	k.powerCycle()
	k.expect(k.send(reset()), ctap.OK)
}

// resetCases are those of authenticatorReset (§6.6).
func resetCases() []testCase {
	const plain = "reset/plain"
	return []testCase{
		{
			ID: plain, Spec: at("6.6", ""), Level: conformance.Must, Needs: []need{ctap2, power},
			Doc: "A reset just after the power came succeeds, and its answer is the status alone.",
			Run: on(func(k *key) {
				k.powerCycle()
				a := k.send(reset())
				k.expect(a, ctap.OK)
				k.statusAlone(a)
			}),
		},
		{
			ID: "reset/erases-discoverable", Spec: at("6.6", "4"), Level: conformance.Must, Needs: []need{power, residentKeys}, Twin: plain,
			Doc:     "After a reset there are no discoverable credentials.",
			Catches: []string{"reset/keeps-passkeys"},
			Run: on(func(k *key) {
				c := k.make(discoverable(k.newCredential()))
				k.resetNow()
				k.expect(k.send(k.authorise(k.use())), ctap.NoCredentials)
				k.expect(k.send(k.authorise(k.useOf(c))), ctap.NoCredentials)
			}),
		},
		{
			ID: "reset/erases-non-discoverable", Spec: at("6.6", "4"), Level: conformance.Must, Needs: []need{power}, Twin: plain,
			Doc:     "After a reset credentials that are not discoverable do not work either.",
			Catches: []string{"reset/does-nothing", "reset/keeps-secret"},
			Run: on(func(k *key) {
				c := k.make(k.newCredential())
				k.resetNow()
				k.expect(k.send(k.authorise(k.useOf(c))), ctap.NoCredentials)
			}),
		},
		{
			ID: "reset/erases-pin", Spec: at("6.6", "4"), Level: conformance.Must, Needs: []need{power, clientPIN}, Twin: plain,
			Doc:     "After a reset no PIN is set, one can be set, and all retries are there.",
			Catches: []string{"reset/does-nothing", "reset/keeps-pin"},
			Run: on(func(k *key) {
				k.setPIN(thePIN)
				all := k.pinRetries()
				k.miss()
				k.resetNow()
				if k.info().option(ctap.OptionClientPIN) {
					k.Errorf("option clientPin is still true")
				}
				k.setPIN(otherPIN)
				k.retriesAre(all)
			}),
		},
		{
			ID: "reset/unblocks-pin", Spec: at("6.6", "4"), Level: conformance.Must, Needs: []need{power, clientPIN}, Twin: plain,
			Doc:     "After a reset a PIN can be used again that was blocked.",
			Catches: []string{"pin/right-pin-keeps-misses", "status/pin-auth-blocked"},
			Run: on(func(k *key) {
				k.setPIN(thePIN)
				k.blockPIN()
				k.resetNow()
				k.setPIN(thePIN)
				k.rightPIN()
			}),
		},
		{
			ID: "reset/ends-tokens", Spec: at("6.6", "4"), Level: conformance.Must, Needs: []need{power, ceremonyToken, clientPIN}, Twin: plain,
			Doc:     "A pinUvAuthToken from before a reset is of no use after it.",
			Catches: []string{"token/survives-reset"},
			Run: on(func(k *key) {
				k.ensurePIN()
				k.powerCycle()
				t := k.token(k.protocol(), ctap.PermissionMakeCredential, k.rp)
				k.resetInUse()
				k.known = nil
				k.setPIN(thePIN)
				k.expect(k.send(t.sign(k.newCredential())), ctap.PINAuthInvalid)
			}),
		},
		{
			ID: "reset/erases-large-blobs", Spec: at("6.6", "4"), Level: conformance.Must, Needs: []need{power, largeBlobs}, Twin: plain,
			Doc:     "After a reset the large-blob array is the initial one.",
			Catches: []string{"reset/does-nothing", "reset/keeps-large-blobs"},
			Run: on(func(k *key) {
				k.writeLargeBlobs(withDigest(cbor.Encode(cbor.Array{k.draw(40)})))
				k.resetNow()
				if got := k.readLargeBlobs(); !bytes.Equal(got, initialLargeBlobs) {
					k.Errorf("the array is %x", got)
				}
			}),
		},
		{
			ID: "reset/keeps-aaguid", Spec: at("6.6", "4"), Level: conformance.MustNot, Needs: []need{power}, Twin: plain,
			Doc: "A reset changes nothing of getInfo where nothing had been set.",
			Run: on(func(k *key) {
				before := k.info()
				k.resetNow()
				k.sameInfo(before, k.freshInfo())
			}),
		},
		{
			ID: "reset/window", Spec: at("6.6", "1"), Level: conformance.Must, Needs: []need{power, clock, feature("no display", func(i *info) bool { return !i.option(ctap.OptionPlat) })}, Twin: plain,
			Doc:     "More than 10 seconds after the power came the answer is NOT_ALLOWED, and nothing is erased.",
			Catches: []string{"reset/at-any-time"},
			Run: on(func(k *key) {
				k.withoutDisplay()
				c := k.make(k.newCredential())
				k.powerCycle()
				k.wait(11 * time.Second)
				k.expect(k.send(reset()), ctap.NotAllowed)
				k.assert(k.useOf(c))
			}),
		},
		{
			ID: "reset/declined", Spec: at("6.6", "2"), Level: conformance.Must, Needs: []need{power, person}, Twin: plain,
			Doc:     "Where the user declines the answer is OPERATION_DENIED, and nothing is erased.",
			Catches: []string{"reset/without-touch"},
			Run: on(func(k *key) {
				c := k.make(k.newCredential())
				k.powerCycle()
				k.user(Decline)
				k.expect(k.send(reset()), ctap.OperationDenied)
				k.user(Approve)
				k.assert(k.useOf(c))
			}),
		},
		{
			ID: "reset/cancelled", Spec: at("6.6", "2"), Level: conformance.Must, Needs: []need{power, person}, Twin: plain,
			Doc:     "A platform that cancels while the device waits is answered with KEEPALIVE_CANCEL, and nothing is erased.",
			Catches: []string{"reset/without-touch"},
			Run: on(func(k *key) {
				c := k.make(k.newCredential())
				k.powerCycle()
				k.expect(k.cancelled(reset()), ctap.KeepaliveCancel)
				k.user(Approve)
				k.assert(k.useOf(c))
			}),
		},
		{
			ID: "reset/new-identifier", Spec: at("6.4", ""), Level: conformance.Must, Needs: []need{power, readOnlyMgmt, clientPIN}, Twin: plain,
			Doc: "A reset gives the device another identifier, and makes persistent tokens useless.",
			Run: on(func(k *key) {
				k.setPIN(thePIN)
				t := k.token(k.protocol(), ctap.PermissionPersistentReadOnly, "")
				k.resetNow()
				k.setPIN(thePIN)
				k.expect(k.send(k.manage(t, ctap.GetCredsMetadata, nil)), ctap.PINAuthInvalid)
			}),
		},
	}
}

// withoutDisplay ends the case where the device has a display: it has where it lets
// its user choose among accounts.
func (k *key) withoutDisplay() {
	if !k.info().option(ctap.OptionRK) {
		return
	}
	k.makeSeveral(2)
	if selected, _ := k.assert(k.use()).answer.members.Get(gotSelected); selected == any(true) {
		k.Unsupportedf("needs a device without a display")
	}
}

// statusAlone complains about an answer that is more than its status.
func (k *key) statusAlone(a answer) {
	if len(a.raw) > 1 {
		k.Differ("the status alone", brief(a.item.Value), "%s was answered with data", a.command)
	}
}

// selectionCases are those of authenticatorSelection (§6.9).
func selectionCases() []testCase {
	const plain = "selection/plain"
	selection := request{command: ctap.CommandSelection, bare: true}
	return []testCase{
		{
			ID: plain, Spec: at("6.9", ""), Level: conformance.Must, Needs: []need{atLeast21},
			Doc: "A touch answers authenticatorSelection with the status alone.",
			Run: on(func(k *key) {
				a := k.send(selection)
				k.expect(a, ctap.OK)
				k.statusAlone(a)
			}),
		},
		{
			ID: "selection/declined", Spec: at("6.9", ""), Level: conformance.Must, Needs: []need{atLeast21, person}, Twin: plain,
			Doc:     "Where the user declines the answer is OPERATION_DENIED.",
			Catches: []string{"user/selects-without-touch", "user/takes-no-for-yes"},
			Run: on(func(k *key) {
				k.user(Decline)
				k.expect(k.send(selection), ctap.OperationDenied)
			}),
		},
		{
			ID: "selection/cancelled", Spec: at("6.9", ""), Level: conformance.Must, Needs: []need{atLeast21, person}, Twin: plain,
			Doc:     "A platform that cancels while the device waits is answered with KEEPALIVE_CANCEL.",
			Catches: []string{"user/selects-without-touch"},
			Run:     on(func(k *key) { k.expect(k.cancelled(selection), ctap.KeepaliveCancel) }),
		},
	}
}

package fault_test

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
)

const (
	mc   = ctap.PermissionMakeCredential
	ga   = ctap.PermissionGetAssertion
	cm   = ctap.PermissionCredentialManagement
	lbw  = ctap.PermissionLargeBlobWrite
	acfg = ctap.PermissionAuthenticatorConfig
	pcmr = ctap.PermissionPersistentReadOnly
)

// pins is about setting, changing and guessing a PIN.
func pins(w *world) {
	w.see("a PIN of three digits", "%s", w.setPIN("123", 64))
	w.see("a PIN in a field of 80 bytes", "%s", w.setPIN("1234", 80))
	w.see("set", "%s", w.setPIN(pin, 64))
	w.see("option clientPin", "%s", w.options())
	w.see("set again", "%s", w.setPIN("000000", 64))
	w.see("change to three digits", "%s", w.changePIN(pin, "123"))
	w.see("change without knowing it", "%s", w.changePIN("111111", "222222"))
	w.see("change with a wrong pinUvAuthParam", "%s", w.changePIN(pin, "333333", func(r *ctap.ClientPINRequest) { r.PinUvAuthParam = make([]byte, 32) }))
	w.see("change", "%s", w.changePIN(pin, "314159"))
	w.retries("after changing it")
	_, status := w.token("314159", mc, rpID)
	w.see("token by the new one", "%s", status)
}

// options is how the options stand that change.
func (w *world) options() string {
	_, body := w.send(new(ctap.GetInfoRequest))
	var options map[string]bool
	_ = cbor.Unmarshal(members(body)[4], &options)
	var stand []string
	for _, id := range []string{ctap.OptionUV, ctap.OptionClientPIN, ctap.OptionAlwaysUv, ctap.OptionMakeCredUvNotRqd} {
		if value, is := options[id]; is {
			stand = append(stand, fmt.Sprintf("%s %v", id, value))
		}
	}
	return strings.Join(stand, ", ")
}

func (w *world) retries(when string) {
	w.t.Helper()
	_, body := w.send(&ctap.ClientPINRequest{SubCommand: ctap.GetPINRetries})
	w.see("retries "+when, "%s, powerCycleState %s", number(members(body)[3]), number(members(body)[4]))
}

// guessing tries wrong PINs until the device has enough.
func guessing(w *world) {
	w.setPIN(pin, 64)
	w.see("key agreement stays", "%v", w.sameKey(func() { w.sameKey(func() {}) }))
	w.see("key agreement after a wrong PIN", "%v", w.sameKey(func() {
		_, status := w.token("000000", mc, rpID)
		w.see("wrong PIN 1", "%s", status)
	}))
	w.retries("after one")
	for _, at := range []string{"2", "3", "4"} {
		_, status := w.token("000000", mc, rpID)
		w.see("wrong PIN "+at, "%s", status)
	}
	w.retries("after four")
	_, status := w.token(pin, mc, rpID)
	w.see("the right PIN while locked", "%s", status)
	w.cut()
	w.retries("after a power cut")
	for _, at := range []string{"5", "6", "7"} {
		_, status := w.token("000000", mc, rpID)
		w.see("wrong PIN "+at, "%s", status)
	}
	w.cut()
	for _, at := range []string{"8", "9", "10"} {
		_, status := w.token("000000", mc, rpID)
		w.see("wrong PIN "+at, "%s", status)
	}
	w.cut()
	_, status = w.token(pin, mc, rpID)
	w.see("the right PIN in the end", "%s", status)
	w.retries("in the end")
	w.see("key agreement over a power cut", "%v", w.sameKey(w.cut))
}

// sameKey tells whether the key agreement key is the same after something.
func (w *world) sameKey(after func()) bool {
	fetch := func() string {
		_, body := w.send(&ctap.ClientPINRequest{SubCommand: ctap.GetKeyAgreement, PinUvAuthProtocol: ptr(uint64(pinuv.Two))})
		return string(members(body)[1])
	}
	before := fetch()
	after()
	return before == fetch()
}

// attempts is about one miss and a power cut that follows it at once.
func attempts(w *world) {
	w.setPIN(pin, 64)
	w.token("000000", mc, rpID)
	w.cut()
	w.retries("after a miss and a power cut")
	w.token(pin, mc, rpID)
	w.retries("after the right PIN")
	for n, entered := range []string{"000000", pin, "111111", pin, "222222"} {
		_, status := w.token(entered, mc, rpID)
		w.see(fmt.Sprintf("no two misses in a row, %d", n+1), "%s", status)
	}
}

// tokens is about what a token may do, where and for how long.
func tokens(w *world) {
	w.setPIN(pin, 64)
	use := func(what string, token []byte) { w.create(what, creation(forUser("bob"), by(token))) }
	use("by token", w.granted(mc, rpID))
	token := w.granted(mc|ga, rpID)
	use("by token once", token)
	use("by token twice", token)
	use("without permission mc", w.granted(ga, rpID))
	w.assert("without permission ga", signIn(asserting(w.granted(mc, rpID))))
	use("for another RP ID", w.granted(mc, "example.org"))
	wrong := w.granted(mc, rpID)
	if len(wrong) > 0 {
		wrong[0] ^= 1
	}
	use("by a wrong token", wrong)
	w.create("without token", creation(forUser("carol"), func(r *ctap.MakeCredentialRequest) { r.Options.UV = nil }))

	late := w.granted(mc|cm, rpID)
	w.clock.Advance(31 * time.Second)
	use("unused for 31 s", late)
	used := w.granted(cm|mc, rpID)
	w.send(managing(used, ctap.EnumerateCredentialsBegin, &ctap.CredentialManagementParams{RPIDHash: make([]byte, 32)}))
	w.clock.Advance(601 * time.Second)
	use("after 601 s", used)

	kept := w.granted(mc, rpID)
	w.changePIN(pin, "314159")
	use("after changing the PIN", kept)
	w.changePIN("314159", pin)
	kept = w.granted(mc, rpID)
	w.cut()
	use("after a power cut", kept)
	kept = w.granted(acfg|mc, rpID)
	w.send(configuring(kept, ctap.SetMinPINLength, ctap.SetMinPINLengthParams{ForceChangePIN: ptr(true)}))
	use("after the PIN became stale", kept)
	_, status := w.token(pin, mc, rpID)
	w.see("token by a stale PIN", "%s", status)
	w.changePIN(pin, "314159")
	w.cut()
	kept, status = w.token("314159", mc, rpID)
	w.see("token before reset", "%s of %d bytes", status, len(kept))
	w.send(new(ctap.ResetRequest))
	w.setPIN(pin, 64)
	use("after reset", kept)
}

// touched is about tokens that were got with a touch.
func touched(w *world) {
	use := func(what string, token []byte) { w.create(what, creation(forUser("bob"), by(token))) }
	get := func(permissions ctap.Permissions, rpID *string) []byte {
		key, shared, err := w.agree(pinuv.Two)
		if err != nil {
			return nil
		}
		_, body := w.send(&ctap.ClientPINRequest{
			SubCommand: ctap.GetPinUvAuthTokenUsingUvWithPermissions, PinUvAuthProtocol: ptr(uint64(pinuv.Two)),
			KeyAgreement: key, Permissions: &permissions, RPID: rpID,
		})
		token, err := shared.Decrypt(bytesOf(members(body)[2]))
		if err != nil {
			return nil
		}
		return token
	}
	token := get(mc, ptr(rpID))
	w.asked()
	use("by token with a touch", token)
	use("by the same token again", token)
	token = get(mc|cm, ptr(rpID))
	w.send(managing(token, ctap.EnumerateCredentialsBegin, &ctap.CredentialManagementParams{RPIDHash: make([]byte, 32)}))
	w.clock.Advance(31 * time.Second)
	w.asked()
	use("31 s after the touch", token)
}

// resetting is about all that a reset erases.
func resetting(w *world) {
	w.setPIN(pin, 64)
	w.create("passkey", creation(by(w.granted(mc, rpID))))
	id := w.create("listed", creation(forUser("bob"), by(w.granted(mc, rpID)), func(r *ctap.MakeCredentialRequest) { r.Options = nil }))
	array := append([]byte("\x81\x00"), make([]byte, 16)...)
	sum := sha256.Sum256(array[:2])
	copy(array[2:], sum[:])
	w.status("writing large blobs", writing(w.granted(lbw, ""), array, 0, ptr(uint64(len(array)))))
	w.status("minimum of 6", configuring(w.granted(acfg, ""), ctap.SetMinPINLength, ctap.SetMinPINLengthParams{NewMinPINLength: ptr(uint64(6))}))
	w.cut()
	w.status("reset", new(ctap.ResetRequest))
	w.asked()
	w.see("options", "%s", w.options())
	w.see("minimum", "%s", w.member(new(ctap.GetInfoRequest), 0x0D))
	w.see("array", "%s", w.array())
	w.retries("after reset")
	w.assert("passkey afterwards", signIn(unverified))
	w.assert("listed afterwards", signIn(unverified, allowing(id)))
}

package fault_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
	"github.com/passkeylab/passkeylab/webauthn"
)

// scopes is about the permissions of tokens, and about asking for one while there is
// another.
func scopes(w *world) {
	w.setPIN(pin, 64)
	configure := func(what string, token []byte) {
		w.status(what, configuring(token, ctap.SetMinPINLength, ctap.SetMinPINLengthParams{}))
	}
	both := w.granted(mc|acfg, rpID)
	configure("before the ceremony", both)
	w.create("ceremony", creation(by(both)))
	configure("after the ceremony", both)
	configure("by a token of CTAP 2.0", w.legacy())
	other := w.granted(cm, "")
	first := w.granted(pcmr, "")
	w.metadata("beside the persistent token", other)
	w.granted(pcmr, "")
	w.metadata("by the first persistent token", first)
}

// legacy is a token that was asked for by getPinToken.
func (w *world) legacy() []byte {
	key, shared, err := w.agree(pinuv.Two)
	if err != nil {
		return nil
	}
	_, body := w.send(&ctap.ClientPINRequest{
		SubCommand: ctap.GetPINToken, PinUvAuthProtocol: ptr(uint64(pinuv.Two)), KeyAgreement: key, PINHashEnc: encrypt(shared, pinuv.HashPIN(pin)),
	})
	token, err := shared.Decrypt(bytesOf(members(body)[2]))
	if err != nil {
		return nil
	}
	return token
}

// lists is about lists that their token does not outlive.
func lists(w *world) {
	w.setPIN(pin, 64)
	for _, user := range []string{"alice", "bob"} {
		w.create(user, creation(forUser(user), by(w.granted(mc, rpID))))
	}
	hash := sha256.Sum256([]byte(rpID))
	w.create("elsewhere", creation(func(r *ctap.MakeCredentialRequest) { r.RP.ID = "example.org" }, by(w.granted(mc, "example.org"))))
	for what, list := range inOrder(map[string]struct {
		begin, next ctap.SubCommand
		params      *ctap.CredentialManagementParams
	}{
		"passkeys":        {ctap.EnumerateCredentialsBegin, ctap.EnumerateCredentialsGetNextCredential, &ctap.CredentialManagementParams{RPIDHash: hash[:]}},
		"relying parties": {ctap.EnumerateRPsBegin, ctap.EnumerateRPsGetNextRP, nil},
	}) {
		w.status(what+", first", managing(w.granted(cm, ""), list.begin, list.params))
		w.clock.Advance(11 * time.Minute)
		w.status(what+", second, when the token is too old", &ctap.CredentialManagementRequest{SubCommand: list.next})
	}
}

// signing notes how many nonces there are.
func signing(w *world) {
	id := w.create("key", creation(listed))
	seen := map[string]bool{}
	for range 3 {
		_, body := w.send(signIn(allowing(id)))
		if signature := bytesOf(members(body)[3]); len(signature) > 4 {
			seen[string(signature[:min(len(signature), 4+int(signature[3]))])] = true
		}
	}
	w.see("nonces", "%s", fmt.Sprint(len(seen)))
}

// rules is about what is remembered of PINs and of the rules for them.
func rules(w *world) {
	const umlauts = "üüü7"
	w.setPIN(umlauts, 64)
	w.see("key agreement after the first miss", "%v", w.sameKey(func() { w.token("000000", mc, rpID) }))
	w.see("key agreement after the second miss", "%v", w.sameKey(func() { w.token("000000", mc, rpID) }))
	w.see("change to one digit", "%s", w.changePIN(umlauts, "7"))
	w.retries("after that")
	for _, rp := range []string{"first.example", rpID} {
		token, _ := w.token(umlauts, acfg, "")
		w.status("listing "+rp, configuring(token, ctap.SetMinPINLength, ctap.SetMinPINLengthParams{MinPINLengthRPIDs: []string{rp}}))
	}
	token, _ := w.token(umlauts, mc, "first.example")
	w.create("minPinLength of the first", creation(func(r *ctap.MakeCredentialRequest) { r.RP.ID = "first.example" }, by(token), extending(ctap.ExtensionMinPINLength, true)))
	hash := sha256.Sum256([]byte("first.example"))
	token, _ = w.token(umlauts, cm, "")
	w.status("by the start of a hash", managing(token, ctap.EnumerateCredentialsBegin, &ctap.CredentialManagementParams{RPIDHash: hash[:31]}))
	token, _ = w.token(umlauts, acfg, "")
	w.status("minimum of 6", configuring(token, ctap.SetMinPINLength, ctap.SetMinPINLengthParams{NewMinPINLength: ptr(uint64(6))}))
	w.see("forcePINChange", "%s", w.member(new(ctap.GetInfoRequest), 0x0C))
	w.cut()
	w.clock.Advance(9 * time.Second)
	w.status("reset after nine seconds", new(ctap.ResetRequest))
}

// policies is about orders for PINs that are refused, or are none, and about misses
// before a reset.
func policies(w *world) {
	w.setPIN(pin, 64)
	order := func(what string, params ctap.SetMinPINLengthParams) {
		w.status(what, configuring(w.granted(acfg, ""), ctap.SetMinPINLength, params))
		w.see(what+", after it", "forcePINChange %s, minPINLength %s", w.member(new(ctap.GetInfoRequest), 0x0C), w.member(new(ctap.GetInfoRequest), 0x0D))
	}
	order("too many RP IDs", ctap.SetMinPINLengthParams{NewMinPINLength: ptr(uint64(5)), MinPINLengthRPIDs: slices.Repeat([]string{"a.example"}, 20)})
	order("a smaller minimum, by force", ctap.SetMinPINLengthParams{NewMinPINLength: ptr(uint64(3)), ForceChangePIN: ptr(true)})
	order("a long minimum, not by force", ctap.SetMinPINLengthParams{NewMinPINLength: ptr(uint64(20)), ForceChangePIN: ptr(false)})
	w.cut()
	for range 2 {
		w.token("000000", mc, rpID)
	}
	w.status("reset", new(ctap.ResetRequest))
	w.setPIN(pin, 64)
	_, status := w.token("000000", mc, rpID)
	w.see("a miss after it", "%s", status)
}

// unprotected is about alwaysUv on a device that knows no user.
func unprotected(w *world) {
	for _, what := range []string{"on", "off", "on again"} {
		w.status("alwaysUv "+what, configuring(nil, ctap.ToggleAlwaysUv, nil))
	}
	w.status("configuring then", configuring(nil, ctap.SetMinPINLength, ctap.SetMinPINLengthParams{}))
}

// managedDevice is about attestation for enterprises.
func managedDevice(w *world) {
	w.setPIN(pin, 64)
	ask := func(what string, value uint64) {
		request := creation(by(w.granted(mc, rpID)), func(r *ctap.MakeCredentialRequest) { r.EnterpriseAttestation = ptr(value) })
		w.see(what, "epAtt %s", w.member(request, 4))
	}
	ask("before it is on", 1)
	w.status("switched on", configuring(w.granted(acfg, ""), ctap.EnableEnterpriseAttestation, nil))
	ask("as makers provide for", 1)
	ask("as platforms do", 2)
	w.cut()
	ask("after a power cut", 2)
}

// outlived is about a write that its token does not outlive.
func outlived(w *world) {
	w.setPIN(pin, 64)
	sum := sha256.Sum256([]byte("\x81\x01"))
	array := append([]byte("\x81\x01"), sum[:16]...)
	token := w.granted(lbw, "")
	w.status("first fragment", writing(token, array[:9], 0, ptr(uint64(len(array)))))
	w.clock.Advance(11 * time.Minute)
	w.status("second fragment, when the token is too old", writing(token, array[9:], 9, nil))
}

// renamed is about what a passkey is besides its user.
func renamed(w *world) {
	w.setPIN(pin, 64)
	id := w.create("first", creation(forUser("alice"), by(w.granted(mc, rpID)), extending(ctap.ExtensionCredProtect, 3)))
	second := w.create("second", creation(forUser("bob"), by(w.granted(mc, rpID))))
	w.assert("first signs", signIn(asserting(w.granted(ga, rpID)), allowing(id)))
	w.assert("first signs again", signIn(asserting(w.granted(ga, rpID)), allowing(id)))
	persistent := w.granted(pcmr, "")
	before := w.storeState(persistent)
	token := w.granted(cm, "")
	w.status("renaming", managing(token, ctap.UpdateUserInformation, &ctap.CredentialManagementParams{
		CredentialID: &ctap.Descriptor{Type: ctap.PublicKey, ID: id}, User: &ctap.UserEntity{ID: []byte("handle-alice"), Name: "renamed"},
	}))
	w.see("store state", "another: %v", w.storeState(persistent) != before)
	hash := sha256.Sum256([]byte(rpID))
	w.entries("entries", token, hash[:])
	w.assert("newest", signIn(asserting(w.granted(ga, rpID))))
	count := func() uint32 {
		_, body := w.send(signIn(asserting(w.granted(ga, rpID)), allowing(id)))
		data, err := webauthn.ParseAuthenticatorData(bytesOf(members(body)[2]))
		if err != nil {
			return 0
		}
		return data.SignCount
	}
	sum := sha256.Sum256([]byte("\x81\x01"))
	array := append([]byte("\x81\x01"), sum[:16]...)
	w.status("writing large blobs", writing(w.granted(lbw, ""), array, 0, ptr(uint64(len(array)))))
	w.status("deleting", managing(w.granted(cm, ""), ctap.DeleteCredential, &ctap.CredentialManagementParams{CredentialID: &ctap.Descriptor{Type: ctap.PublicKey, ID: second}}))
	w.see("array", "%s", w.array())
	w.see("counter", "more than 5: %v", count() > 5) // credentials and assertions have moved it six times
}

// storeState is encCredStoreState, decrypted.
func (w *world) storeState(token []byte) string {
	_, body := w.send(new(ctap.GetInfoRequest))
	sealed := bytesOf(members(body)[0x1E])
	key, err := hkdf.Key(sha256.New, token, make([]byte, sha256.Size), "encCredStoreState", aes.BlockSize)
	if err != nil || len(sealed) != 2*aes.BlockSize {
		return "unreadable"
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return err.Error()
	}
	plain := make([]byte, aes.BlockSize)
	cipher.NewCBCDecrypter(block, sealed[:aes.BlockSize]).CryptBlocks(plain, sealed[aes.BlockSize:])
	return string(plain)
}

// replaced is about passkeys that take the place of others.
func replaced(w *world) {
	again := func(what string, change func(*ctap.MakeCredentialRequest)) {
		w.create(what, creation(forUser("alice"), change))
		_, body := w.send(signIn())
		w.see(what+", to choose from", "%s", number(members(body)[5]))
	}
	again("first", func(*ctap.MakeCredentialRequest) {})
	again("another name", func(r *ctap.MakeCredentialRequest) { r.User.Name = "another" })
	again("another algorithm", func(r *ctap.MakeCredentialRequest) {
		r.User.Name, r.PubKeyCredParams[0].Algorithm = "another", int64(webauthn.EdDSA)
	})
	w.create("second", creation(forUser("bob")))
	w.create("third", creation(forUser("carol")))
	again("when it is full", func(*ctap.MakeCredentialRequest) {})
}

// unharmed is about what refused requests leave behind.
func unharmed(w *world) {
	w.setPIN(pin, 64)
	level2 := w.create("level 2", creation(forUser("bob"), by(w.granted(mc, "example.org")), extending(ctap.ExtensionCredProtect, 2), func(r *ctap.MakeCredentialRequest) { r.RP.ID = "example.org" }))
	w.status("level 2 in silence", signIn(allowing(level2), silently, func(r *ctap.GetAssertionRequest) { r.RPID = "example.org" }))
	w.create("refused", creation(by(w.granted(mc, rpID)), extending(ctap.ExtensionLargeBlobKey, false)))
	w.assert("after it was refused", signIn(unverified))
	id := w.create("listed", creation(by(w.granted(mc, rpID)), func(r *ctap.MakeCredentialRequest) { r.Options = nil }))
	count := func(req *ctap.GetAssertionRequest) uint32 {
		_, body := w.send(req)
		data, err := webauthn.ParseAuthenticatorData(bytesOf(members(body)[2]))
		if err != nil {
			return 0
		}
		return data.SignCount
	}
	first, second := count(signIn(allowing(id), silently)), count(signIn(allowing(id), silently))
	w.see("counter in silence", "rises: %v", second > first)
	sum := sha256.Sum256([]byte("\x81\x01"))
	array := append([]byte("\x81\x01"), sum[:16]...)
	size := ptr(uint64(len(array)))
	token := w.granted(lbw, "")
	w.status("first fragment", writing(token, array[:9], 0, size))
	w.status("second fragment without a token", writing(nil, array[9:], 9, nil))
	w.status("whole array", writing(token, array, 0, size))
	bad := append(append([]byte{}, array[:17]...), array[17]^1)
	w.status("a wrong hash", writing(token, bad, 0, size))
	w.see("array", "%s", w.array())
}

// unasked is about inputs that are false, and about names that just fit.
func unasked(w *world) {
	w.setPIN(pin, 64)
	w.status("listing", configuring(w.granted(acfg, ""), ctap.SetMinPINLength, ctap.SetMinPINLengthParams{MinPINLengthRPIDs: []string{rpID}}))
	long := strings.Repeat("n", 64)
	id := w.create("with false inputs", creation(by(w.granted(mc, rpID)), extending(ctap.ExtensionMinPINLength, false), extending(ctap.ExtensionCredBlob, []byte("blob")),
		func(r *ctap.MakeCredentialRequest) { r.User.Name, r.User.DisplayName = long, long }))
	w.assert("credBlob false", signIn(asserting(w.granted(ga, rpID)), allowing(id), wanting(ctap.ExtensionCredBlob, false)))
	hash := sha256.Sum256([]byte(rpID))
	w.entries("names", w.granted(cm, ""), hash[:])
}

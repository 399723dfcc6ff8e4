package fault_test

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// createAndSignIn is the life of a passkey and of a credential that is not
// discoverable.
func createAndSignIn(w *world) {
	w.closely = true
	passkey := w.create("passkey", creation())
	w.assert("sign-in", signIn())
	w.assert("sign-in again", signIn())
	w.assert("sign-in without verification", signIn(unverified))
	w.assert("silent sign-in", signIn(silently))
	id := w.create("listed", creation(forUser("bob"), listed))
	w.assert("listed sign-in", signIn(allowing(id)))
	w.assert("sign-in elsewhere", signIn(func(r *ctap.GetAssertionRequest) { r.RPID = "example.org" }))
	w.create("unverified", creation(forUser("uma"), func(r *ctap.MakeCredentialRequest) { r.Options = nil }))
	w.assert("passkey listed elsewhere", signIn(allowing(passkey), func(r *ctap.GetAssertionRequest) { r.RPID = "example.org" }))
	w.assert("listed elsewhere", signIn(allowing(id), func(r *ctap.GetAssertionRequest) { r.RPID = "example.org" }))
	w.see("s of every signature is in the upper half", "%v", !w.lower)
	w.status("next without begin", new(ctap.GetNextAssertionRequest))
	w.create("EdDSA", creation(forUser("eve"), func(r *ctap.MakeCredentialRequest) {
		r.PubKeyCredParams = []ctap.Parameters{{Algorithm: int64(webauthn.EdDSA), Type: ctap.PublicKey}, r.PubKeyCredParams[0]}
	}))
}

// accounts has several users at one relying party.
func accounts(w *world) {
	for _, name := range []string{"alice", "bob", "carol"} {
		w.create(name, creation(forUser(name)))
	}
	w.assert("first", signIn())
	w.next("second")
	w.next("third")
	w.next("fourth")
	w.assert("first without verification", signIn(unverified))
	w.next("second without verification")
	w.status("another command between", new(ctap.GetInfoRequest))
	w.next("after another command")
	w.assert("first of the slow", signIn())
	w.clock.Advance(31 * time.Second)
	w.next("too late")
	w.create("alice again", creation(forUser("alice")))
	w.assert("first after replacement", signIn())
	w.next("second after replacement")
	w.next("third after replacement")
	w.next("fourth after replacement")
}

func (w *world) next(what string) {
	w.t.Helper()
	status, body := w.send(new(ctap.GetNextAssertionRequest))
	w.look(what, rpID, clientDataHash[:], status, body)
}

// excluding is about exclude lists.
func excluding(w *world) {
	id := w.create("first", creation())
	w.create("excluded", creation(forUser("bob"), func(r *ctap.MakeCredentialRequest) { r.ExcludeList = descriptors(id) }))
	w.create("excluded without verification", creation(forUser("bob"), func(r *ctap.MakeCredentialRequest) {
		r.Options, r.ExcludeList = nil, descriptors(id)
	}))
	w.create("another device's excluded", creation(forUser("bob"), func(r *ctap.MakeCredentialRequest) { r.ExcludeList = descriptors(make([]byte, 64)) }))
}

// gestures is about what the user does not do.
func gestures(w *world) {
	w.create("passkey", creation())
	for name, act := range inOrder(map[string]authenticator.Act{"declined": authenticator.Decline, "timed out": authenticator.TimeOut}) {
		w.user.Always(act)
		w.create(name+" creation", creation(forUser("bob")))
		w.assert(name+" sign-in", signIn(unverified))
		w.status(name+" selection", new(ctap.SelectionRequest))
		w.user.Always(authenticator.Approve)
		w.asked()
	}
	w.status("selection", new(ctap.SelectionRequest))
	w.see("selection, asked", "%s", w.asked())
	w.user.WrongFinger(3)
	w.assert("three wrong fingers", signIn())
	w.see("uvRetries after wrong fingers", "%s", w.member(&ctap.ClientPINRequest{SubCommand: ctap.GetUVRetries}, 5))
	w.user.WrongFinger(6)
	w.assert("three more", signIn())
	w.assert("and two more", signIn())
	w.user.WrongFinger(0)
	w.assert("the right finger", signIn())
	w.see("uvCountSinceLastPinEntry", "%s", w.member(new(ctap.GetInfoRequest), 0x17))
}

// choosing is a device with a display, and one whose passkeys are synced.
func choosing(w *world) {
	w.create("alice", creation(forUser("alice")))
	w.create("bob", creation(forUser("bob")))
	w.user.Pick("alice@example.com")
	w.assert("alice picked", signIn())
	w.user.Pick("bob@example.com")
	w.assert("bob picked", signIn())
}

// requests is about what authenticators refuse.
func requests(w *world) {
	id := w.create("passkey", creation())
	for name, change := range inOrder(map[string]func(*ctap.MakeCredentialRequest){
		"no supported algorithm": func(r *ctap.MakeCredentialRequest) { r.PubKeyCredParams[0].Algorithm = int64(webauthn.RS256) },
		"algorithms in order": func(r *ctap.MakeCredentialRequest) {
			r.PubKeyCredParams = []ctap.Parameters{{Algorithm: int64(webauthn.ES384), Type: ctap.PublicKey}, r.PubKeyCredParams[0]}
		},
		"option up false":          func(r *ctap.MakeCredentialRequest) { r.Options.UP = ptr(false) },
		"option up true":           func(r *ctap.MakeCredentialRequest) { r.Options.UP = ptr(true) },
		"no display name":          func(r *ctap.MakeCredentialRequest) { r.User.DisplayName = "" },
		"excludeList of two":       func(r *ctap.MakeCredentialRequest) { r.ExcludeList = descriptors(make([]byte, 64), make([]byte, 32)) },
		"user.id of 65 bytes":      func(r *ctap.MakeCredentialRequest) { r.User.ID = make([]byte, 65) },
		"clientDataHash too short": func(r *ctap.MakeCredentialRequest) { r.ClientDataHash = r.ClientDataHash[:31] },
		"protocol 3":               func(r *ctap.MakeCredentialRequest) { r.PinUvAuthParam, r.PinUvAuthProtocol = []byte{1}, ptr(uint64(3)) },
		"no protocol":              func(r *ctap.MakeCredentialRequest) { r.PinUvAuthParam = []byte{1} },
		"wrong pinUvAuthParam": func(r *ctap.MakeCredentialRequest) {
			r.PinUvAuthParam, r.PinUvAuthProtocol = make([]byte, 32), ptr(uint64(2))
		},
		"empty pinUvAuthParam":   func(r *ctap.MakeCredentialRequest) { r.PinUvAuthParam = []byte{} },
		"unprotected passkey":    func(r *ctap.MakeCredentialRequest) { r.Options.UV = nil },
		"excludeList too long":   func(r *ctap.MakeCredentialRequest) { r.ExcludeList = descriptors(nine(id)...) },
		"enterprise attestation": func(r *ctap.MakeCredentialRequest) { r.EnterpriseAttestation = ptr(uint64(1)) },
		"credProtect 9":          extending(ctap.ExtensionCredProtect, 9),
		"credProtect of text":    extending(ctap.ExtensionCredProtect, "3"),
	}) {
		w.create(name, creation(forUser("mallory"), change))
	}
	for name, change := range inOrder(map[string]func(*ctap.GetAssertionRequest){
		"option rk at sign-in":       func(r *ctap.GetAssertionRequest) { r.Options.RK = ptr(true) },
		"unknown credential":         allowing(make([]byte, 64)),
		"another type of credential": func(r *ctap.GetAssertionRequest) { r.AllowList = []ctap.Descriptor{{Type: "other", ID: id}} },
		"wrong pinUvAuthParam at sign-in": func(r *ctap.GetAssertionRequest) {
			r.PinUvAuthParam, r.PinUvAuthProtocol = make([]byte, 32), ptr(uint64(2))
		},
		"allowList too long":              allowing(nine(id)...),
		"short clientDataHash at sign-in": func(r *ctap.GetAssertionRequest) { r.ClientDataHash = r.ClientDataHash[:31] },
		"empty pinUvAuthParam at sign-in": func(r *ctap.GetAssertionRequest) { r.PinUvAuthParam = []byte{} },
	}) {
		w.assert(name, signIn(change))
	}
	for name, raw := range inOrder(map[string][]byte{
		"no bytes": {}, "unknown command": {0x55}, "no parameters": {0x01}, "empty map": {0x01, 0xA0}, "no map": {0x02, 0x80},
		"trailing byte": {0x06, 0xA1, 0x02, 0x01, 0x00}, "long integer": {0x06, 0xA1, 0x18, 0x02, 0x01}, "wrong type": {0x06, 0xA1, 0x02, 0x61, 0x31},
		"duplicate key": {0x06, 0xA2, 0x02, 0x01, 0x02, 0x01}, "cut off": {0x06, 0xA1}, "unknown subcommand": {0x06, 0xA1, 0x02, 0x18, 0x63},
		"unknown member": {0x06, 0xA2, 0x02, 0x01, 0x18, 0x70, 0xF5}, "too large": append([]byte{0x01}, make([]byte, 1300)...),
	}) {
		status, _ := ended(w.exchange(raw))
		w.see(name, "%s", status)
	}
}

// nine is one more than lists may have.
func nine(id []byte) [][]byte { return slices.Repeat([][]byte{id}, 9) }

// inOrder goes through a map by its keys, so that a scene is the same each time.
func inOrder[V any](m map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}

// names is about texts that are longer than a device keeps.
func names(w *world) {
	w.create("long names", creation(func(r *ctap.MakeCredentialRequest) {
		r.User.Name, r.User.DisplayName = strings.Repeat("ä", 40)+"!", "x"+strings.Repeat("ä", 40)
	}))
	w.assert("long names at sign-in", signIn())
	w.create("another", creation(forUser("bob")))
	w.assert("two accounts", signIn())
	w.next("the other")
}

// full fills a device.
// preferences is about the formats of attestation that relying parties like.
func preferences(w *world) {
	for _, liked := range [][]string{{"none"}, {"fido-u2f", "packed"}, {"packed", "fido-u2f"}, {"unheard-of", "packed"}, {}} {
		status, body := w.send(creation(func(r *ctap.MakeCredentialRequest) { r.AttestationFormatsPreference = liked }))
		w.see(fmt.Sprintf("liking %q", liked), "%s, %s", status, bytesOf(members(body)[1]))
	}
}

func full(w *world) {
	for _, name := range []string{"a", "b", "c"} {
		w.create(name, creation(forUser(name)))
		w.see("remaining after "+name, "%s", w.member(new(ctap.GetInfoRequest), 0x14))
	}
}

// keeping is about what outlives a power cut and what does not outlive a reset.
func keeping(w *world) {
	w.create("passkey", creation())
	id := w.create("listed", creation(forUser("bob"), listed))
	w.cut()
	w.assert("passkey after a power cut", signIn())
	w.assert("listed after a power cut", signIn(allowing(id)))
	w.clock.Advance(11 * time.Second)
	w.status("reset too late", new(ctap.ResetRequest))
	w.cut()
	w.user.Always(authenticator.Decline)
	w.status("reset declined", new(ctap.ResetRequest))
	w.user.Always(authenticator.Approve)
	w.asked()
	w.status("reset", new(ctap.ResetRequest))
	w.see("reset, asked", "%s", w.asked())
	w.assert("passkey after reset", signIn())
	w.assert("listed after reset", signIn(allowing(id)))
}

// cut takes the power and gives it back: what was promised must be in the store.
func (w *world) cut() { w.device.PowerCycle() }

// member returns one member of an answer as text.
func (w *world) member(req ctap.Request, key int64) string {
	w.t.Helper()
	status, body := w.send(req)
	if status != "CTAP1_ERR_SUCCESS" {
		return status
	}
	return number(members(body)[key])
}

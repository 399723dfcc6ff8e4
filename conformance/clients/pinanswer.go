package clients

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// pinAnswerCases are about what a client makes of the answers to clientPIN.
func pinAnswerCases() []testCase {
	return slices.Concat(derivePIN(), pinDialog)
}

// pinDefect is one thing that is wrong with an answer to clientPIN.
type pinDefect struct {
	name, doc string
	spec      conformance.Spec
	level     conformance.Level
	catches   []string
	protocols []int
	token     bool // it is the token that is wrong; else the key before it
	change    func(s *pinScript)
}

func derivePIN() (all []testCase) {
	for _, d := range pinDefects {
		for _, protocol := range d.protocols {
			all = append(all, testCase{
				ID: fmt.Sprintf("pin/protocol-%d/answer/%s", protocol, d.name), Spec: d.spec, Level: d.level, Catches: d.catches,
				Needs: needs(TypesPIN), Twin: fmt.Sprintf("pin/protocol-%d/create", protocol),
				Doc: "The client goes no further with " + d.doc + ".",
				Run: on(func(t *trial) {
					t.device.givePIN(thePIN, protocol)
					d.change(&t.device.script.pin)
					t.refused(t.creation(verifiedByPIN))
					t.wentNoFurther(d.token)
				}),
			})
		}
	}
	return all
}

// wentNoFurther complains about requests that what was wrong should have kept from
// being made.
func (t *trial) wentNoFurther(token bool) {
	for _, m := range t.messages() {
		if m.command == ctap.CommandClientPIN && m.params.Has(pinHashEnc) && !token {
			t.Fatalf("the PIN was sent all the same")
		}
		if m.command == ctap.CommandMakeCredential && m.params.Has(mcPinUvAuthParam) {
			t.Fatalf("makeCredential was sent all the same")
		}
	}
}

// answerTo changes the answer to a subcommand.
func answerTo(sub int64, change func(cbor.Map) cbor.Map) func(*pinScript) {
	return func(s *pinScript) {
		s.sub = map[int64]func(int, cbor.Map) (cbor.Map, ctap.Status){sub: func(_ int, m cbor.Map) (cbor.Map, ctap.Status) {
			if m == nil {
				return nil, ctap.OK
			}
			return change(m), ctap.OK
		}}
	}
}

func agreedKey(change func(cbor.Map) cbor.Map) func(*pinScript) {
	return func(s *pinScript) { s.key = change }
}

func tokenOf(n int) func(*pinScript) {
	return func(s *pinScript) { s.token = func([]byte) []byte { return bytes.Repeat([]byte{7}, n) } }
}

var (
	both        = []int{1, 2}
	agreement   = at("6.5.6", "")
	tokenLength = at("6.5.6", "")
)

var pinDefects = []pinDefect{
	{"key-off-curve", "a key agreement key that is not on the curve", agreement, conformance.Must, []string{"agreement/any-key"}, both, false, agreedKey(func(k cbor.Map) cbor.Map { return k.With(-3, bytes.Repeat([]byte{1}, 32)) })},
	{"key-zero", "a key agreement key at the point zero", agreement, conformance.Must, []string{"agreement/any-key"}, both, false, agreedKey(func(k cbor.Map) cbor.Map { return k.With(-2, make([]byte, 32)).With(-3, make([]byte, 32)) })},
	{"key-short", "a key agreement key with coordinates that are too short", agreement, conformance.Must, []string{"agreement/any-key"}, both, false, agreedKey(func(k cbor.Map) cbor.Map { return k.With(-2, make([]byte, 31)) })},
	{"key-without-x", "a key agreement key without x", agreement, conformance.Must, []string{"agreement/any-key"}, both, false, agreedKey(func(k cbor.Map) cbor.Map { return k.Without(-2) })},
	{"key-without-y", "a key agreement key without y", agreement, conformance.Must, []string{"agreement/any-key"}, both, false, agreedKey(func(k cbor.Map) cbor.Map { return k.Without(-3) })},
	{"key-of-other-type", "a key agreement key of another key type", agreement, conformance.Should, []string{"agreement/type-ignored"}, both, false, agreedKey(func(k cbor.Map) cbor.Map { return k.With(1, 1) })},
	{"key-of-other-curve", "a key agreement key that is said to be of another curve", agreement, conformance.Should, []string{"agreement/type-ignored"}, both, false, agreedKey(func(k cbor.Map) cbor.Map { return k.With(-1, 2) })},
	{"key-missing", "an answer that has no key agreement key", at("6.5.5.4", ""), conformance.Must, []string{"agreement/any-key"}, both, false, answerTo(subGetKeyAgreement, func(cbor.Map) cbor.Map { return cbor.Map{} })},
	{"key-no-map", "a key agreement key that is no map", at("6.5.5.4", ""), conformance.Must, []string{"agreement/any-key"}, both, false, answerTo(subGetKeyAgreement, func(m cbor.Map) cbor.Map { return m.With(pinAnswerKey, []byte("a key")) })},
	{"token-empty", "a token of no bytes", tokenLength, conformance.Must, []string{"token/any-length"}, both, true, tokenOf(0)},
	{"token-48", "a token of 48 bytes", tokenLength, conformance.Should, []string{"token/any-length"}, both, true, tokenOf(48)},
	{"token-16", "a token of 16 bytes, which protocol two does not have", at("6.5.7", ""), conformance.Should, []string{"token/any-length"}, []int{2}, true, tokenOf(16)},
	{"token-missing", "an answer that has no token", at("6.5.5.7", ""), conformance.Must, []string{"token/any-length"}, both, true, answerTo(subGetTokenByPIN, func(m cbor.Map) cbor.Map { return m.Without(pinAnswerToken) })},
	{"token-no-bytes", "a token that is no byte string", at("6.5.5.7", ""), conformance.Must, []string{"token/any-length"}, both, true, answerTo(subGetTokenByPIN, func(m cbor.Map) cbor.Map { return m.With(pinAnswerToken, "a token") })},
	{"token-not-blocks", "an encrypted token that is not made of blocks", at("6.5.6", ""), conformance.Must, []string{"token/any-length"}, both, true, func(s *pinScript) { s.sealed = func(b []byte) []byte { return b[:len(b)-1] } }},
}

// refusedAt has a subcommand refused from its nth request on.
func refusedAt(sub int64, status ctap.Status) func(*pinScript) {
	return func(s *pinScript) {
		s.sub = map[int64]func(int, cbor.Map) (cbor.Map, ctap.Status){sub: func(_ int, m cbor.Map) (cbor.Map, ctap.Status) { return m, status }}
	}
}

var pinDialog = []testCase{
	{
		ID: "pin/wrong/agreement-anew", Spec: at("6.5.5.7", ""), Level: conformance.Must, Needs: needs(ServesPages, TypesPIN), Twin: "pin/protocol-2/create",
		Doc:     "After a wrong PIN the client agrees on a secret anew: the authenticator has drawn another key.",
		Catches: []string{"pin/old-agreement"},
		Run: on(func(t *trial) {
			t.device.givePIN("another", 2)
			t.perform(t.creation(verifiedByPIN))
			tokens, agreements := len(t.pinRequests(subGetTokenByPIN)), len(t.pinRequests(subGetKeyAgreement))
			if tokens > 1 && agreements < tokens {
				t.Fatalf("%d tokens were asked for with %d agreements", tokens, agreements)
			}
		}),
	},
	{
		ID: "pin/wrong/not-for-ever", Spec: at("6.5.5.7", ""), Level: conformance.MustNot, Needs: needs(TypesPIN), Twin: "pin/protocol-2/create",
		Doc:     "A client does not try PINs again and again that the authenticator goes on refusing.",
		Catches: []string{"pin/tries-for-ever"},
		Run: on(func(t *trial) {
			t.device.givePIN(thePIN, 2)
			refusedAt(subGetTokenByPIN, ctap.PINInvalid)(&t.device.script.pin)
			t.refused(t.creation(verifiedByPIN))
			if n := len(t.pinRequests(subGetTokenByPIN)); n > 2*plainRetries+1 {
				t.Fatalf("%d PINs were tried", n)
			}
		}),
	},
	{
		ID: "pin/wrong/auth-blocked", Spec: at("6.5.5.7", ""), Level: conformance.MustNot, Needs: needs(TypesPIN), Twin: "pin/protocol-2/create",
		Doc:     "A client does not go on after PIN_AUTH_BLOCKED, which ends with the power alone.",
		Catches: []string{"pin/tries-when-blocked"},
		Run:     on(func(t *trial) { t.blocked(ctap.PINAuthBlocked) }),
	},
	{
		ID: "pin/wrong/blocked", Spec: at("6.5.5.7", ""), Level: conformance.MustNot, Needs: needs(TypesPIN), Twin: "pin/protocol-2/create",
		Doc:     "A client does not go on after PIN_BLOCKED, which ends with a reset alone.",
		Catches: []string{"pin/tries-when-blocked"},
		Run:     on(func(t *trial) { t.blocked(ctap.PINBlocked) }),
	},
	{
		ID: "pin/wrong/no-retries", Spec: at("6.5.5.2", ""), Level: conformance.Should, Needs: needs(ServesPages, TypesPIN), Twin: "pin/protocol-2/create",
		Doc:     "Where no tries are left, no PIN is tried.",
		Catches: []string{"pin/retries-never-asked"},
		Run: on(func(t *trial) {
			t.device.givePIN(thePIN, 2)
			t.device.pin.retries = 0
			t.perform(t.creation(verifiedByPIN))
			if len(t.pinRequests(subGetTokenByPIN)) > 0 {
				t.Fatalf("a PIN was tried")
			}
		}),
	},
	{
		ID: "pin/wrong/power-cycle", Spec: at("6.5.5.2", ""), Level: conformance.Should, Needs: needs(ServesPages, TypesPIN), Twin: "pin/protocol-2/create",
		Doc:     "Where the authenticator says that it needs its power cut, no PIN is tried.",
		Catches: []string{"pin/power-cycle-ignored"},
		Run: on(func(t *trial) {
			t.device.givePIN(thePIN, 2)
			answerTo(subGetPINRetries, func(m cbor.Map) cbor.Map { return m.With(pinAnswerPowerCycle, true) })(&t.device.script.pin)
			t.perform(t.creation(verifiedByPIN))
			if len(t.pinRequests(subGetTokenByPIN)) > 0 {
				t.Fatalf("a PIN was tried")
			}
		}),
	},
	{
		ID: "pin/not-typed", Spec: page("5.8.6"), Level: conformance.MustNot, Needs: needs(ServesPages, TypesPIN),
		Doc:     "Nobody is asked for a PIN where the page discourages user verification and the authenticator does not need it.",
		Catches: []string{"pin/always"},
		Run: on(func(t *trial) {
			t.device.givePIN(thePIN, 2)
			t.accepted(t.assertion(func(r *Request) { r.PIN = thePIN }))
			if len(t.pinRequests(subGetTokenByPIN)) > 0 {
				t.Fatalf("a PIN was sent")
			}
		}),
	},
	{
		ID: "pin/required-by-authenticator", Spec: at("6.1.2", ""), Level: conformance.Should, Needs: needs(ServesPages, TypesPIN), Twin: "pin/protocol-2/create",
		Doc:     "An authenticator that needs a PIN for every new credential gets it, although the page discourages user verification.",
		Catches: []string{"pin/never-against-the-page"},
		Run: on(func(t *trial) {
			t.device.givePIN(thePIN, 2)
			t.device.script.withOption("makeCredUvNotRqd", false)
			t.accepted(t.creation(func(r *Request) { r.PIN = thePIN }))
			m := t.last(ctap.CommandMakeCredential)
			if !m.params.Has(mcPinUvAuthParam) {
				t.Fatalf("makeCredential has no pinUvAuthParam")
			}
		}),
	},
	{
		ID: "pin/not-typed-create", Spec: page("5.8.6"), Level: conformance.Should, Needs: needs(ServesPages, TypesPIN),
		Doc:     "The same is so of create() where the authenticator says by makeCredUvNotRqd that it does not need it.",
		Catches: []string{"uv/always"},
		Run: on(func(t *trial) {
			t.device.givePIN(thePIN, 2)
			t.accepted(t.creation(func(r *Request) { r.PIN = thePIN }))
			if len(t.pinRequests(subGetTokenByPIN)) > 0 {
				t.Fatalf("a PIN was sent")
			}
		}),
	},
	{
		ID: "pin/required-for-discoverable", Spec: at("6.4", ""), Level: conformance.Should, Needs: needs(ServesPages, TypesPIN), Twin: "pin/protocol-2/create",
		Doc:     "makeCredUvNotRqd is of credentials that are not discoverable: for one that is the PIN is typed, although the page discourages user verification.",
		Catches: []string{"pin/discoverable-without"},
		Run: on(func(t *trial) {
			t.device.givePIN(thePIN, 2)
			t.device.script.strict = true
			t.accepted(t.creation(func(r *Request) { r.PIN, r.ResidentKey = thePIN, "required" }))
			m := t.last(ctap.CommandMakeCredential)
			if !m.params.Has(mcPinUvAuthParam) {
				t.Fatalf("makeCredential has no pinUvAuthParam")
			}
		}),
	},
	{
		ID: "pin/always-uv", Spec: at("7.2", ""), Level: conformance.Should, Needs: needs(ServesPages, TypesPIN), Twin: "pin/protocol-2/get",
		Doc:     "An authenticator that always verifies its user gets the PIN for get(), although the page discourages user verification.",
		Catches: []string{"pin/never-against-the-page"},
		Run: on(func(t *trial) {
			t.device.givePIN(thePIN, 2)
			t.device.script.withOption("alwaysUv", true)
			t.accepted(t.assertion(func(r *Request) { r.PIN = thePIN }))
			m := t.last(ctap.CommandGetAssertion)
			if !m.params.Has(gaPinUvAuthParam) {
				t.Fatalf("getAssertion has no pinUvAuthParam")
			}
		}),
	},
	{
		ID: "pin/protocol-2/fresh-iv", Spec: at("6.5.7", ""), Level: conformance.Must, Needs: needs(TypesPIN), Twin: "pin/protocol-2/create",
		Doc:     "Every encryption of protocol two has an initialisation vector of its own.",
		Catches: []string{"pin/randomness-repeats"},
		Run: on(func(t *trial) {
			t.device.givePIN(thePIN, 2)
			t.accepted(t.creation(verifiedByPIN))
			t.accepted(t.assertion(verifiedByPIN))
			var seen [][]byte
			for _, u := range t.device.pin.secrets {
				if slices.ContainsFunc(seen, func(iv []byte) bool { return bytes.Equal(iv, u.iv) }) || bytes.Equal(u.iv, make([]byte, 16)) {
					t.Fatalf("an initialisation vector is there twice, or zero: %x", u.iv)
				}
				seen = append(seen, u.iv)
			}
		}),
	},
	{
		ID: "pin/fresh-key", Spec: at("6.5.5.4", ""), Level: conformance.Should, Needs: needs(TypesPIN), Twin: "pin/protocol-2/create",
		Doc:     "The platform's key of one ceremony is not that of another.",
		Catches: []string{"pin/randomness-repeats"},
		Run: on(func(t *trial) {
			t.device.givePIN(thePIN, 2)
			t.accepted(t.creation(verifiedByPIN))
			t.accepted(t.creation(verifiedByPIN))
			all := t.pinRequests(subGetTokenByPIN)
			first, last := mapAt(all[0].params, pinKeyAgreement), mapAt(all[len(all)-1].params, pinKeyAgreement)
			if bytes.Equal(bytesAt(first, -2), bytesAt(last, -2)) {
				t.Fatalf("the key is the same")
			}
		}),
	},
}

// blocked has a PIN refused for good.
func (t *trial) blocked(status ctap.Status) {
	t.device.givePIN(thePIN, 2)
	refusedAt(subGetTokenByPIN, status)(&t.device.script.pin)
	t.refused(t.creation(verifiedByPIN))
	if n := len(t.pinRequests(subGetTokenByPIN)); n != 1 {
		t.Differ("1", fmt.Sprint(n), "PINs are tried another number of times")
	}
}

package authenticators

import (
	"fmt"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// choice is one row of the product of all that decides whether a ceremony is let
// through: options, the pinUvAuthParam, and whether a PIN is set. "" is absent.
type choice struct {
	rk, uv, up string // "true", "false"
	param      string // "good", "bad"
	pin        bool
	list       bool // of getAssertion: a list names the credential
}

func (c choice) id() string {
	var parts []string
	for _, p := range []struct{ name, value string }{{"rk", c.rk}, {"uv", c.uv}, {"up", c.up}, {"param", c.param}} {
		if p.value != "" {
			parts = append(parts, p.name+"-"+p.value)
		}
	}
	if c.pin {
		parts = append(parts, "pin")
	}
	if c.list {
		parts = append(parts, "list")
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ",")
}

func (c choice) words() string {
	words := "options " + strings.NewReplacer(",", ", ", "-", " ").Replace(c.id())
	return strings.Replace(words, "options none", "no options", 1)
}

var triState = []string{"", "true", "false"}

// choices is the product, without the rows that cannot be: a good pinUvAuthParam
// takes a PIN in this family.
func choices(rks []string, lists []bool) (all []choice) {
	for _, pin := range []bool{false, true} {
		params := []string{"", "bad"}
		if pin {
			params = append(params, "good")
		}
		for _, rk := range rks {
			for _, uv := range triState {
				for _, up := range triState {
					for _, param := range params {
						for _, list := range lists {
							all = append(all, choice{rk, uv, up, param, pin, list})
						}
					}
				}
			}
		}
	}
	return all
}

// outcome is what the steps of the text make of a choice.
type outcome struct {
	statuses []ctap.Status
	uv, up   bool // the flags, on success
	// touched is true where the device verified its user by a gesture, which may be
	// evidence of presence too (§6.2.2 step 8).
	touched bool
	// unasked is true where the device can verify its user by itself. Some devices do
	// so with every ceremony, and it is no deviation that they say it.
	unasked bool
}

func refusedWith(s ...ctap.Status) outcome { return outcome{statuses: s} }

// options lays a choice's options into a request.
func (c choice) options(r request) request {
	for _, o := range []struct{ id, value string }{{"rk", c.rk}, {"uv", c.uv}, {"up", c.up}} {
		if o.value != "" {
			r = withOption(r, o.id, o.value == "true")
		}
	}
	return r
}

// param adds the pinUvAuthParam of a choice.
func (k *key) param(c choice, r request, permission ctap.Permissions) request {
	switch c.param {
	case "good":
		return k.token(k.protocol(), permission, k.rp).sign(r)
	case "bad":
		t := token{k.protocol(), k.draw(32)}
		return t.sign(r)
	}
	return r
}

// makeOracle is what §6.1.2 steps 5 to 11 make of a choice.
func (c choice) makeOracle(i *info) outcome {
	uv, hasParam, rk := c.uv == "true" && c.param == "", c.param != "", c.rk == "true"
	switch {
	case uv && !i.option(ctap.OptionUV):
		return refusedWith(ctap.InvalidOption) // 5.3
	case c.rk != "" && !i.listed(ctap.OptionRK):
		return refusedWith(ctap.UnsupportedOption) // 5.4
	case c.up == "false":
		return refusedWith(ctap.InvalidOption) // 5.6
	}
	if i.option(ctap.OptionAlwaysUv) { // 6
		switch {
		case !i.protected():
			return refusedWith(i.needsUV(i.listed(ctap.OptionClientPIN)))
		case !hasParam && i.option(ctap.OptionUV):
			uv = true
		case !hasParam && !uv:
			return refusedWith(i.needsUV(i.listed(ctap.OptionClientPIN)))
		}
	}
	excepted := i.option(ctap.OptionMakeCredUvNotRqd) && !i.option(ctap.OptionAlwaysUv) && !rk
	if i.protected() && !uv && !hasParam && !excepted { // 7, 8
		return outcome{statuses: []ctap.Status{i.needsUV(i.option(ctap.OptionClientPIN))}, unasked: i.option(ctap.OptionUV)}
	}
	return c.verify(i, uv, true)
}

// useOracle is what §6.2.2 steps 4 to 6 make of a choice.
func (c choice) useOracle(i *info) outcome {
	uv, up := c.uv == "true" && c.param == "", c.up != "false"
	switch {
	case uv && !i.option(ctap.OptionUV):
		return refusedWith(ctap.InvalidOption) // 4.3
	case !i.option(ctap.OptionAlwaysUv) || !up:
	case !i.protected(): // 5
		return refusedWith(i.needsUV(i.listed(ctap.OptionClientPIN)))
	case c.param == "" && i.option(ctap.OptionUV):
		uv = true
	case c.param == "" && !uv:
		return refusedWith(i.needsUV(i.listed(ctap.OptionClientPIN)))
	}
	return c.verify(i, uv, up)
}

// verify is step 11 of §6.1.2 and step 6 of §6.2.2.
func (c choice) verify(i *info, uv, up bool) outcome {
	if i.protected() && c.param == "bad" {
		return refusedWith(ctap.PINAuthInvalid)
	}
	verified := i.protected() && (uv || c.param == "good")
	return outcome{[]ctap.Status{ctap.OK}, verified, up, uv, i.option(ctap.OptionUV)}
}

// unsigned adds how devices refuse a pinUvAuthParam that nobody can have signed, as there
// is neither a PIN nor built-in user verification. The text has it passed over, and CTAP
// 2.0 did not.
func (c choice) unsigned(i *info, o outcome) outcome {
	if c.param != "" && !i.protected() {
		o.statuses = append(o.statuses, ctap.PINNotSet, ctap.InvalidOption, ctap.PINAuthInvalid)
	}
	return o
}

// needs are those of a choice: a pinUvAuthParam is of no consequence without
// tokens, and some devices know no PIN.
func (c choice) needs() []need {
	needs := []need{atLeast21}
	if c.pin {
		needs = append(needs, pinForKeys)
	}
	if c.param != "" {
		needs = append(needs, pinUvAuthToken)
	}
	return needs
}

// optionCases derive a case from each row of the products.
func optionCases() (all []testCase) {
	for _, c := range choices(triState, []bool{false}) {
		all = append(all, testCase{
			ID: "makecredential/options/" + c.id(), Spec: at("6.1.2", "5 to 11"), Level: conformance.Must, Needs: c.needs(),
			Doc: fmt.Sprintf("makeCredential with %s ends as the steps of the text have it.", c.words()),
			Run: on(func(k *key) {
				if c.pin {
					k.ensurePIN()
				}
				i := k.freshInfo()
				r := k.param(c, c.options(k.newCredential()), ctap.PermissionMakeCredential)
				want := c.unsigned(i, c.makeOracle(i))
				a := k.ask(r)
				if a.status == ctap.OK && want.unasked {
					want.uv, want.up = want.uv || !slices.Contains(want.statuses, ctap.OK), true
					want.statuses = append(want.statuses, ctap.OK)
				}
				k.expect(a.answer, want.statuses...)
				if a.status == ctap.OK {
					k.flagsAre(k.created(a).data, want)
				}
			}),
		})
	}
	for _, c := range choices([]string{""}, []bool{false, true}) {
		needs := c.needs()
		if !c.list {
			needs = append(needs, residentKeys)
		}
		all = append(all, testCase{
			ID: "getassertion/options/" + c.id(), Spec: at("6.2.2", "4 to 6"), Level: conformance.Must, Needs: needs,
			Doc: fmt.Sprintf("getAssertion with %s ends as the steps of the text have it.", c.words()),
			Run: on(func(k *key) { k.useChoice(c) }),
		})
	}
	return all
}

func (k *key) useChoice(c choice) {
	r := k.newCredential()
	if !c.list {
		r = discoverable(r)
	}
	protects := k.info().extension(ctap.ExtensionCredProtect)
	if protects {
		r = extending(r, ctap.ExtensionCredProtect, 1)
	}
	made := k.make(r)
	if c.pin {
		k.ensurePIN()
	}
	use := k.use()
	if c.list {
		use = k.useOf(made)
	}
	i := k.freshInfo()
	want := c.unsigned(i, c.useOracle(i))
	if level, _ := made.data.output(ctap.ExtensionCredProtect); protects && !want.uv && !cbor.Same(level, 1) && slices.Contains(want.statuses, ctap.OK) {
		want.statuses = append(want.statuses, ctap.NoCredentials) // a device that protects more than it is asked to
	}
	a := k.send(k.param(c, c.options(use), ctap.PermissionGetAssertion))
	k.expect(a, want.statuses...)
	if a.status == ctap.OK {
		k.flagsAre(k.asserted(a).data, want)
	}
}

// flagsAre complains unless UP and UV are as the steps of the text have them.
func (k *key) flagsAre(data *authData, want outcome) {
	wrongUV := want.uv && !data.has(flagUV) || data.has(flagUV) && !want.uv && !want.unasked
	if wrongUV || data.has(flagUP) != want.up && !want.touched {
		k.Differ(fmt.Sprintf("UP %v, UV %v", want.up, want.uv), fmt.Sprintf("UP %v, UV %v", data.has(flagUP), data.has(flagUV)), "other flags")
	}
}

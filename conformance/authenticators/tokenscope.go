package authenticators

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// tokenScopeCases are about which permissions a token has, and which it has still
// (§6.5.3, §6.5.5.7).
func tokenScopeCases() []testCase {
	return slices.Concat(clearedPermissionCases(), legacyTokenCases(), persistentTokenCases(), outlivedTokenCases(), outlivedWriteCases)
}

// lastingPermissions are those that go with a ceremony though no ceremony is what they
// are for. lbw is not among them: it stays.
var lastingPermissions = []struct {
	name   string
	action string // of actions: what a token for one RP ID may do
}{
	{"cm", "credentialmanagement/update"},
	{"be", "bioenrollment/enumerate"},
	{"acfg", "config/min-pin-length"},
}

func actionOf(name string) *action {
	i := slices.IndexFunc(actions, func(a action) bool { return a.name == name })
	return &actions[i]
}

// clearedPermissionCases are about clearPinUvAuthTokenPermissionsExceptLbw: a token with
// two permissions serves both, until a ceremony takes both away.
func clearedPermissionCases() (all []testCase) {
	for _, ceremony := range []struct {
		name, section, step string
		permission          ctap.Permissions
		hold                func(*key, token, *credential)
	}{
		{"makecredential", "6.1.2", "14.4", ctap.PermissionMakeCredential, func(k *key, t token, _ *credential) {
			k.created(k.ask(t.sign(k.newCredential())))
		}},
		{"getassertion", "6.2.2", "9", ctap.PermissionGetAssertion, func(k *key, t token, c *credential) {
			k.asserted(k.send(t.sign(k.useOf(c))))
		}},
	} {
		for _, p := range lastingPermissions {
			a := actionOf(p.action)
			both := fmt.Sprintf("%s/token/with/%s", ceremony.name, p.name)
			needs := append([]need{pinToken, pinForKeys, residentKeys}, a.needs...)
			outcome := func(k *key, first func(token, *credential)) answer {
				c := oneDiscoverable(k)
				t := k.token(k.protocol(), ceremony.permission|a.permission, k.rp)
				first(t, c)
				return k.send(a.request(k, t, c))
			}
			all = append(all, testCase{
				ID: both, Spec: at("6.5.5.7", ""), Level: conformance.Must, Needs: needs,
				Doc:     fmt.Sprintf("A token with permission %s beside that of a ceremony serves %s.", p.name, p.action),
				Catches: []string{"token/expires-at-once"},
				Run: on(func(k *key) {
					k.expect(outcome(k, func(token, *credential) {}), append([]ctap.Status{ctap.OK}, a.done...)...)
				}),
			}, testCase{
				ID: fmt.Sprintf("%s/token/clears/%s", ceremony.name, p.name), Spec: at(ceremony.section, ceremony.step), Level: conformance.Must, Needs: needs, Twin: both,
				Doc:     fmt.Sprintf("A ceremony takes permission %s from its token: %s is answered with PIN_AUTH_INVALID then.", p.name, p.action),
				Catches: []string{"token/permissions-kept"},
				Run: on(func(k *key) {
					k.expect(outcome(k, func(t token, c *credential) { ceremony.hold(k, t, c) }), ctap.PINAuthInvalid)
				}),
			})
		}
	}
	return all
}

// legacyTokenCases are about tokens that were asked for as CTAP 2.0 does, which have the
// permissions mc and ga.
func legacyTokenCases() (all []testCase) {
	for _, name := range []string{"credentialmanagement/metadata", "bioenrollment/enumerate", "largeblobs/set", "config/min-pin-length"} {
		a := actionOf(name)
		p := nameOf(a.permission)
		all = append(all, testCase{
			ID: "clientpin/pin-token/without/" + p, Spec: at("6.5.5.7.1", "13"), Level: conformance.MustNot,
			Needs:   append([]need{pinToken, pinForKeys}, a.needs...),
			Twin:    fmt.Sprintf("%s/permission/protocol-1/%s", a.name, p),
			Doc:     fmt.Sprintf("A token got by getPinToken does not serve %s: the answer is PIN_AUTH_INVALID.", a.name),
			Catches: []string{"token/legacy-has-all"},
			Run: on(func(k *key) {
				k.ensurePIN()
				var c *credential
				if a.prepare != nil {
					c = a.prepare(k)
				}
				s := k.agree(k.protocol())
				k.expect(k.send(a.request(k, k.opened(s, k.send(k.tokenByPIN(s, thePIN, 0, ""))), c)), ctap.PINAuthInvalid)
			}),
		})
	}
	return all
}

// persistentTokenCases are about asking for the persistent token (§6.5.2.2, §6.5.5.7.2
// step 12).
func persistentTokenCases() []testCase {
	const reads = "credentialmanagement/read-only/reads"
	needs := []need{pinToken, readOnlyMgmt}
	persistent := func(k *key) token { return k.token(k.protocol(), ctap.PermissionPersistentReadOnly, "") }
	return []testCase{
		{
			ID: "clientpin/read-only/same-again", Spec: at("6.5.2.2", ""), Level: conformance.Must, Needs: needs, Twin: reads,
			Doc:     "Whoever asks for the persistent token again gets the one that there is, and it is of use still.",
			Catches: []string{"token/read-only-renewed"},
			Run: on(func(k *key) {
				first, second := persistent(k), persistent(k)
				if !bytes.Equal(first.value, second.value) {
					k.Differ(fmt.Sprintf("%x", first.value), fmt.Sprintf("%x", second.value), "the persistent token is another one")
				}
				k.expectOK(k.send(k.manage(first, ctap.GetCredsMetadata, nil)))
			}),
		},
		{
			ID: "clientpin/read-only/leaves-others", Spec: at("6.5.5.7.2", "12"), Level: conformance.Must, Needs: append(needs, credMgmt, residentKeys), Twin: "credentialmanagement/metadata/permission/protocol-1/cm",
			Doc:     "That somebody asks for the persistent token does not end the other.",
			Catches: []string{"token/read-only-ends-others"},
			Run: on(func(k *key) {
				t := k.manager()
				persistent(k)
				k.expectOK(k.send(k.manage(t, ctap.GetCredsMetadata, nil)))
			}),
		},
	}
}

// outlivedWriteCases are about writes whose token is too old before they are at their end.
var outlivedWriteCases = []testCase{{
	ID: "largeblobs/set/ends-with-token", Spec: at("6.10.2", "set"), Level: conformance.Must, Needs: []need{largeBlobs, anyToken, clock}, Twin: "largeblobs/set/several-fragments",
	Doc:     "A write is not finished with a token that is too old by then: ten minutes later its last fragment is refused.",
	Catches: []string{"largeblob/write-outlives-token"},
	Run: on(func(k *key) {
		all, t := k.blobs(300), k.blobWriter()
		k.expect(k.send(writeFragment(t, all[:200], 0, 300)), ctap.OK)
		k.wait(11 * time.Minute)
		k.expect(k.send(writeFragment(t, all[200:], 200, 300)), ctap.PINAuthInvalid, ctap.InvalidSeq)
		k.arrayIs(initialLargeBlobs)
	}),
}}

// outlivedTokenCases are about lists whose token is too old before they are at their end
// (§6: state ends with the token that authorised it).
func outlivedTokenCases() (all []testCase) {
	for _, list := range []struct {
		name, section string
		begin, next   ctap.SubCommand
		params        func(*key) cbor.Map
	}{
		{"credentials", "6.8.4", ctap.EnumerateCredentialsBegin, ctap.EnumerateCredentialsGetNextCredential, func(k *key) cbor.Map { return hashParams(k.rp) }},
		{"rps", "6.8.3", ctap.EnumerateRPsBegin, ctap.EnumerateRPsGetNextRP, func(*key) cbor.Map { return nil }},
	} {
		all = append(all, testCase{
			ID: "credentialmanagement/" + list.name + "/ends-with-token", Spec: at(list.section, ""), Level: conformance.Must,
			Needs: cmNeeds(clock), Twin: "credentialmanagement/" + list.name + "/plain",
			Doc:     "What a list goes on with ends with the token that began it: ten minutes later there is no next.",
			Catches: []string{"management/list-outlives-token"},
			Run: on(func(k *key) {
				k.make(discoverable(k.newCredential()))
				k.make(discoverable(k.newCredential()))
				k.make(discoverable(k.newCredential().with(mcRP, rpEntity("other-"+k.rp))))
				k.expectOK(k.send(k.manage(k.manager(), list.begin, list.params(k))))
				k.wait(11 * time.Minute)
				k.expect(k.send(k.manage(token{}, list.next, nil)), ctap.NotAllowed, ctap.NoCredentials)
			}),
		})
	}
	return all
}

package authenticators

import (
	"bytes"
	"fmt"
	"time"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

func nextAssertion() request {
	return request{command: ctap.CommandGetNextAssertion, bare: true}
}

// makeSeveral makes discoverable credentials of different users, the newest last.
func (k *key) makeSeveral(n int) []*credential {
	var all []*credential
	for range n {
		all = append(all, k.make(discoverable(k.newCredential())))
	}
	return all
}

// startSequence asks for an assertion where there are several credentials. A device
// that lets its user choose has no sequence, and is not concerned.
func (k *key) startSequence(r request, n int) *assertion {
	s := k.asserted(k.send(r))
	if selected, _ := s.answer.members.Get(gotSelected); selected == any(true) {
		k.Unsupportedf("needs a device that does not let its user choose among accounts")
	}
	if got := k.uintOf(s.answer, gotNumber); got != uint64(n) {
		k.Differ(fmt.Sprint(n), fmt.Sprint(got), "numberOfCredentials is another one")
		k.FailNow()
	}
	return s
}

// getNextAssertionCases are those of authenticatorGetNextAssertion (§6.3).
func getNextAssertionCases() []testCase {
	const all = "getnextassertion/all"
	return []testCase{
		{
			ID: all, Spec: at("6.3", ""), Level: conformance.Must, Needs: []need{residentKeys},
			Doc: "Each of several credentials signs the clientDataHash of the getAssertion before, and names itself and its user.",
			Run: on(func(k *key) {
				made := k.makeSeveral(3)
				r := k.authorise(k.use())
				signed := []*assertion{k.startSequence(r, 3)}
				for range 2 {
					signed = append(signed, k.asserted(k.send(nextAssertion())))
				}
				for i, s := range signed {
					c := made[len(made)-1-i]
					k.signedBy(s, c, hashOf(r))
					k.ofCredential(s, c)
					if id, _ := s.user.Get("id"); !cbor.Same(id, c.user) {
						k.Differ(fmt.Sprintf("%x", c.user), cbor.Text(s.user, nil), "another user")
					}
				}
			}),
		},
		{
			ID: "getnextassertion/newest-first", Spec: at("6.2.2", "12.2.1"), Level: conformance.Must, Needs: []need{residentKeys},
			Doc:     "The credentials come in the order of their making, the newest first.",
			Catches: []string{"assert/count-missing", "assert/count-too-high", "assert/credential-missing", "assert/oldest-first", "store/order-lost"},
			Run: on(func(k *key) {
				made := k.makeSeveral(4)
				s := k.startSequence(k.authorise(k.use()), 4)
				for i := range made {
					if c := made[len(made)-1-i]; !bytes.Equal(s.id, c.id) {
						k.Differ(fmt.Sprintf("%x", c.id), fmt.Sprintf("%x", s.id), "assertion %d is by another credential", i+1)
					}
					if i < len(made)-1 {
						s = k.asserted(k.send(nextAssertion()))
					}
				}
			}),
		},
		{
			ID: "getnextassertion/no-number", Spec: at("6.3", ""), Level: conformance.MustNot, Needs: []need{residentKeys}, Twin: all,
			Doc: "numberOfCredentials is absent in the answers that follow the first.",
			Run: on(func(k *key) {
				k.makeSeveral(2)
				k.startSequence(k.authorise(k.use()), 2)
				k.absent(k.asserted(k.send(nextAssertion())).answer, gotNumber, "which is not the first of its sequence")
			}),
		},
		{
			ID: "getnextassertion/canonical", Spec: at("8", ""), Level: conformance.Must, Needs: []need{residentKeys},
			Doc: "The answers are in the canonical form of CTAP2.",
			Run: on(func(k *key) {
				k.makeSeveral(2)
				k.startSequence(k.authorise(k.use()), 2)
				a := k.send(nextAssertion())
				k.expectOK(a)
				k.canonical(a)
			}),
		},
		{
			ID: "getnextassertion/flags", Spec: at("6.3", "6"), Level: conformance.Must, Needs: []need{residentKeys},
			Doc: "The flags are those of the first answer.",
			Run: on(func(k *key) {
				k.makeSeveral(2)
				first := k.startSequence(k.authorise(k.use()), 2)
				next := k.asserted(k.send(nextAssertion()))
				if (first.data.flags^next.data.flags)&(flagUP|flagUV) != 0 {
					k.Differ(fmt.Sprintf("%08b", first.data.flags), fmt.Sprintf("%08b", next.data.flags), "other flags")
				}
				k.rpIDHash(next.data, k.rp)
				k.wholeAuthData(next.data)
			}),
		},
		{
			ID: "getnextassertion/silent", Spec: at("6.3", "6"), Level: conformance.Must, Needs: []need{levelOne, residentKeys}, Twin: all,
			Doc:     "After a getAssertion with option up of false the flag UP is not set in any answer.",
			Catches: []string{"flags/up-always"},
			Run: on(func(k *key) {
				k.makeSeveral(2)
				k.startSequence(withOption(k.use(), "up", false), 2)
				k.flags(k.asserted(k.send(nextAssertion())).data, 0, flagUP)
			}),
		},
		{
			ID: "getnextassertion/names-without-verification", Spec: at("6.2.2", "12.3"), Level: conformance.MustNot, Needs: []need{residentKeys, touchSigns},
			Doc:     "Where the user was not verified no answer of several has more of a user than the ID.",
			Catches: []string{"assert/count-missing", "assert/count-too-high", "assert/names-without-verification", "assert/passkeys-not-found"},
			Run: on(func(k *key) {
				k.makeSeveral(2)
				k.onlyUserID(k.startSequence(k.use(), 2))
				k.onlyUserID(k.asserted(k.send(nextAssertion())))
			}),
		},
		{
			ID: "getnextassertion/names", Spec: at("6.2", ""), Level: conformance.Should, Needs: []need{residentKeys, feature("user verification", canVerify)}, Twin: all,
			Doc:     "Where the user was verified each of several answers has the names of its user, so that the platform can have one chosen.",
			Catches: []string{"assert/names-in-first-alone"},
			Run: on(func(k *key) {
				made := k.makeSeveral(3)
				s := k.startSequence(k.verified(k.use()), 3)
				for i := range made {
					want := made[len(made)-1-i].account
					for _, name := range []string{"name", "displayName"} {
						wanted, _ := want.Get(name)
						if got, _ := s.user.Get(name); !cbor.Same(got, wanted) {
							k.Differ(cbor.Text(want, nil), cbor.Text(s.user, nil), "answer %d does not tell the %s of its user", i+1, name)
						}
					}
					if i < len(made)-1 {
						s = k.asserted(k.send(nextAssertion()))
					}
				}
			}),
		},
		{
			ID: "getnextassertion/exhausted", Spec: at("6.3", "2"), Level: conformance.Must, Needs: []need{residentKeys}, Twin: all,
			Doc:     "After the last credential the answer is NOT_ALLOWED.",
			Catches: []string{"assert/never-ends"},
			Run: on(func(k *key) {
				k.makeSeveral(2)
				k.startSequence(k.authorise(k.use()), 2)
				k.expectOK(k.send(nextAssertion()))
				k.expect(k.send(nextAssertion()), ctap.NotAllowed)
				k.expect(k.send(nextAssertion()), ctap.NotAllowed)
			}),
		},
		{
			ID: "getnextassertion/without-assertion", Spec: at("6.3", "1"), Level: conformance.Must, Needs: []need{ctap2}, Twin: mcPlain,
			Doc:     "Without a getAssertion before the answer is NOT_ALLOWED.",
			Catches: []string{"status/not-allowed"},
			Run:     on(func(k *key) { k.expect(k.send(nextAssertion()), ctap.NotAllowed) }),
		},
		{
			ID: "getnextassertion/after-one", Spec: at("6.3", "2"), Level: conformance.Must, Needs: []need{residentKeys}, Twin: all,
			Doc:     "After a getAssertion that found one credential the answer is NOT_ALLOWED.",
			Catches: []string{"assert/never-ends"},
			Run: on(func(k *key) {
				k.makeSeveral(1)
				k.assert(k.use())
				k.expect(k.send(nextAssertion()), ctap.NotAllowed)
			}),
		},
		{
			ID: "getnextassertion/after-allow-list", Spec: at("6.2.2", "11"), Level: conformance.Must, Needs: []need{residentKeys}, Twin: all,
			Doc:     "After a getAssertion with a list the answer is NOT_ALLOWED.",
			Catches: []string{"quirk/lists-of-one"},
			Run: on(func(k *key) {
				k.lists(2)
				made := k.makeSeveral(2)
				k.assert(k.use().with(gaAllowList, cbor.Array{made[0].descriptor(), made[1].descriptor()}))
				k.expect(k.send(nextAssertion()), ctap.NotAllowed)
			}),
		},
		{
			ID: "getnextassertion/after-failure", Spec: at("6", ""), Level: conformance.Must, Needs: []need{residentKeys}, Twin: all,
			Doc:     "A getAssertion that finds nothing ends the sequence before.",
			Catches: []string{"assert/count-missing"},
			Run: on(func(k *key) {
				k.makeSeveral(2)
				k.startSequence(k.authorise(k.use()), 2)
				k.expect(k.send(k.authorise(k.use().with(gaRPID, "other-"+k.rp))), ctap.NoCredentials)
				k.expect(k.send(nextAssertion()), ctap.NotAllowed)
			}),
		},
		{
			ID: "getnextassertion/after-power-cycle", Spec: at("6", "2"), Level: conformance.Should, Needs: []need{residentKeys, power}, Twin: all,
			Doc: "A power cycle ends the sequence.",
			Run: on(func(k *key) {
				k.makeSeveral(2)
				k.startSequence(k.authorise(k.use()), 2)
				k.powerCycle()
				k.expect(k.send(nextAssertion()), ctap.NotAllowed)
			}),
		},
		{
			ID: "getnextassertion/after-reset", Spec: at("6.6", "4"), Level: conformance.Must, Needs: []need{residentKeys, power}, Twin: all,
			Doc: "A reset ends the sequence.",
			Run: on(func(k *key) {
				k.makeSeveral(2)
				k.powerCycle()
				k.startSequence(k.authorise(k.use()), 2)
				k.resetInUse()
				k.expect(k.send(nextAssertion()), ctap.NotAllowed)
			}),
		},
		{
			ID: "getnextassertion/after-31-seconds", Spec: at("6.3", "3"), Level: conformance.Must, Needs: []need{residentKeys, clock}, Twin: all,
			Doc:     "After more than 30 seconds the sequence has ended.",
			Catches: []string{"assert/no-timer"},
			Run: on(func(k *key) {
				k.makeSeveral(2)
				k.startSequence(k.authorise(k.use()), 2)
				k.wait(31 * time.Second)
				k.expect(k.send(nextAssertion()), ctap.NotAllowed)
			}),
		},
		{
			ID: "getnextassertion/timer-restarts", Spec: at("6.3", "7"), Level: conformance.Must, Needs: []need{levelOne, residentKeys, clock, touchAlone}, Twin: all,
			Doc: "The 30 seconds are counted from the last answer.",
			Run: on(func(k *key) {
				k.makeSeveral(3)
				k.startSequence(k.use(), 3)
				k.wait(20 * time.Second)
				k.expectOK(k.send(nextAssertion()))
				k.wait(20 * time.Second)
				k.expectOK(k.send(nextAssertion()))
			}),
		},
	}
}

// onlyUserID complains about what says more of a user than the ID.
func (k *key) onlyUserID(s *assertion) {
	for _, p := range s.user {
		if p.Key != any("id") {
			k.Differ("id alone", cbor.Text(s.user, nil), "%s tells who the user is", s.answer.command)
			return
		}
	}
}

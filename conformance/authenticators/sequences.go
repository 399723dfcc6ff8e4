package authenticators

import (
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/ctap"
)

// sequence is a command that another command goes on with (§6).
type sequence struct {
	name, section string
	needs         []need
	// begin does what the sequence needs, up to where it could go on, and returns
	// the request that would.
	begin func(*key) request
	lost  []ctap.Status // where there is nothing to go on with
}

var notAllowed = []ctap.Status{ctap.NotAllowed}

var sequences = []sequence{
	{
		name: "getnextassertion", section: "6.3", needs: []need{residentKeys, ceremonyToken}, lost: notAllowed,
		begin: func(k *key) request {
			k.makeSeveral(2)
			k.startSequence(k.tokenFor(withOption(k.use(), "up", false)), 2)
			return nextAssertion()
		},
	},
	{
		name: "credentialmanagement/rps", section: "6.8.3", needs: cmNeeds(), lost: notAllowed,
		begin: func(k *key) request {
			k.makeSeveral(1)
			k.make(discoverable(k.newCredential().with(mcRP, rpEntity("other-"+k.rp))))
			k.expectOK(k.send(k.manage(k.manager(), ctap.EnumerateRPsBegin, nil)))
			return k.manage(token{}, ctap.EnumerateRPsGetNextRP, nil)
		},
	},
	{
		name: "credentialmanagement/credentials", section: "6.8.4", needs: cmNeeds(), lost: notAllowed,
		begin: func(k *key) request {
			k.makeSeveral(2)
			k.expectOK(k.send(k.manage(k.manager(), ctap.EnumerateCredentialsBegin, hashParams(k.rp))))
			return k.manage(token{}, ctap.EnumerateCredentialsGetNextCredential, nil)
		},
	},
}

// sequenceCases are about what ends a sequence.
func sequenceCases() (all []testCase) {
	for _, s := range sequences {
		name := s.name + "/sequence/"
		add := func(id, section string, level conformance.Level, doc string, needs []need, event func(*key)) {
			c := testCase{
				ID: name + id, Spec: at(section, ""), Level: level, Doc: doc, Twin: name + "goes-on", Needs: append(needs, s.needs...),
				Run: on(func(k *key) {
					next := s.begin(k)
					if event == nil {
						k.expectOK(k.send(next))
						return
					}
					event(k)
					k.expect(k.send(next), s.lost...)
				}),
			}
			if event == nil {
				c.Twin = ""
			}
			all = append(all, c)
		}
		add("goes-on", s.section, conformance.Must, "The sequence goes on.", nil, nil)
		add("power-cycle", "6", conformance.Should, "A power cycle ends the sequence.", []need{power}, (*key).powerCycle)
		add("reset", "6.6", conformance.Must, "A reset ends the sequence.", []need{power, clock}, (*key).resetInUse)
		add("token-replaced", "6", conformance.Must, "The sequence ends with the token that authorised it: when another one is handed out.", nil, func(k *key) {
			k.token(k.protocol(), ctap.PermissionGetAssertion|ctap.PermissionMakeCredential, k.rp)
		})
		add("token-changed-pin", "6", conformance.Must, "The sequence ends with the token that authorised it: when the PIN is changed.", []need{pinForKeys}, func(k *key) {
			k.changePIN(thePIN, otherPIN)
		})
	}
	return all
}

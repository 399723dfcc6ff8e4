package fault

import (
	"slices"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
)

// sparing keeps what would have been replaced, unless it is alike.
func sparing(alike func(old, made *authenticator.Credential) bool) authenticator.Seams {
	kept := map[string]*authenticator.Credential{}
	return authenticator.Seams{Keep: func(c authenticator.Change) authenticator.Change {
		if len(c.Put) == 1 && len(c.Delete) > 0 {
			c.Delete = slices.DeleteFunc(slices.Clone(c.Delete), func(id []byte) bool {
				old := kept[string(id)]
				return old != nil && !alike(old, c.Put[0])
			})
		}
		for _, put := range c.Put {
			kept[string(put.ID)] = put
		}
		return c
	}}
}

func replacingFaults() []Fault {
	const rule = "CTAP 2.3 §6.1.2 step 17.2"
	return []Fault{
		{
			ID: "create/replaces-same-names-alone", Spec: rule,
			Doc: "A new passkey takes the place of the one of its account only where the names of the user are the same.",
			Seams: sparing(func(old, made *authenticator.Credential) bool {
				return old.User.Name == made.User.Name && old.User.DisplayName == made.User.DisplayName
			}),
		}, {
			ID: "create/replaces-same-algorithm-alone", Spec: rule,
			Doc:   "A new passkey takes the place of the one of its account only where their keys are of the same algorithm.",
			Seams: sparing(func(old, made *authenticator.Credential) bool { return old.Algorithm == made.Algorithm }),
		},
		fullRefusesReplacement(),
	}
}

func fullRefusesReplacement() Fault {
	full := false
	return Fault{
		ID: "create/full-refuses-replacement", Spec: "CTAP 2.3 §6.1.2 steps 17.2 and 17.4",
		Doc: "Once the device was full it takes no passkey any more, not even in the place of another.",
		Seams: authenticator.Seams{Steps: steps{at("6.1.2", "17 and 18"): func(run func() error) error {
			if full {
				return ctap.Errorf(ctap.KeyStoreFull, "the fault says so")
			}
			err := run()
			full = ctap.StatusOf(err) == ctap.KeyStoreFull
			return err
		}}},
	}
}

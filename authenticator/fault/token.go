package fault

import (
	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
)

// lenient makes a seam of rules about tokens that do not apply.
func lenient(rules ...authenticator.TokenRule) authenticator.Seams {
	return authenticator.Seams{Token: func(rule authenticator.TokenRule, stops bool) bool {
		for _, r := range rules {
			if r == rule {
				return false
			}
		}
		return stops
	}}
}

// spentByPrompts has tokens used up by requests that ask the user for something, and by
// no others.
func spentByPrompts() authenticator.Seams {
	asked := false // in this request; one is served at a time
	return authenticator.Seams{
		Request: func(r ctap.Request) ctap.Request {
			asked = false
			return r
		},
		Answer: func(_ authenticator.Prompt, g authenticator.Gesture, err error) (authenticator.Gesture, error) {
			asked = true
			return g, err
		},
		Token: func(rule authenticator.TokenRule, stops bool) bool {
			return stops && (asked || rule != authenticator.TokenSpent)
		},
	}
}

func tokenFaults() []Fault {
	const variables = "CTAP 2.3 §6.5.2.1"
	return []Fault{
		{
			ID: "token/mac-unchecked", Spec: "CTAP 2.3 §6.1.2 step 11.1.1, §6.2.2 step 6.1.1",
			Doc:   "Once there is a pinUvAuthToken, every pinUvAuthParam will do.",
			Seams: lenient(authenticator.TokenMAC),
		}, {
			ID: "token/permissions-unchecked", Spec: "CTAP 2.3 §6.5.5.7, §6.1.2 step 11.1.2, §6.2.2 step 6.1.4",
			Doc:   "A pinUvAuthToken serves whatever permissions it has.",
			Seams: lenient(authenticator.TokenPermission),
		}, {
			ID: "token/rp-unchecked", Spec: "CTAP 2.3 §6.1.2 step 11.1.3, §6.2.2 step 6.1.5",
			Doc:   "A pinUvAuthToken for one RP ID serves every other.",
			Seams: lenient(authenticator.TokenRPID),
		}, {
			ID: "token/reusable", Spec: "CTAP 2.3 §6.1.2 step 14.4, §6.2.2 step 9",
			Doc:   "A pinUvAuthToken serves any number of ceremonies, and the touch of the first counts for all.",
			Seams: lenient(authenticator.TokenSpent),
		}, {
			ID: "token/gesture-reusable", Spec: "CTAP 2.3 §6.1.2 step 14.4, §6.2.2 step 9",
			Doc:   "A pinUvAuthToken is used up by a ceremony that asked for a touch alone, and not where the gesture that it was got with counts for one.",
			Seams: spentByPrompts(),
		}, {
			ID: "token/no-initial-limit", Spec: variables,
			Doc:   "A pinUvAuthToken that nobody used for 30 seconds is good still.",
			Seams: lenient(authenticator.TokenUnused),
		}, {
			ID: "token/no-usage-period", Spec: variables,
			Doc:   "A pinUvAuthToken is good for longer than 600 seconds.",
			Seams: lenient(authenticator.TokenOld),
		}, {
			ID: "token/survives-pin-change", Spec: "CTAP 2.3 §6.5.5.6 step 20",
			Doc:   "A pinUvAuthToken that was got with the old PIN is good after the PIN was changed.",
			Seams: lenient(authenticator.TokenPINChanged),
		}, {
			ID: "token/survives-stale-pin", Spec: "CTAP 2.3 §6.11.4 step 7",
			Doc:   "A pinUvAuthToken is good after its PIN was ordered to be changed.",
			Seams: lenient(authenticator.TokenPINStale),
		}, {
			ID: "token/survives-power-cycle", Spec: variables,
			Doc:   "A pinUvAuthToken is good after the power was off.",
			Seams: lenient(authenticator.TokenPowerLost),
		}, {
			ID: "token/survives-reset", Spec: "CTAP 2.3 §6.6",
			Doc:   "A pinUvAuthToken from before a reset is good after it.",
			Seams: lenient(authenticator.TokenErased),
		}, {
			ID: "token/old-touch-counts", Spec: variables + " (user present time limit)",
			Doc:   "The touch by which a pinUvAuthToken was got counts for as long as the token is good.",
			Seams: lenient(authenticator.TokenGestureOld),
		}, {
			ID: "token/expires-at-once", Spec: variables,
			Doc: "A pinUvAuthToken is too old as soon as it is granted.",
			Seams: authenticator.Seams{Token: func(rule authenticator.TokenRule, stops bool) bool {
				return stops || rule == authenticator.TokenOld
			}},
		},
		{
			ID: "token/rp-binding-too-strict", Spec: "CTAP 2.3 §6.1.2 step 11.1.7, §6.2.2 step 6.1.6",
			Doc: "A pinUvAuthToken serves no RP ID, not even the one that it is for.",
			Seams: authenticator.Seams{Token: func(rule authenticator.TokenRule, stops bool) bool {
				return stops || rule == authenticator.TokenRPID
			}},
		},
	}
}

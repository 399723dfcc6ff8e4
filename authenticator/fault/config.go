package fault

import (
	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/canon"
)

func configFaults() []Fault {
	const minimum = "CTAP 2.3 §6.11.4"
	return []Fault{
		{
			ID: "config/anybody", Spec: "CTAP 2.3 §6.11 step 4",
			Doc:   "Whoever asks may configure the device.",
			Seams: unchecked(at("6.11", "3 and 4")),
		}, {
			ID: "config/minimum-lowered", Spec: minimum + " step 3",
			Doc:   "That a minimum PIN length is lower than before is accepted, and ignored.",
			Seams: ending(ctap.PINPolicyViolation, nil, at("6.11.4", "1 and 3")),
		}, {
			ID: "config/minimum-not-kept", Spec: minimum,
			Doc:   "Setting a minimum PIN length succeeds and changes nothing.",
			Seams: keepingSettings(func(s *authenticator.Settings) { s.MinPINLength = 0 }),
		}, {
			ID: "config/force-change-ignored", Spec: minimum + " step 4",
			Doc:   "Ordering the PIN to be changed succeeds and changes nothing.",
			Seams: keepingSettings(func(s *authenticator.Settings) { s.ForcePINChange = false }),
		}, {
			ID: "config/rp-list-not-kept", Spec: minimum + " step 8",
			Doc:   "Whom the minimum PIN length may be told is accepted, and forgotten.",
			Seams: keepingSettings(func(s *authenticator.Settings) { s.MinPINRPIDs = nil }),
		}, {
			ID: "config/always-uv-not-kept", Spec: "CTAP 2.3 §6.11.2",
			Doc:   "Switching alwaysUv on succeeds and changes nothing.",
			Seams: keepingSettings(func(s *authenticator.Settings) { s.AlwaysUv = nil }),
		}, {
			ID: "config/always-uv-ignored", Spec: "CTAP 2.3 §7.2, §6.2.2 step 5",
			Doc:   "With alwaysUv on, sign-ins go on without user verification.",
			Seams: skipping(at("6.2.2", "5")),
		}, {
			ID: "config/long-touch-not-kept", Spec: "CTAP 2.3 §6.11.5",
			Doc:   "Demanding a long touch for reset succeeds and changes nothing.",
			Seams: keepingSettings(func(s *authenticator.Settings) { s.LongTouch = false }),
		}, {
			ID: "config/unknown-succeeds", Spec: "CTAP 2.3 §6.11 step 2, §8.1",
			Doc: "A subcommand that the device does not have succeeds.",
			Seams: authenticator.Seams{Result: func(req ctap.Request, resp any, err error) (any, error) {
				if _, is := req.(*ctap.ConfigRequest); is && ctap.StatusOf(err) == ctap.InvalidSubcommand {
					return new(ctap.Empty), nil
				}
				return resp, err
			}},
		},
		minimumToldToAll(),
		alwaysUvShut(),
		{
			ID: "config/minimum-told-to-nobody", Spec: "CTAP 2.3 §12.5",
			Doc:   "The minimum PIN length is not told to those either who may know it.",
			Seams: withOutput(ctap.ExtensionMinPINLength, nil),
		}, {
			ID: "config/minimum-told-wrong", Spec: "CTAP 2.3 §12.5",
			Doc:   "The minimum PIN length is told as 4 to those who may know it, whatever it is.",
			Seams: withOutput(ctap.ExtensionMinPINLength, canon.AppendUint(nil, leastPIN)),
		},
	}
}

// leastPIN is the least minimum that there is, in code points.
const leastPIN = 4

// minimumToldToAll notes whether somebody asked.
func minimumToldToAll() Fault {
	asked := false
	seams := withOutputs(func(outputs canon.Raw) canon.Raw {
		extensions := ctap.Extensions{}
		if len(outputs) > 0 && canon.Unmarshal(outputs, &extensions) != nil || !asked {
			return outputs
		}
		if _, told := extensions[ctap.ExtensionMinPINLength]; told || extensions.Set(ctap.ExtensionMinPINLength, leastPIN) != nil {
			return outputs
		}
		spoiled, err := canon.Marshal(extensions)
		if err != nil {
			return outputs
		}
		return spoiled
	})
	seams.Request = func(req ctap.Request) ctap.Request {
		asked = false
		if r, is := req.(*ctap.MakeCredentialRequest); is {
			_, asked = r.Extensions[ctap.ExtensionMinPINLength]
		}
		return req
	}
	return Fault{
		ID: "config/minimum-told-to-all", Spec: "CTAP 2.3 §12.5, §7.4",
		Doc:   "The minimum PIN length is told to every relying party that asks, as 4.",
		Seams: seams,
	}
}

func alwaysUvShut() Fault {
	bare, on := false, false
	return Fault{
		ID: "config/always-uv-shut", Spec: "CTAP 2.3 §6.11 step 3",
		Doc: "A device that knows no user does not switch alwaysUv off without a pinUvAuthToken, which nobody could get.",
		Seams: authenticator.Seams{
			Request: asking(func(r *ctap.ConfigRequest) { bare = r.PinUvAuthParam == nil }),
			Steps: steps{at("6.11.2", "1 and 2"): func(run func() error) error {
				if bare && on {
					return ctap.Errorf(ctap.PUATRequired, "the fault says so")
				}
				on = !on
				return run()
			}},
		},
	}
}

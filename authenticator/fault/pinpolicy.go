package fault

import (
	"bytes"
	"context"
	"crypto/sha256"
	"slices"
	"time"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
)

// pinPolicyFaults are about what a device remembers of PINs and of the rules for them.
func pinPolicyFaults() []Fault {
	return []Fault{
		lengthInBytes(), listGrows(), policyCostsRetry(), agreementRenewedOnce(), windowShort(), hashStart(),
		refusedForcesChange(), refusedRaisesMinimum(), falseEndsForce(),
	}
}

// lengthInBytes reads new PINs with the device's own key agreement key.
func lengthInBytes() Fault {
	var keys [3]*pinuv.KeyPair
	length := 0
	seams := keepingSettings(func(s *authenticator.Settings) {
		if length > 0 && s.PINLength > 0 {
			s.PINLength = length
		}
	})
	seams.Agreement = func(p pinuv.Protocol, drawn *pinuv.KeyPair) *pinuv.KeyPair {
		keys[p] = drawn
		return drawn
	}
	seams.Request = func(req ctap.Request) ctap.Request {
		r, is := req.(*ctap.ClientPINRequest)
		if !is || r.NewPINEnc == nil || r.PinUvAuthProtocol == nil || *r.PinUvAuthProtocol >= uint64(len(keys)) || keys[*r.PinUvAuthProtocol] == nil {
			return req
		}
		p := pinuv.Protocol(*r.PinUvAuthProtocol)
		if shared, err := keys[p].Decapsulate(p, r.KeyAgreement); err == nil {
			if padded, err := shared.Decrypt(r.NewPINEnc); err == nil {
				length = len(bytes.TrimRight(padded, "\x00"))
			}
		}
		return req
	}
	return Fault{
		ID: "config/length-in-bytes", Spec: "CTAP 2.3 §6.11.4 step 6 (PINCodePointLength)",
		Doc:   "The length of the PIN is remembered in bytes, so that a PIN of letters beyond ASCII passes for a longer one when the minimum is raised.",
		Seams: seams,
	}
}

func listGrows() Fault {
	var before []string
	return Fault{
		ID: "config/rp-list-grows", Spec: "CTAP 2.3 §6.11.4 step 8",
		Doc: "A list of those who may know the minimum PIN length is added to the one before.",
		Seams: keepingSettings(func(s *authenticator.Settings) {
			for _, rp := range before {
				if !slices.Contains(s.MinPINRPIDs, rp) {
					s.MinPINRPIDs = append(slices.Clip(s.MinPINRPIDs), rp)
				}
			}
			before = s.MinPINRPIDs
		}),
	}
}

// setMinPINLengthOf are the parameters of a request for setMinPINLength, if it is one.
func setMinPINLengthOf(req ctap.Request) (params ctap.SetMinPINLengthParams, is bool) {
	r, is := req.(*ctap.ConfigRequest)
	if !is || r.SubCommand != ctap.SetMinPINLength {
		return params, false
	}
	params, err := r.SetMinPINLength()
	return params, err == nil
}

// refusedSetting has a setMinPINLength that is refused set something all the same.
func refusedSetting(with ctap.Status, set func(ctap.SetMinPINLengthParams, *authenticator.Settings)) authenticator.Seams {
	return afterRefusal(with, func(req ctap.Request, store authenticator.Store) error {
		params, is := setMinPINLengthOf(req)
		if !is {
			return nil
		}
		held, err := store.Load(context.Background())
		if err != nil {
			return err
		}
		set(params, &held.Settings)
		return store.Commit(context.Background(), authenticator.Change{Settings: &held.Settings})
	})
}

func refusedForcesChange() Fault {
	return Fault{
		ID: "config/refused-forces-change", Spec: "CTAP 2.3 §6.11.4 steps 3 and 4",
		Doc: "A minimum that is refused because it is smaller than the one before forces a change of the PIN, if that was asked for with it.",
		Seams: refusedSetting(ctap.PINPolicyViolation, func(params ctap.SetMinPINLengthParams, s *authenticator.Settings) {
			s.ForcePINChange = s.ForcePINChange || params.ForceChangePIN != nil && *params.ForceChangePIN
		}),
	}
}

func refusedRaisesMinimum() Fault {
	return Fault{
		ID: "config/refused-raises-minimum", Spec: "CTAP 2.3 §6.11.4",
		Doc: "A minimum is set though the request is refused, because of too many RP IDs that came with it.",
		Seams: refusedSetting(ctap.KeyStoreFull, func(params ctap.SetMinPINLengthParams, s *authenticator.Settings) {
			if params.NewMinPINLength != nil {
				s.MinPINLength = int(min(*params.NewMinPINLength, pinuv.PaddedPIN-1))
			}
		}),
	}
}

func falseEndsForce() Fault {
	denied := false
	seams := keepingSettings(func(s *authenticator.Settings) {
		s.ForcePINChange = s.ForcePINChange && !denied
	})
	seams.Request = func(req ctap.Request) ctap.Request {
		params, is := setMinPINLengthOf(req)
		denied = is && params.ForceChangePIN != nil && !*params.ForceChangePIN
		return req
	}
	return Fault{
		ID: "config/false-ends-force", Spec: "CTAP 2.3 §6.11.4 steps 4 and 6",
		Doc:   "forceChangePin of false takes the force away, whatever the PIN is like.",
		Seams: seams,
	}
}

func policyCostsRetry() Fault {
	return Fault{
		ID: "pin/policy-costs-retry", Spec: "CTAP 2.3 §6.5.5.6 steps 8 and 12",
		Doc: "A new PIN that is against the policy costs an attempt, though the old PIN was right.",
		Seams: afterRefusal(ctap.PINPolicyViolation, func(req ctap.Request, store authenticator.Store) error {
			if r, is := req.(*ctap.ClientPINRequest); !is || r.SubCommand != ctap.ChangePIN {
				return nil
			}
			held, err := store.Load(context.Background())
			if err != nil {
				return err
			}
			held.State.PINMisses++
			return store.Commit(context.Background(), authenticator.Change{State: &held.State})
		}),
	}
}

func agreementRenewedOnce() Fault {
	type drawn struct {
		key *pinuv.KeyPair
		n   int
	}
	var last [3]drawn
	return Fault{
		ID: "pin/key-agreement-renewed-once", Spec: "CTAP 2.3 §6.5.2.3, §6.5.4 (regenerate)",
		Doc: "There is another key agreement key after the first wrong PIN, and none after those that follow it.",
		Seams: authenticator.Seams{
			Agreement: func(p pinuv.Protocol, fresh *pinuv.KeyPair) *pinuv.KeyPair {
				const most = 2
				if last[p].n < most {
					last[p] = drawn{fresh, last[p].n + 1}
				}
				return last[p].key
			},
			PowerCycled: func() { last = [3]drawn{} },
		},
	}
}

func windowShort() Fault {
	const open = 5 * time.Second
	var clock authenticator.Clock
	var up time.Time
	return Fault{
		ID: "reset/window-short", Spec: "CTAP 2.3 §6.6 (10 seconds after power-up)",
		Doc: "A reset is possible for five seconds after power-up.",
		Seams: authenticator.Seams{
			Env: func(e authenticator.Env) authenticator.Env {
				clock, up = e.Clock, e.Clock.Now()
				return e
			},
			PowerCycled: func() { up = clock.Now() },
			Steps: steps{at("6.6", "1"): func(run func() error) error {
				if clock.Now().Sub(up) > open {
					return ctap.Errorf(ctap.NotAllowed, "the fault says so")
				}
				return run()
			}},
		},
	}
}

// hashStart completes the start of a hash by the RP IDs of the passkeys that it has seen
// being kept.
func hashStart() Fault {
	kept := map[[32]byte]bool{}
	return Fault{
		ID: "management/hash-start", Spec: "CTAP 2.3 §6.8.4",
		Doc: "The start of an rpIDHash stands for the whole, when passkeys are listed.",
		Seams: authenticator.Seams{
			Keep: func(c authenticator.Change) authenticator.Change {
				for _, put := range c.Put {
					kept[sha256.Sum256([]byte(put.RPID))] = true
				}
				return c
			},
			Request: asking(func(r *ctap.CredentialManagementRequest) {
				if r.SubCommandParams == nil || r.SubCommandParams.Value.RPIDHash == nil {
					return
				}
				params := *r.SubCommandParams
				for hash := range kept {
					if bytes.HasPrefix(hash[:], params.Value.RPIDHash) {
						params.Value.RPIDHash = bytes.Clone(hash[:])
					}
				}
				r.SubCommandParams = &params
			}),
		},
	}
}

package fault

import (
	"bytes"
	"context"
	"slices"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
)

// Where clientPIN checks a PIN, counts misses, and refuses because of them.
var (
	pinCompared = []authenticator.Step{at("6.5.5.6", "6 to 8"), at("6.5.5.7.1", "8 to 10"), at("6.5.5.7.2", "8 to 10")}
	missesAsked = []authenticator.Step{at("6.5.5.6", "3"), at("6.5.5.7.1", "5"), at("6.5.5.7.2", "5")}
)

// onClientPIN makes a seam of a change to answers of clientPIN.
func onClientPIN(change func(*ctap.ClientPINResponse)) authenticator.Seams {
	return authenticator.Seams{Result: answering(change)}
}

// joined are steps of two faults that have none in common.
func joined(all ...authenticator.Seams) authenticator.Seams {
	whole := authenticator.Seams{Steps: steps{}}
	for _, s := range all {
		for step, around := range s.Steps {
			whole.Steps[step] = around
		}
	}
	return whole
}

func pinFaults() []Fault {
	return append(append(guessingFaults(), settingFaults()...), agreementFaults()...)
}

func guessingFaults() []Fault {
	const counting = "CTAP 2.3 §6.5.2.3"
	return []Fault{
		{
			ID: "pin/misses-not-counted", Spec: counting,
			Doc:   "Wrong PINs are not counted, so that there are always eight attempts left.",
			Seams: keepingState(func(s *authenticator.State) { s.PINMisses = 0 }),
		}, {
			ID: "pin/misses-counted-twice", Spec: counting,
			Doc:   "Every wrong PIN costs two attempts.",
			Seams: keepingState(func(s *authenticator.State) { s.PINMisses += s.PINMisses % 2 }),
		},
		missesInMemory(),
		{
			ID: "pin/no-power-cycle-limit", Spec: counting + ", §6.5.5.7.2 step 5",
			Doc: "After three wrong PINs in a row the fourth is compared without a power cycle between.",
			Seams: joined(ending(ctap.PINAuthBlocked, nil, missesAsked...),
				ending(ctap.PINAuthBlocked, ctap.Errorf(ctap.PINInvalid, "the PIN is wrong"), pinCompared...)),
		}, {
			ID: "pin/never-blocks", Spec: counting + ", §6.5.5.7.2 step 5",
			Doc: "When no attempt is left, PINs are compared all the same.",
			Seams: joined(ending(ctap.PINBlocked, nil, missesAsked...),
				ending(ctap.PINBlocked, ctap.Errorf(ctap.PINInvalid, "the PIN is wrong"), pinCompared...)),
		}, {
			ID: "pin/any-pin", Spec: "CTAP 2.3 §6.5.5.6 steps 6 to 8, §6.5.5.7.2 steps 8 to 10",
			Doc:   "Every PIN is the right one.",
			Seams: skipping(pinCompared...),
		}, {
			ID: "pin/right-pin-keeps-misses", Spec: "CTAP 2.3 §6.5.5.7.2 step 10",
			Doc:   "The right PIN does not give the attempts back that wrong ones have cost.",
			Seams: missesForGood(),
		}, {
			ID: "pin/row-goes-on", Spec: "CTAP 2.3 §6.5.5.7.2 step 10",
			Doc:   "The right PIN does not end a row of wrong ones: the third wrong one since the device got power is answered as the third in a row.",
			Seams: rowForGood(),
		}, {
			ID: "pin/retries-frozen", Spec: "CTAP 2.3 §6.5.5.2",
			Doc: "The number of attempts that are left is always told as eight.",
			Seams: onClientPIN(func(r *ctap.ClientPINResponse) {
				if r.PINRetries != nil {
					all := uint64(8)
					r.PINRetries = &all
				}
			}),
		}, {
			ID: "pin/retries-want-protocol", Spec: "CTAP 2.3 §6.5.5.2",
			Doc: "The number of attempts that are left is told only to who names a PIN/UV auth protocol.",
			Seams: authenticator.Seams{Result: func(req ctap.Request, resp any, err error) (any, error) {
				r, is := req.(*ctap.ClientPINRequest)
				if is && r.SubCommand == ctap.GetPINRetries && r.PinUvAuthProtocol == nil {
					return nil, ctap.Errorf(ctap.MissingParameter, "the fault says so")
				}
				return resp, err
			}},
		}, {
			ID: "pin/power-cycle-untold", Spec: "CTAP 2.3 §6.5.5.2",
			Doc:   "That the power must be cycled before the next PIN is not told.",
			Seams: onClientPIN(func(r *ctap.ClientPINResponse) { r.PowerCycleState = nil }),
		}, {
			ID: "pin/status-of-third-miss", Spec: "CTAP 2.3 §6.5.5.7.2 step 9",
			Doc:   "The third wrong PIN in a row is answered like the first, though the device does block.",
			Seams: ending(ctap.PINAuthBlocked, ctap.Errorf(ctap.PINInvalid, "the PIN is wrong"), pinCompared...),
		},
	}
}

// missesForGood remembers the highest number of misses.
func missesForGood() authenticator.Seams {
	most := 0
	return keepingState(func(s *authenticator.State) {
		most = max(most, s.PINMisses)
		s.PINMisses = most
	})
}

// rowForGood counts wrong PINs until the power goes.
func rowForGood() authenticator.Seams {
	const row = 3
	misses := 0
	return authenticator.Seams{
		Result: func(_ ctap.Request, resp any, err error) (any, error) {
			if ctap.StatusOf(err) != ctap.PINInvalid {
				return resp, err
			}
			if misses++; misses < row {
				return resp, err
			}
			return nil, ctap.Errorf(ctap.PINAuthBlocked, "the fault says so, instead of: %v", err)
		},
		PowerCycled: func() { misses = 0 },
	}
}

// volatileMisses is a store that keeps PIN misses until the power goes.
type volatileMisses struct {
	authenticator.Store
	misses *int
}

func (s volatileMisses) Load(ctx context.Context) (authenticator.Held, error) {
	held, err := s.Store.Load(ctx)
	held.State.PINMisses = *s.misses
	return held, err
}

func (s volatileMisses) Commit(ctx context.Context, change authenticator.Change) error {
	if change.Wipe {
		*s.misses = 0
	}
	if change.State != nil {
		state := *change.State
		*s.misses, state.PINMisses = state.PINMisses, 0
		change.State = &state
	}
	return s.Store.Commit(ctx, change)
}

func missesInMemory() Fault {
	misses := 0
	return Fault{
		ID: "pin/misses-in-memory", Spec: "CTAP 2.3 §6.5.2.3",
		Doc: "Wrong PINs are forgotten when the power goes, so that cutting it after each wins as many attempts as one likes.",
		Seams: authenticator.Seams{
			Env: func(e authenticator.Env) authenticator.Env {
				e.Store = volatileMisses{e.Store, &misses}
				return e
			},
			PowerCycled: func() { misses = 0 },
		},
	}
}

func settingFaults() []Fault {
	const policy = "CTAP 2.3 §6.5.5.5 steps 9 and 10, §6.5.5.6 steps 12 to 14"
	return []Fault{
		{
			ID: "pin/short-pin", Spec: policy,
			Doc:   "A PIN may be shorter than the minimum, or like the one that had to be changed.",
			Seams: unchecked(at("6.5.5.5", "9 and 10"), at("6.5.5.6", "12 to 14")),
		}, {
			ID: "pin/unpadded", Spec: "CTAP 2.3 §6.5.5.5 step 7, §6.5.5.6 step 10",
			Doc:   "A new PIN is taken also where it is not padded to 64 bytes.",
			Seams: unchecked(at("6.5.5.5", "7 and 8"), at("6.5.5.6", "10 and 11")),
		}, {
			ID: "pin/set-again", Spec: "CTAP 2.3 §6.5.5.5 step 3",
			Doc:   "A PIN can be set where there is one already, by somebody who does not know it.",
			Seams: unchecked(at("6.5.5.5", "3")),
		}, {
			ID: "pin/mac-unchecked", Spec: "CTAP 2.3 §6.5.5.5 step 5, §6.5.5.6 step 5",
			Doc:   "A new PIN is taken without looking at the pinUvAuthParam that vouches for it.",
			Seams: unchecked(at("6.5.5.5", "5"), at("6.5.5.6", "5")),
		}, {
			ID: "pin/stale-pin", Spec: "CTAP 2.3 §6.5.5.7.2 step 11",
			Doc:   "A PIN that must be changed gives tokens all the same.",
			Seams: unchecked(at("6.5.5.7.1", "11"), at("6.5.5.7.2", "11")),
		}, {
			ID: "pin/change-refused", Spec: "CTAP 2.3 §6.5.5.6",
			Doc: "A PIN cannot be changed: the answer is as if its pinUvAuthParam were wrong.",
			Seams: authenticator.Seams{Steps: steps{at("6.5.5.6", "5"): func(func() error) error {
				return ctap.Errorf(ctap.PINAuthInvalid, "the fault says so")
			}}},
		}, {
			ID: "pin/change-not-kept", Spec: "CTAP 2.3 §6.5.5.6 steps 15 to 20",
			Doc:   "Changing the PIN succeeds and changes nothing.",
			Seams: skipping(at("6.5.5.6", "15 to 20")),
		},
	}
}

func agreementFaults() []Fault {
	var first [3]*pinuv.KeyPair
	return []Fault{
		{
			ID: "pin/key-agreement-frozen", Spec: "CTAP 2.3 §6.5.5.1, §6.5.4 (regenerate)",
			Doc: "The key agreement key is the same for ever, also after a wrong PIN and a power cycle.",
			Seams: authenticator.Seams{Agreement: func(p pinuv.Protocol, drawn *pinuv.KeyPair) *pinuv.KeyPair {
				if first[p] == nil {
					first[p] = drawn
				}
				return first[p]
			}},
		}, {
			ID: "pin/key-agreement-off-curve", Spec: "CTAP 2.3 §6.5.6",
			Doc: "The key agreement key is no point of its curve.",
			Seams: onKeyAgreement(func(k *ctap.KeyAgreement) {
				k.Y = bytes.Clone(k.Y)
				k.Y[len(k.Y)-1] ^= 1
			}),
		}, {
			ID: "pin/key-agreement-short", Spec: "CTAP 2.3 §6.5.6",
			Doc:   "The x coordinate of the key agreement key lacks its first byte.",
			Seams: onKeyAgreement(func(k *ctap.KeyAgreement) { k.X = slices.Clone(k.X[1:]) }),
		}, {
			ID: "pin/key-agreement-missing", Spec: "CTAP 2.3 §6.5.5.4",
			Doc:   "The answer to getKeyAgreement has no key.",
			Seams: onClientPIN(func(r *ctap.ClientPINResponse) { r.KeyAgreement = nil }),
		}, {
			ID: "pin/token-short", Spec: "CTAP 2.3 §6.5.5.7.2",
			Doc: "A pinUvAuthToken comes without its last 16 bytes.",
			Seams: onClientPIN(func(r *ctap.ClientPINResponse) {
				if n := len(r.PinUvAuthToken); n > 16 {
					r.PinUvAuthToken = r.PinUvAuthToken[:n-16]
				}
			}),
		},
	}
}

// onKeyAgreement makes a seam of a change to a copy of the key. Its coordinates are
// shared still.
func onKeyAgreement(change func(*ctap.KeyAgreement)) authenticator.Seams {
	return onClientPIN(func(r *ctap.ClientPINResponse) {
		if r.KeyAgreement != nil && len(r.KeyAgreement.X) > 1 && len(r.KeyAgreement.Y) > 1 {
			key := *r.KeyAgreement
			change(&key)
			r.KeyAgreement = &key
		}
	})
}

package fault

import (
	"context"
	"errors"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
)

// mistaken is a user of whom the device believes what it likes at some prompts.
type mistaken struct {
	authenticator.User
	believe func(authenticator.Prompt) (authenticator.Gesture, bool)
}

func (u mistaken) Answer(ctx context.Context, p authenticator.Prompt) (authenticator.Gesture, error) {
	if g, ok := u.believe(p); ok && ctx.Err() == nil {
		return g, nil
	}
	return u.User.Answer(ctx, p)
}

// believing makes a seam of what a device believes of its user without asking.
func believing(believe func(authenticator.Prompt) (authenticator.Gesture, bool)) authenticator.Seams {
	return authenticator.Seams{Env: func(e authenticator.Env) authenticator.Env {
		e.User = mistaken{e.User, believe}
		return e
	}}
}

// touchTaken takes a touch for granted at prompts of some kinds that ask for no more.
func touchTaken(kinds ...authenticator.PromptKind) authenticator.Seams {
	return believing(func(p authenticator.Prompt) (authenticator.Gesture, bool) {
		for _, kind := range kinds {
			if p.Kind == kind && !p.Verify {
				return authenticator.Gesture{Present: true, Long: p.Long}, true
			}
		}
		return authenticator.Gesture{}, false
	})
}

const interaction = "CTAP 2.3 §5 (evidence of user interaction)"

func userFaults() []Fault {
	return append(presenceFaults(), verificationFaults()...)
}

func presenceFaults() []Fault {
	return []Fault{
		{
			ID: "user/creates-without-touch", Spec: "CTAP 2.3 §6.1.2 step 14",
			Doc:   "A credential is made without asking for a touch, and the answer says that the user was present.",
			Seams: touchTaken(authenticator.ConfirmNew),
		}, {
			ID: "user/signs-without-touch", Spec: "CTAP 2.3 §6.2.2 step 9",
			Doc:   "An assertion is made without asking for a touch, and the answer says that the user was present.",
			Seams: touchTaken(authenticator.ConfirmUse),
		}, {
			ID: "user/selects-without-touch", Spec: "CTAP 2.3 §6.9",
			Doc:   "The answer to selection comes at once, without a touch.",
			Seams: touchTaken(authenticator.SelectDevice),
		}, {
			ID: "user/reveals-excluded-without-touch", Spec: "CTAP 2.3 §6.1.2 step 12.1.4",
			Doc:   "That a credential of the exclude list is on the device is told without a touch, so that a page can probe for it in silence.",
			Seams: touchTaken(authenticator.TellExcluded),
		}, {
			ID: "user/asks-when-silent", Spec: "CTAP 2.3 §6.2.2 steps 4.5 and 9",
			Doc: "A sign-in with option up false waits for a touch all the same, and sets the flag UP.",
			Seams: authenticator.Seams{Request: asking(func(r *ctap.GetAssertionRequest) {
				if r.Options != nil && r.Options.UP != nil {
					options := *r.Options
					options.UP = nil
					r.Options = &options
				}
			})},
		}, {
			ID: "user/takes-no-for-yes", Spec: interaction,
			Doc: "What the user declines is done all the same.",
			Seams: authenticator.Seams{Answer: func(p authenticator.Prompt, g authenticator.Gesture, err error) (authenticator.Gesture, error) {
				if errors.Is(err, authenticator.ErrDeclined) {
					return authenticator.Gesture{Present: true, Verified: p.Verify}, nil
				}
				return g, err
			}},
		}, {
			ID: "user/takes-silence-for-yes", Spec: interaction,
			Doc: "What the user does not react to in time is done all the same.",
			Seams: authenticator.Seams{Answer: func(p authenticator.Prompt, g authenticator.Gesture, err error) (authenticator.Gesture, error) {
				if errors.Is(err, authenticator.ErrTimedOut) {
					return authenticator.Gesture{Present: true, Verified: p.Verify}, nil
				}
				return g, err
			}},
		}, {
			ID: "user/wrong-account", Spec: "CTAP 2.3 §6.2.2 step 12.2.3",
			Doc: "On a device with a display, the account after the one that the user picked signs in.",
			Seams: authenticator.Seams{Answer: func(p authenticator.Prompt, g authenticator.Gesture, err error) (authenticator.Gesture, error) {
				if p.Kind == authenticator.ChooseAccount && err == nil && len(p.Accounts) > 0 {
					g.Choice = (g.Choice + 1) % len(p.Accounts)
				}
				return g, err
			}},
		}, {
			ID: "user/account-not-asked", Spec: "CTAP 2.3 §6.2.2 step 12.2.3",
			Doc: "A device with a display signs in to the newest account without asking which, and says that the user chose it.",
			Seams: believing(func(p authenticator.Prompt) (authenticator.Gesture, bool) {
				return authenticator.Gesture{Present: true}, p.Kind == authenticator.ChooseAccount
			}),
		},
	}
}

func verificationFaults() []Fault {
	return []Fault{
		{
			ID: "user/any-finger", Spec: "CTAP 2.3 §6.5.3.1",
			Doc: "Built-in user verification recognises every finger.",
			Seams: authenticator.Seams{Answer: func(p authenticator.Prompt, g authenticator.Gesture, err error) (authenticator.Gesture, error) {
				g.Verified = g.Verified || p.Verify && err == nil
				return g, err
			}},
		}, {
			ID: "user/verifies-without-asking", Spec: "CTAP 2.3 §6.5.3.1",
			Doc: "Built-in user verification succeeds without asking anybody.",
			Seams: believing(func(p authenticator.Prompt) (authenticator.Gesture, bool) {
				return authenticator.Gesture{Present: true, Verified: true}, p.Verify
			}),
		}, {
			ID: "user/ignores-uv", Spec: "CTAP 2.3 §6.1.2 step 11.2, §6.2.2 step 6.2",
			Doc:   "Option uv is ignored: ceremonies that ask for user verification go on with a touch and the flag UV clear.",
			Seams: skipping(at("6.1.2", "11"), at("6.2.2", "6")),
		}, {
			ID: "user/uv-misses-not-counted", Spec: "CTAP 2.3 §6.5.2.3, §6.5.3.1",
			Doc:   "Fingers that were not recognised are not counted, so that built-in user verification never blocks.",
			Seams: keepingState(func(s *authenticator.State) { s.UVMisses = 0 }),
		}, {
			ID: "user/uv-count-frozen", Spec: "CTAP 2.3 §6.4 member 0x17",
			Doc:   "The number of built-in user verifications since the PIN was entered stays zero.",
			Seams: keepingState(func(s *authenticator.State) { s.UVCount = 0 }),
		},
	}
}

// keepingState makes a seam of a change to the state on its way to the store.
func keepingState(change func(*authenticator.State)) authenticator.Seams {
	return authenticator.Seams{Keep: func(c authenticator.Change) authenticator.Change {
		if c.State != nil {
			state := *c.State
			change(&state)
			c.State = &state
		}
		return c
	}}
}

// keepingSettings is the same for settings.
func keepingSettings(change func(*authenticator.Settings)) authenticator.Seams {
	return authenticator.Seams{Keep: func(c authenticator.Change) authenticator.Change {
		if c.Settings != nil {
			settings := *c.Settings
			change(&settings)
			c.Settings = &settings
		}
		return c
	}}
}

// keepingCredentials is the same for credentials.
func keepingCredentials(change func(*authenticator.Credential)) authenticator.Seams {
	return authenticator.Seams{Keep: func(c authenticator.Change) authenticator.Change {
		if len(c.Put) > 0 {
			c.Put = altered(c.Put, change)
		}
		return c
	}}
}

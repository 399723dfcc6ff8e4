package fault

import (
	"slices"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
)

// onAssertion makes a seam of a change to answers with an assertion.
func onAssertion(change func(*ctap.GetAssertionResponse)) authenticator.Seams {
	return authenticator.Seams{Result: answering(change)}
}

func assertFaults() []Fault {
	const account = "CTAP 2.3 §6.2.2 step 12.3"
	return []Fault{
		oldestFirst(),
		{
			ID: "assert/count-too-high", Spec: "CTAP 2.3 §6.2.2 step 7.7",
			Doc: "Where there are several accounts, one more is announced than there are.",
			Seams: onAssertion(func(r *ctap.GetAssertionResponse) {
				if r.NumberOfCredentials > 0 {
					r.NumberOfCredentials++
				}
			}),
		}, {
			ID: "assert/count-missing", Spec: "CTAP 2.3 §6.2.2 step 7.7",
			Doc:   "How many accounts there are is not told, so that nobody asks for the others.",
			Seams: onAssertion(func(r *ctap.GetAssertionResponse) { r.NumberOfCredentials = 0 }),
		}, {
			ID: "assert/count-of-one", Spec: "CTAP 2.3 §6.2.2 step 12.1",
			Doc:   "That there is one account alone is told by a number, also where there was a list.",
			Seams: onAssertion(func(r *ctap.GetAssertionResponse) { r.NumberOfCredentials = max(r.NumberOfCredentials, 1) }),
		},
		endlessAccounts(),
		{
			ID: "assert/no-timer", Spec: "CTAP 2.3 §6.3 step 3",
			Doc:   "The next account is told however late it is asked for.",
			Seams: unchecked(at("6.3", "3")),
		}, {
			ID: "assert/credential-missing", Spec: "CTAP 2.3 §6.2.2",
			Doc:   "Assertions do not say by which credential they are, which CTAP 2.0 allowed where the list had one element.",
			Seams: onAssertion(func(r *ctap.GetAssertionResponse) { r.Credential = nil }),
		}, {
			ID: "assert/credential-unlisted", Spec: "CTAP 2.3 §6.2.2 step 7.1",
			Doc: "Assertions say that they are by a credential that was not on the list.",
			Seams: onAssertion(func(r *ctap.GetAssertionResponse) {
				if r.Credential != nil {
					r.Credential = &ctap.Descriptor{ID: make([]byte, len(r.Credential.ID)), Type: r.Credential.Type}
				}
			}),
		}, {
			ID: "assert/credential-type", Spec: "CTAP 2.3 §6.2.2",
			Doc: "The credential that answers is of a type that nobody knows.",
			Seams: onAssertion(func(r *ctap.GetAssertionResponse) {
				if r.Credential != nil {
					r.Credential = &ctap.Descriptor{ID: r.Credential.ID, Type: "private-key"}
				}
			}),
		}, {
			ID: "assert/user-missing", Spec: account,
			Doc:   "Passkeys answer without the user handle.",
			Seams: onAssertion(func(r *ctap.GetAssertionResponse) { r.User = nil }),
		}, {
			ID: "assert/user-other", Spec: account + ", WebAuthn L3 §7.2 step 6",
			Doc: "Passkeys answer with the user handle of somebody else.",
			Seams: onAssertion(func(r *ctap.GetAssertionResponse) {
				if r.User != nil {
					user := *r.User
					user.ID = []byte("somebody else")
					r.User = &user
				}
			}),
		}, {
			ID: "assert/user-of-listed", Spec: "CTAP 2.3 §6.2.2 step 12.3",
			Doc: "Credentials that are not discoverable answer with a user handle, which they do not have.",
			Seams: onAssertion(func(r *ctap.GetAssertionResponse) {
				if r.User == nil {
					r.User = &ctap.UserEntity{ID: []byte("nobody")}
				}
			}),
		},
		namesWithoutVerification(),
		{
			ID: "assert/selected-unasked", Spec: "CTAP 2.3 §6.2.2 step 12.2.3",
			Doc:   "Every assertion says that the user chose the account on the device.",
			Seams: onAssertion(func(r *ctap.GetAssertionResponse) { r.UserSelected = true }),
		}, {
			ID: "assert/rk-option-accepted", Spec: "CTAP 2.3 §6.2.2 step 4.4",
			Doc: "A sign-in with option rk is served, which has to be refused.",
			Seams: authenticator.Seams{Request: asking(func(r *ctap.GetAssertionRequest) {
				if r.Options != nil {
					options := *r.Options
					options.RK = nil
					r.Options = &options
				}
			})},
		}, {
			ID: "assert/list-ignored", Spec: "CTAP 2.3 §6.2.2 step 7.1",
			Doc:   "The allow list is ignored: whatever passkey there is for the relying party answers.",
			Seams: authenticator.Seams{Request: asking(func(r *ctap.GetAssertionRequest) { r.AllowList = nil })},
		}, {
			ID: "assert/passkeys-not-found", Spec: "CTAP 2.3 §6.2.2 step 7.2",
			Doc: "Without an allow list no passkey is found.",
			Seams: authenticator.Seams{Request: func(req ctap.Request) ctap.Request {
				if r, is := req.(*ctap.GetAssertionRequest); is && len(r.AllowList) == 0 {
					nowhere := *r
					nowhere.RPID = "nowhere.invalid"
					return &nowhere
				}
				return req
			}},
		},
		otherRPsFound(),
		namesInFirstAlone(),
	}
}

func oldestFirst() Fault {
	var asserting bool
	return Fault{
		ID: "assert/oldest-first", Spec: "CTAP 2.3 §6.2.2 step 12.2.1",
		Doc: "Of several accounts the oldest comes first.",
		Seams: authenticator.Seams{Steps: within(&asserting, toAssert), Found: func(_ string, found []*authenticator.Credential) []*authenticator.Credential {
			if !asserting {
				return found
			}
			backwards := slices.Clone(found)
			slices.Reverse(backwards)
			return backwards
		}},
	}
}

// endlessAccounts tells the last account again and again.
func endlessAccounts() Fault {
	var last *ctap.GetAssertionResponse
	return Fault{
		ID: "assert/never-ends", Spec: "CTAP 2.3 §6.3 step 2",
		Doc: "After the last account, the next one is the last one again.",
		Seams: authenticator.Seams{Result: func(req ctap.Request, resp any, err error) (any, error) {
			if told, is := resp.(*ctap.GetAssertionResponse); is && err == nil {
				last = told
			}
			if _, next := req.(*ctap.GetNextAssertionRequest); next && err != nil && last != nil {
				return last, nil
			}
			return resp, err
		}},
	}
}

// namesWithoutVerification remembers the names that were kept.
func namesWithoutVerification() Fault {
	kept := map[string]ctap.UserEntity{}
	return Fault{
		ID: "assert/names-without-verification", Spec: "CTAP 2.3 §6.2.2 step 12.3",
		Doc: "The names of an account are told also to somebody who was not verified.",
		Seams: authenticator.Seams{
			Keep: func(c authenticator.Change) authenticator.Change {
				for _, put := range c.Put {
					kept[string(put.ID)] = put.User
				}
				return c
			},
			Result: answering(func(r *ctap.GetAssertionResponse) {
				if r.User == nil || r.Credential == nil {
					return
				}
				if user, known := kept[string(r.Credential.ID)]; known {
					r.User = &user
				}
			}),
		},
	}
}

func namesInFirstAlone() Fault {
	return Fault{
		ID: "assert/names-in-first-alone", Spec: "CTAP 2.3 §6.2, §6.3",
		Doc: "Of several accounts only the first is told with its names, though the user was verified.",
		Seams: authenticator.Seams{Result: func(req ctap.Request, resp any, err error) (any, error) {
			told, is := resp.(*ctap.GetAssertionResponse)
			if _, next := req.(*ctap.GetNextAssertionRequest); !next || !is || err != nil || told.User == nil {
				return resp, err
			}
			nameless := *told
			nameless.User = &ctap.UserEntity{ID: told.User.ID}
			return &nameless, nil
		}},
	}
}

// otherRPsFound gives a credential that was asked for by ID the RP ID that was asked
// for, whatever its own.
func otherRPsFound() Fault {
	return Fault{
		ID: "assert/other-rp-found", Spec: "CTAP 2.3 §6.2.2 step 7.1",
		Doc: "A passkey that is on the allow list signs for every relying party, not only for its own.",
		Seams: authenticator.Seams{Found: func(rpID string, found []*authenticator.Credential) []*authenticator.Credential {
			for _, c := range found {
				if c.RPID != rpID {
					return altered(found, func(c *authenticator.Credential) { c.RPID = rpID })
				}
			}
			return found
		}},
	}
}

package fault

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"sync"

	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// What follows are mistakes off the beaten track: what is right for the usual login, of
// one person at a time, and not for another.

// unsigned lets a signature by that does not verify where that says so of the login.
func unsigned(when func(v *ceremony.Verification) bool) relyingparty.Seams {
	return at(leftOutIf(when), ceremony.StepSignature)
}

// authHead is how many bytes of authenticator data come before those of extensions, at a
// login (WebAuthn L3 §6.1).
const authHead = 37

func beatenSignatureFaults() []Fault {
	const verified = "WebAuthn L3 §7.2 step 21"
	return []Fault{
		{
			ID: "rp/signature/not-verified-without-user-handle", Spec: verified,
			Doc:   "The signature of a login is not verified where there is no user handle, as of U2F keys.",
			Seams: unsigned(func(v *ceremony.Verification) bool { return len(v.UserHandle) == 0 }),
		}, {
			ID: "rp/signature/not-verified-without-verification", Spec: verified,
			Doc:   "The signature of a login is not verified where the user was not.",
			Seams: unsigned(func(v *ceremony.Verification) bool { return !v.Auth.Flags.HasUserVerified() }),
		}, {
			ID: "rp/signature/not-verified-without-counter", Spec: verified,
			Doc:   "The signature of a login is not verified where the counter is zero, as of synced passkeys.",
			Seams: unsigned(func(v *ceremony.Verification) bool { return v.Auth.Counter == 0 }),
		}, {
			ID: "rp/signature/not-verified-where-backed-up", Spec: verified,
			Doc:   "The signature of a login is not verified where the passkey is backed up: somebody else is thought to have done so.",
			Seams: unsigned(func(v *ceremony.Verification) bool { return v.Auth.Flags.HasBackupState() }),
		}, {
			ID: "rp/signature/not-verified-with-extensions", Spec: verified,
			Doc:   "The signature of a login is not verified where there are outputs of extensions.",
			Seams: unsigned(func(v *ceremony.Verification) bool { return v.Auth.Flags.HasExtensions() }),
		}, {
			ID: "rp/signature/not-verified-without-attachment", Spec: verified,
			Doc: "The signature of a login is not verified where the client does not say what kind of authenticator it is by.",
			Seams: unsigned(func(v *ceremony.Verification) bool {
				return textOf(objectOf(v.JSON)["authenticatorAttachment"]) == ""
			}),
		}, {
			ID: "rp/signature/extensions-not-covered", Spec: verified,
			Doc: "A signature over the authenticator data without the outputs of extensions is accepted.",
			Seams: otherwise(func(v *ceremony.Verification) bool {
				if !v.Auth.Flags.HasExtensions() || len(v.Message) < authHead+sha256.Size {
					return false
				}
				v.Message = append(bytes.Clone(v.Message[:authHead]), v.Message[len(v.Message)-sha256.Size:]...)
				return true
			}),
		}, {
			ID: "rp/signature/not-verified-of-platforms", Spec: verified,
			Doc: "The signature of a login is not verified where the client says that the authenticator is the platform's.",
			Seams: unsigned(func(v *ceremony.Verification) bool {
				return textOf(objectOf(v.JSON)["authenticatorAttachment"]) == "platform"
			}),
		},
	}
}

// newestAlone refuses a challenge when another was drawn since.
func newestAlone() relyingparty.Seams {
	var mu sync.Mutex
	newest := ""
	return both(onCeremonies(ceremony.Seams{Challenge: func(_ ceremony.Ceremony, drawn []byte) []byte {
		mu.Lock()
		defer mu.Unlock()
		newest = base64.RawURLEncoding.EncodeToString(drawn)
		return drawn
	}}), at(refusing(ceremony.ReasonChallengeMismatch, func(v *ceremony.Verification) bool {
		mu.Lock()
		defer mu.Unlock()
		return v.Challenge != newest
	}), clientDataSteps...))
}

// idInAnyCase looks a credential up that is not found among those that were asked for.
func idInAnyCase() relyingparty.Seams {
	like := func(v *ceremony.Verification) (ceremony.Credential, bool) {
		got := base64.RawURLEncoding.EncodeToString(v.RawID)
		i := slices.IndexFunc(v.Allowed, func(c ceremony.Credential) bool {
			return strings.EqualFold(base64.RawURLEncoding.EncodeToString(c.ID), got)
		})
		if i < 0 {
			return ceremony.Credential{}, false
		}
		return v.Allowed[i], true
	}
	return both(at(leftOutIf(func(v *ceremony.Verification) bool {
		_, is := like(v)
		return is
	}), ceremony.StepAllowed), at(func(v *ceremony.Verification, run func() error) error {
		c, is := like(v)
		if !is || bytes.Equal(c.ID, v.RawID) {
			return run()
		}
		v.Owner = ceremony.Owner{Handle: v.Account, Credential: c}
		return nil
	}, ceremony.StepOwner))
}

// verificationAskedLast lets users by who were not verified where nobody asked for that
// in the newest options.
func verificationAskedLast() relyingparty.Seams {
	var mu sync.Mutex
	last := ceremony.VerificationRequired
	return both(onCeremonies(ceremony.Seams{Options: func(_ ceremony.Ceremony, laid json.RawMessage) json.RawMessage {
		mu.Lock()
		defer mu.Unlock()
		options := objectOf(objectOf(laid)["publicKey"])
		if asked := textOf(options["userVerification"]); asked != "" {
			last = ceremony.UserVerification(asked)
		} else {
			last = ceremony.UserVerification(textOf(objectOf(options["authenticatorSelection"])["userVerification"]))
		}
		return laid
	}}), at(held(func(v *ceremony.Verification) {
		mu.Lock()
		defer mu.Unlock()
		if last != ceremony.VerificationRequired {
			v.UserVerification = ceremony.VerificationPreferred
		}
	}), authDataSteps...))
}

// counterKeptThoughRefused holds counters to those of logins that were refused, too.
func counterKeptThoughRefused() relyingparty.Seams {
	var mu sync.Mutex
	kept := map[string]uint32{}
	return both(at(func(v *ceremony.Verification, run func() error) error {
		err := run()
		if err != nil {
			mu.Lock()
			defer mu.Unlock()
			if len(kept) < longestRecord {
				kept[string(v.RawID)] = v.Auth.Counter
			}
		}
		return err
	}, ceremony.StepSignature), at(held(func(v *ceremony.Verification) {
		mu.Lock()
		defer mu.Unlock()
		v.Owner.Credential.SignCount = max(v.Owner.Credential.SignCount, kept[string(v.RawID)])
	}), ceremony.StepCounter))
}

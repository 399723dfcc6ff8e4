package fault

import (
	"crypto/sha256"
	"slices"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/canon"
)

// withSecrets gives credentials other secrets for hmac-secret: with and without user
// verification, 32 bytes each.
func withSecrets(secrets func(c *authenticator.Credential) []byte) authenticator.Seams {
	return authenticator.Seams{Found: func(_ string, found []*authenticator.Credential) []*authenticator.Credential {
		return altered(found, func(c *authenticator.Credential) {
			extras := authenticator.Extras{}
			if c.Extras != nil {
				extras = *c.Extras
			}
			extras.CredRandom = secrets(c)
			c.Extras = &extras
		})
	}}
}

func secretFaults() []Fault {
	const computed = "CTAP 2.3 §12.7"
	uses := uint64(0)
	return []Fault{
		{
			ID: "hmacsecret/any-salts", Spec: "CTAP 2.3 §12.7 step 6",
			Doc:   "Salts of any length are taken, and as many as there are.",
			Seams: unchecked(at("12.7", "6"), at("12.8", "6")),
		}, {
			ID: "hmacsecret/ignores-verification", Spec: computed + " step 7",
			Doc: "A credential has one secret alone, whether or not the user was verified.",
			Seams: withSecrets(func(c *authenticator.Credential) []byte {
				half := sha256.Sum256(c.PrivateKey)
				return slices.Concat(half[:], half[:])
			}),
		}, {
			ID: "hmacsecret/same-for-all", Spec: computed,
			Doc: "All credentials have the same secret.",
			Seams: withSecrets(func(*authenticator.Credential) []byte {
				verified, other := sha256.Sum256([]byte("verified")), sha256.Sum256([]byte("other"))
				return slices.Concat(verified[:], other[:])
			}),
		}, {
			ID: "hmacsecret/changes", Spec: computed + " step 8",
			Doc: "The secret of a credential is another one each time, so that nothing encrypted with it can be read again.",
			Seams: withSecrets(func(*authenticator.Credential) []byte {
				uses++
				half := sha256.Sum256(canon.AppendUint([]byte("use "), uses))
				return slices.Concat(half[:], half[:])
			}),
		},
		secondSaltIgnored(),
		decryptsFirst(),
		{
			ID: "hmacsecret/salt-auth-unchecked", Spec: computed + " step 5",
			Doc:   "Salts are decrypted without looking at saltAuth, which vouches for them.",
			Seams: unchecked(at("12.7", "5"), at("12.8", "5")),
		}, {
			ID: "hmacsecret/silent", Spec: computed + " step 2",
			Doc:   "Secrets are told also with option up false, without a touch.",
			Seams: unchecked(at("12.7", "2")),
		}, {
			ID: "hmacsecret/garbled", Spec: computed + " step 9",
			Doc:   "The encrypted secret has one bit flipped.",
			Seams: garbledSecret(),
		}, {
			ID: "hmacsecret/not-told", Spec: computed + " step 9",
			Doc:   "Sign-ins that ask for a secret succeed without one.",
			Seams: onAuthDataWithout(ctap.ExtensionHMACSecret, false),
		}, {
			ID: "hmacsecret/support-untold", Spec: "CTAP 2.3 §12.7, WebAuthn L3 §10.1.4",
			Doc:   "A new credential does not say that it has a secret.",
			Seams: onAuthDataWithout(ctap.ExtensionHMACSecret, true),
		}, {
			ID: "hmacsecret/support-denied", Spec: "CTAP 2.3 §12.7, WebAuthn L3 §10.1.4",
			Doc:   "A new credential says that it has no secret, though it has one.",
			Seams: denied(),
		}, {
			ID: "hmacsecret/not-told-at-creation", Spec: "CTAP 2.3 §12.8",
			Doc:   "Extension hmac-secret-mc is answered by no secret.",
			Seams: withOutput(ctap.ExtensionHMACSecretMC, nil),
		},
	}
}

// onAuthDataWithout leaves an output out, of registrations or of assertions.
func onAuthDataWithout(id string, registrations bool) authenticator.Seams {
	remove := withOutput(id, nil).AuthData
	return onAuthData(func(authData []byte) []byte {
		if isRegistration(authData) != registrations {
			return authData
		}
		return remove(authData)
	})
}

func denied() authenticator.Seams {
	change := withOutput(ctap.ExtensionHMACSecret, canon.AppendBool(nil, false)).AuthData
	return onAuthData(inRegistrations(change))
}

func garbledSecret() authenticator.Seams {
	return onAuthData(inAssertions(func(authData []byte) []byte {
		return withOutputs(func(outputs canon.Raw) canon.Raw {
			var secret []byte
			extensions := ctap.Extensions{}
			if canon.Unmarshal(outputs, &extensions) != nil {
				return outputs
			}
			if present, err := extensions.Get(ctap.ExtensionHMACSecret, &secret); !present || err != nil || len(secret) == 0 {
				return outputs
			}
			secret[len(secret)-1] ^= 1
			if extensions.Set(ctap.ExtensionHMACSecret, secret) != nil {
				return outputs
			}
			spoiled, err := canon.Marshal(extensions)
			if err != nil {
				return outputs
			}
			return spoiled
		}).AuthData(authData)
	}))
}

// secondSaltIgnored cuts the ciphertext behind its first salt. What vouched for both
// does not vouch for one, so it is not looked at then.
func secondSaltIgnored() Fault {
	const vector, one = 16, 32
	cut := false
	check := func(run func() error) error {
		if cut {
			return nil
		}
		return run()
	}
	return Fault{
		ID: "hmacsecret/second-salt-ignored", Spec: "CTAP 2.3 §12.7 step 8",
		Doc: "Of two salts, the second is ignored, and one secret comes back.",
		Seams: authenticator.Seams{
			Steps: steps{at("12.7", "5"): check},
			Request: asking(func(r *ctap.GetAssertionRequest) {
				cut = false
				var in ctap.HMACSecretInput
				if present, err := r.Extensions.Get(ctap.ExtensionHMACSecret, &in); !present || err != nil {
					return
				}
				switch len(in.SaltEnc) {
				case 2 * one: // protocol one has no vector
					in.SaltEnc, cut = in.SaltEnc[:one], true
				case vector + 2*one:
					in.SaltEnc, cut = in.SaltEnc[:vector+one], true
				default:
					return
				}
				inputs := ctap.Extensions{}
				for id, input := range r.Extensions {
					inputs[id] = input
				}
				if inputs.Set(ctap.ExtensionHMACSecret, in) == nil {
					r.Extensions = inputs
				}
			}),
		},
	}
}

// decryptsFirst keeps what was found of the MAC until the salts are decrypted.
func decryptsFirst() Fault {
	var found error
	return Fault{
		ID: "hmacsecret/decrypts-first", Spec: "CTAP 2.3 §12.7 step 5",
		Doc: "Salts are decrypted before anybody looks whether they are the platform's.",
		Seams: authenticator.Seams{Steps: steps{
			at("12.7", "5"): func(run func() error) error {
				found = run()
				return nil
			},
			at("12.7", "6"): func(run func() error) error {
				if err := run(); err != nil {
					return err
				}
				return found
			},
		}},
	}
}

package fault

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/sha512"
	"slices"

	"github.com/passkeylab/passkeylab/authenticator"
)

// mostKeys bounds what resigned remembers, more than a list of credentials has.
const mostKeys = 64

// resigned makes seams that sign again with the device's own key of P-256, in another
// way. The keys are those that were made or looked for: the one that made the sound
// signature makes the spoiled one. Signatures by other keys are left alone.
func resigned(sign func(key *ecdsa.PrivateKey, message []byte) ([]byte, error)) authenticator.Seams {
	known := map[string]*ecdsa.PrivateKey{}
	learn := func(secret authenticator.Secret) {
		if len(known) >= mostKeys {
			clear(known) // whoever is asked next is looked for again
		}
		if key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), secret); err == nil {
			known[string(secret)] = key
		}
	}
	return authenticator.Seams{
		Key: func(_ string, drawn authenticator.Secret) authenticator.Secret {
			learn(drawn)
			return drawn
		},
		Found: func(_ string, found []*authenticator.Credential) []*authenticator.Credential {
			for _, c := range found {
				learn(c.PrivateKey)
			}
			return found
		},
		Sign: func(message, signature []byte) []byte {
			digest := sha256.Sum256(message)
			for _, key := range known {
				if !ecdsa.VerifyASN1(&key.PublicKey, digest[:], signature) {
					continue
				}
				if spoiled, err := sign(key, message); err == nil {
					return spoiled
				}
			}
			return signature
		},
	}
}

func resignedFaults() []Fault {
	const message = "WebAuthn L3 §6.3.3 (sign authenticator data and client data hash), §7.2 step 21"
	of := func(change func(message []byte) []byte) authenticator.Seams {
		return resigned(func(key *ecdsa.PrivateKey, message []byte) ([]byte, error) {
			digest := sha256.Sum256(change(message))
			return key.Sign(nil, digest[:], crypto.SHA256)
		})
	}
	return []Fault{
		{
			ID: "signature/sha-384", Spec: "WebAuthn L3 §5.8.5, RFC 9053 §2.1",
			Doc: "Signatures of ES256 are over the SHA-384 hash of what they sign.",
			Seams: resigned(func(key *ecdsa.PrivateKey, message []byte) ([]byte, error) {
				digest := sha512.Sum384(message)
				return key.Sign(nil, digest[:], crypto.SHA384)
			}),
		}, {
			ID: "signature/unhashed", Spec: "WebAuthn L3 §5.8.5, RFC 9053 §2.1",
			Doc: "Signatures of ES256 are over the first 32 bytes of what they sign, the RP ID hash, in place of a hash.",
			Seams: resigned(func(key *ecdsa.PrivateKey, message []byte) ([]byte, error) {
				return key.Sign(nil, message[:min(len(message), sha256.Size)], crypto.SHA256)
			}),
		}, {
			ID: "signature/without-client-data", Spec: message,
			Doc:   "Signatures of ES256 are over the authenticator data alone, so that one can be used again for every challenge.",
			Seams: of(func(message []byte) []byte { return message[:max(0, len(message)-sha256.Size)] }),
		}, {
			ID: "signature/client-data-alone", Spec: message,
			Doc:   "Signatures of ES256 are over the client data hash alone, so that nothing vouches for the flags and the RP ID.",
			Seams: of(func(message []byte) []byte { return message[max(0, len(message)-sha256.Size):] }),
		}, {
			ID: "signature/parts-swapped", Spec: message,
			Doc: "Signatures of ES256 are over the client data hash followed by the authenticator data, and not the other way round.",
			Seams: of(func(message []byte) []byte {
				at := max(0, len(message)-sha256.Size)
				return slices.Concat(message[at:], message[:at])
			}),
		},
	}
}

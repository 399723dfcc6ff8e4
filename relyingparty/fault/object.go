package fault

import (
	"bytes"
	"errors"
	"strings"
	"sync"

	"github.com/fxamacker/cbor/v2"

	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// onObject makes a seam of a change to attestation objects on their way to be read. What
// is nil is left as it came.
func onObject(change func(data []byte) []byte) relyingparty.Seams {
	return onCeremonies(ceremony.Seams{AttestationObject: func(data []byte) []byte {
		if changed := change(data); changed != nil {
			return changed
		}
		return data
	}})
}

// lenientCBOR reads what the canonical form forbids.
var lenientCBOR = func() cbor.DecMode {
	mode, err := cbor.DecOptions{DupMapKey: cbor.DupMapKeyQuiet, IndefLength: cbor.IndefLengthAllowed}.DecMode()
	if err != nil {
		panic(err) // the options are constant
	}
	return mode
}()

// objectMembers are those of an attestation object; nil for what is none.
func objectMembers(data []byte) (in map[string]cbor.RawMessage) {
	if lenientCBOR.Unmarshal(data, &in) != nil {
		return nil
	}
	return in
}

// laidObject writes an attestation object.
func laidObject(in map[string]cbor.RawMessage) []byte {
	out, err := cbor.Marshal(in)
	if err != nil { // what was read can be written
		return nil
	}
	return out
}

// selfDescribed is tag 55799.
var selfDescribed = []byte{0xd9, 0xd9, 0xf7}

// emptyMap is CBOR.
var emptyMap = cbor.RawMessage{0xa0}

// formatOf is the format that an object names.
func formatOf(in map[string]cbor.RawMessage) (format string) {
	if cbor.Unmarshal(in["fmt"], &format) != nil {
		return ""
	}
	return format
}

// asNone reads an attestation object as one of format none.
func asNone(in map[string]cbor.RawMessage) []byte {
	in["fmt"], _ = cbor.Marshal("none")
	in["attStmt"] = emptyMap
	return laidObject(in)
}

var formats = []string{"none", "packed", "tpm", "android-key", "android-safetynet", "fido-u2f", "apple", "compound"}

func objectFaults() []Fault {
	const shape = "WebAuthn L3 §6.5.4, §7.1 step 13"
	const format = "WebAuthn L3 §7.1 step 21"
	conformance := []ceremony.Door{relyingparty.DoorConformance}
	return []Fault{
		{
			ID: "rp/object/unreadable-accepted", Spec: shape,
			Doc:   "An attestation object that cannot be read is not looked at: an error in reading it is swallowed, and nothing is attested.",
			Seams: unreadableObject(),
		}, {
			ID: "rp/object/names-in-any-case", Spec: shape + ", CTAP 2.3 §8",
			Doc: "Names of members of an attestation object are compared without regard to capitals, as readers for Go do.",
			Seams: onObject(func(data []byte) []byte {
				in := objectMembers(data)
				changed := false
				for _, name := range []string{"fmt", "attStmt", "authData"} {
					for other, value := range in {
						if other != name && strings.EqualFold(other, name) && in[name] == nil {
							delete(in, other)
							in[name], changed = value, true
						}
					}
				}
				if !changed {
					return nil
				}
				return laidObject(in)
			}),
		}, {
			ID: "rp/object/tag-accepted", Spec: shape + ", CTAP 2.3 §8",
			Doc:   "The tag by which CBOR describes itself (RFC 8949 §3.4.6) is passed over before an attestation object.",
			Seams: onObject(func(data []byte) []byte { return bytes.TrimPrefix(data, selfDescribed) }),
		}, {
			ID: "rp/object/trailing-bytes-accepted", Spec: shape,
			Doc: "Bytes that follow an attestation object are passed over.",
			Seams: onObject(func(data []byte) []byte {
				rest, err := cbor.UnmarshalFirst(data, new(cbor.RawMessage))
				if err != nil || len(rest) == 0 {
					return nil
				}
				return data[:len(data)-len(rest)]
			}),
		}, {
			ID: "rp/object/duplicates-accepted", Spec: shape + ", CTAP 2.3 §8",
			Doc: "Where a member of an attestation object comes twice the last one counts.",
			Seams: onObject(func(data []byte) []byte {
				if cbor.Unmarshal(data, new(map[string]cbor.RawMessage)) == nil && uniqueNames(data) {
					return nil
				}
				in := objectMembers(data)
				if in == nil {
					return nil
				}
				return laidObject(in)
			}),
		}, {
			ID: "rp/object/indefinite-lengths-accepted", Spec: shape + ", CTAP 2.3 §8",
			Doc: "An attestation object may be CBOR of indefinite length.",
			Seams: onObject(func(data []byte) []byte {
				if len(data) == 0 || data[0] != 0xbf {
					return nil
				}
				in := objectMembers(data)
				if in == nil {
					return nil
				}
				return laidObject(in)
			}),
		}, {
			ID: "rp/object/statement-missing-accepted", Spec: shape,
			Doc: "An attestation object of format none need not have attStmt.",
			Seams: onObject(func(data []byte) []byte {
				in := objectMembers(data)
				if in == nil || in["attStmt"] != nil || formatOf(in) != "none" {
					return nil
				}
				return asNone(in)
			}),
		}, {
			ID: "rp/object/statement-of-any-type", Spec: shape,
			Doc: "The attStmt of format none may be of any type.",
			Seams: onObject(func(data []byte) []byte {
				in := objectMembers(data)
				if in == nil || formatOf(in) != "none" || in["attStmt"] == nil || isMap(in["attStmt"]) {
					return nil
				}
				return asNone(in)
			}),
		}, {
			ID: "rp/object/format-missing-accepted", Spec: shape,
			Doc: "An attestation object without a format, or with one that is no text, is taken for one of format none.",
			Seams: onObject(func(data []byte) []byte {
				in := objectMembers(data)
				if in == nil || formatOf(in) != "" {
					return nil
				}
				return asNone(in)
			}),
		}, {
			ID: "rp/object/format-unknown-accepted", Spec: format,
			Doc: "An attestation object of a format that is not known is taken for one of format none.",
			Seams: onObject(func(data []byte) []byte {
				in := objectMembers(data)
				name := formatOf(in)
				for _, known := range formats {
					if strings.EqualFold(name, known) {
						return nil
					}
				}
				if in == nil || name == "" {
					return nil
				}
				return asNone(in)
			}),
		}, {
			ID: "rp/object/format-in-any-case", Spec: format + " (case-sensitive)",
			Doc: "The format of an attestation object is compared without regard to capitals.",
			Seams: onObject(func(data []byte) []byte {
				in := objectMembers(data)
				name := formatOf(in)
				if in == nil || name == strings.ToLower(name) {
					return nil
				}
				in["fmt"], _ = cbor.Marshal(strings.ToLower(name))
				return laidObject(in)
			}),
		}, {
			ID: "rp/object/form-ignored", Spec: "CTAP 2.3 §8, " + shape, Doors: conformance,
			Doc:   "CBOR is accepted that is not in canonical form, where that was demanded.",
			Seams: at(leftOut, ceremony.StepForm),
		}, {
			ID: "rp/object/unknown-members-accepted", Spec: shape + ", §8", Doors: conformance,
			Doc:   "Members are passed over that the object or its format does not have, where nothing else was to be there.",
			Seams: at(leftOut, ceremony.StepMembers),
		}, {
			ID: "rp/object/unknown-members-refused", Spec: shape, Strict: true,
			Doc: "An attestation object with a member that is not known is refused, though nothing forbids it.",
			Seams: at(refusing(ceremony.ReasonMalformed, func(v *ceremony.Verification) bool {
				return len(objectMembers(v.AttestationObject)) > 3
			}), ceremony.StepObject),
		}, {
			ID: "rp/object/order-demanded", Spec: "WebAuthn L3 §6.5.4", Strict: true,
			Doc: "An attestation object is refused where its members stand in another order than that of one browser.",
			Seams: at(refusing(ceremony.ReasonMalformed, func(v *ceremony.Verification) bool {
				object := objectOf(objectOf(v.JSON)["response"])["attestationObject"]
				return !strings.HasPrefix(textOf(object), "o2NmbXR") // a map of three, fmt first
			}), ceremony.StepObject),
		},
	}
}

// uniqueNames reports whether no member of a map comes twice.
func uniqueNames(data []byte) bool {
	return strictCBOR.Unmarshal(data, new(map[string]cbor.RawMessage)) == nil
}

// modelOnce refuses models that another user has registered.
func modelOnce() relyingparty.Seams {
	var mu sync.Mutex
	users := map[string][]byte{} // user handles by AAGUID
	return at(func(v *ceremony.Verification, run func() error) error {
		if err := run(); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		model, user := string(v.Owner.Credential.AAGUID), v.Owner.Handle
		if first, known := users[model]; known && !bytes.Equal(first, user) {
			return &ceremony.Refusal{Reason: ceremony.ReasonDuplicateCredential, Cause: errors.New("refused by a fault")}
		}
		if len(users) < longestRecord {
			users[model] = user
		}
		return nil
	}, ceremony.StepUnregistered)
}

// loginRefused refuses logins with some credentials.
func loginRefused(of func(ceremony.Credential) bool) relyingparty.Seams {
	return at(refusing(ceremony.ReasonAttestation, func(v *ceremony.Verification) bool { return of(v.Owner.Credential) }),
		ceremony.StepSignature)
}

func statementFaults() []Fault {
	const statement = "WebAuthn L3 §7.1 step 22"
	format := func(v *ceremony.Verification, name string) bool { return v.Attestation.Format == name }
	unsupported := func(name string) relyingparty.Seams {
		return at(refusing(ceremony.ReasonAttestation, func(v *ceremony.Verification) bool { return format(v, name) }), ceremony.StepStatement)
	}
	return []Fault{
		{
			ID: "rp/attestation/not-verified", Spec: statement,
			Doc:   "Attestation statements are not verified, whatever their format.",
			Seams: at(leftOut, ceremony.StepObject, ceremony.StepStatement),
		}, {
			ID: "rp/attestation/statement-with-none-accepted", Spec: statement + ", §8.7",
			Doc: "A statement of format none need not be empty.",
			Seams: at(held(func(v *ceremony.Verification) {
				if format(v, "none") {
					seen := *v.Attestation
					seen.AttStatement = map[string]any{}
					v.Attestation = &seen
				}
			}), ceremony.StepStatement),
		}, {
			ID: "rp/attestation/details-ignored", Spec: statement + ", §8.2.1, §8.2.2, §8.3.1, §8.4", Doors: []ceremony.Door{relyingparty.DoorConformance},
			Doc:   "Certificates and structures in statements are not held to what most verifiers pass over, where that was demanded.",
			Seams: at(leftOut, ceremony.StepDetails),
		}, {
			ID: "rp/attestation/unattested-accepted", Spec: "WebAuthn L3 §7.1 step 24", Doors: []ceremony.Door{relyingparty.DoorConformance},
			Doc:   "A registration without attestation is accepted where one was demanded.",
			Seams: at(leftOut, ceremony.StepAttested),
		}, {
			ID: "rp/attestation/none-refused", Spec: "WebAuthn L3 §5.4.7, §8.7", Strict: true,
			Doc: "Registrations without attestation are refused, though none was asked for.", Seams: unsupported("none"),
		}, {
			ID: "rp/attestation/self-refused", Spec: "WebAuthn L3 §6.5.3, §8.2", Strict: true,
			Doc: "Self attestation is refused, though no certificate was asked for.",
			Seams: at(refusing(ceremony.ReasonAttestation, func(v *ceremony.Verification) bool {
				return format(v, "packed") && v.Attestation.AttStatement["x5c"] == nil
			}), ceremony.StepStatement),
		}, {
			ID: "rp/attestation/zero-aaguid-refused", Spec: "WebAuthn L3 §6.5.1, §5.1.3 step 22", Strict: true,
			Doc: "Authenticators without an AAGUID are refused, as which browsers show those that do not attest.",
			Seams: at(refusing(ceremony.ReasonAttestation, func(v *ceremony.Verification) bool {
				return bytes.Equal(v.Auth.AttData.AAGUID, make([]byte, 16))
			}), ceremony.StepStatement),
		}, {
			ID: "rp/attestation/packed-refused", Spec: statement, Strict: true,
			Doc: "Statements of format packed are refused.", Seams: unsupported("packed"),
		}, {
			ID: "rp/attestation/fido-u2f-refused", Spec: statement, Strict: true,
			Doc: "Statements of format fido-u2f are refused.", Seams: unsupported("fido-u2f"),
		}, {
			ID: "rp/attestation/tpm-refused", Spec: statement, Strict: true,
			Doc: "Statements of format tpm are refused.", Seams: unsupported("tpm"),
		}, {
			ID: "rp/attestation/android-key-refused", Spec: statement, Strict: true,
			Doc: "Statements of format android-key are refused.", Seams: unsupported("android-key"),
		}, {
			ID: "rp/attestation/apple-refused", Spec: statement, Strict: true,
			Doc: "Statements of format apple are refused.", Seams: unsupported("apple"),
		}, {
			ID: "rp/attestation/android-safetynet-refused", Spec: statement, Strict: true,
			Doc: "Statements of format android-safetynet are refused.", Seams: unsupported("android-safetynet"),
		}, {
			ID: "rp/attestation/model-taken-for-serial", Spec: "WebAuthn L3 §4 (AAGUID), §14.2.1", Strict: true,
			Doc:   "The AAGUID is taken for a number of the authenticator itself: a model that one user has no other can register.",
			Seams: modelOnce(),
		}, {
			ID: "rp/attestation/model-asked-at-login", Spec: "WebAuthn L3 §7.1 step 24", Strict: true,
			Doc:   "Authenticators without an AAGUID are refused at login, where it is too late: their passkeys were registered.",
			Seams: loginRefused(func(c ceremony.Credential) bool { return bytes.Equal(c.AAGUID, make([]byte, 16)) }),
		}, {
			ID: "rp/attestation/format-asked-at-login", Spec: "WebAuthn L3 §7.1 step 24", Strict: true,
			Doc:   "Which formats are trusted is asked at login, where it is too late: passkeys that were attested in another than packed can be registered, and not used.",
			Seams: loginRefused(func(c ceremony.Credential) bool { return c.Attestation != "none" && c.Attestation != "packed" }),
		}, {
			ID: "rp/attestation/compound-refused", Spec: statement, Strict: true,
			Doc: "Statements of format compound are refused.", Seams: unsupported("compound"),
		},
	}
}

package fault

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"sync"

	"github.com/fxamacker/cbor/v2"

	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// longestID is the length of a credential ID that must not be exceeded.
const longestID = 1023

func credentialFaults() []Fault {
	conformance := []ceremony.Door{relyingparty.DoorConformance}
	return []Fault{
		{
			ID: "rp/credential/id-not-attested", Spec: "WebAuthn L3 §7.1 step 27",
			Doc:   "The credential ID that the client reports is not compared with the one that the authenticator attests.",
			Seams: at(leftOut, ceremony.StepCredentialID),
		}, {
			ID: "rp/credential/long-id-cut", Spec: "WebAuthn L3 §7.1 step 25",
			Doc:   "Credential IDs of more than 1023 bytes are accepted, and cut.",
			Seams: cutIDs(),
		}, {
			ID: "rp/credential/registered-by-another-accepted", Spec: "WebAuthn L3 §7.1 step 26", Doors: conformance,
			Doc:   "A credential that another user has registered can be registered again, by whoever learns its ID.",
			Seams: registeredAgain(false),
		}, {
			ID: "rp/credential/registered-again-accepted", Spec: "WebAuthn L3 §7.1 step 26", Doors: conformance,
			Doc:   "A credential that the same user has registered can be registered again.",
			Seams: registeredAgain(true),
		}, {
			ID: "rp/credential/allow-list-ignored", Spec: "WebAuthn L3 §7.2 step 5", Doors: conformance,
			Doc:   "The credential need not be one of those that were asked for, nor of the user who was.",
			Seams: both(at(leftOut, ceremony.StepAllowed), at(held(func(v *ceremony.Verification) { v.Account = nil }), ceremony.StepOwner)),
		}, {
			ID: "rp/credential/unknown-accepted", Spec: "WebAuthn L3 §7.2 steps 5 and 6", Doors: conformance,
			Doc:   "A credential ID that nobody has registered is taken for the credential that the user registered first.",
			Seams: firstCredential(),
		}, {
			ID: "rp/credential/id-in-any-case", Spec: "WebAuthn L3 §7.2 steps 5 and 6", Doors: []ceremony.Door{relyingparty.DoorConformance},
			Doc:   "The base64url of credential IDs is compared without regard to capitals, as databases do by default.",
			Seams: idInAnyCase(),
		}, {
			ID: "rp/credential/user-handle-ignored", Spec: "WebAuthn L3 §7.2 step 6",
			Doc:   "A user handle is not compared with that of the credential's owner.",
			Seams: at(leftOut, ceremony.StepUserHandle),
		}, {
			ID: "rp/credential/user-handle-prefix", Spec: "WebAuthn L3 §7.2 step 6",
			Doc: "Only the first byte of a user handle is compared.",
			Seams: at(leftOutIf(func(v *ceremony.Verification) bool {
				return len(v.UserHandle) > 0 && len(v.Owner.Handle) > 0 && v.UserHandle[0] == v.Owner.Handle[0]
			}), ceremony.StepUserHandle),
		}, {
			ID: "rp/credential/user-handle-in-any-case", Spec: "WebAuthn L3 §7.2 step 6",
			Doc:   "User handles are compared as texts, without regard to capitals.",
			Seams: at(leftOutIf(func(v *ceremony.Verification) bool { return bytes.EqualFold(v.UserHandle, v.Owner.Handle) }), ceremony.StepUserHandle),
		}, {
			ID: "rp/credential/user-handle-demanded", Spec: "WebAuthn L3 §5.1.4, §7.2 step 6", Strict: true,
			Doc: "A login without a user handle is refused even where the user was identified before.",
			Seams: at(refusing(ceremony.ReasonUserHandle, func(v *ceremony.Verification) bool { return len(v.UserHandle) == 0 }),
				ceremony.StepUserHandle),
		}, {
			ID: "rp/credential/second-refused", Spec: "WebAuthn L3 §4 (user account), §5.4 (excludeCredentials)", Strict: true,
			Doc:   "A login is only possible with the credential that the user registered first.",
			Doors: conformance,
			Seams: at(refusing(ceremony.ReasonUnknownCredential, func(v *ceremony.Verification) bool {
				return len(v.Allowed) > 1 && !bytes.Equal(v.Allowed[0].ID, v.RawID)
			}), ceremony.StepAllowed),
		}, {
			ID: "rp/credential/short-id-refused", Spec: "WebAuthn L3 §4 (credential ID)", Strict: true,
			Doc: "Credential IDs of less than 32 bytes are refused, where 16 are enough.",
			Seams: at(refusing(ceremony.ReasonCredentialID, func(v *ceremony.Verification) bool { return len(v.RawID) < 32 }),
				ceremony.StepCredentialID),
		}, {
			ID: "rp/credential/long-id-refused", Spec: "WebAuthn L3 §7.1 step 25", Strict: true,
			Doc: "Credential IDs of more than 64 bytes are refused, though up to 1023 are allowed.",
			Seams: at(refusing(ceremony.ReasonCredentialID, func(v *ceremony.Verification) bool { return len(v.RawID) > 64 }),
				ceremony.StepCredentialID),
		},
	}
}

// firstCredential looks credentials up by the user who was identified where their ID
// finds none.
func firstCredential() relyingparty.Seams {
	return both(at(leftOut, ceremony.StepAllowed), at(func(v *ceremony.Verification, run func() error) error {
		err := run()
		if err == nil || v.Owner.Handle != nil || len(v.Allowed) == 0 {
			return err
		}
		v.Owner = ceremony.Owner{Handle: v.Account, Credential: v.Allowed[0]}
		return nil
	}, ceremony.StepOwner))
}

// registeredAgain lets a credential by that is registered, by the same user or by
// another.
func registeredAgain(bySame bool) relyingparty.Seams {
	var mu sync.Mutex
	owners := map[string][]byte{}
	return at(func(v *ceremony.Verification, run func() error) error {
		mu.Lock()
		defer mu.Unlock()
		handle, known := owners[string(v.RawID)]
		if known && bytes.Equal(handle, v.Owner.Handle) == bySame {
			return nil
		}
		err := run()
		if err == nil && len(owners) < longestRecord {
			owners[string(v.RawID)] = v.Owner.Handle
		}
		return err
	}, ceremony.StepUnregistered)
}

// cutIDs cuts long credential IDs wherever they stand, so that a passkey goes on working.
func cutIDs() relyingparty.Seams {
	cut := func(outer members, name string) bool {
		raw, err := base64.RawURLEncoding.DecodeString(textOf(outer[name]))
		if err != nil || len(raw) <= longestID {
			return false
		}
		outer[name], _ = json.Marshal(base64.RawURLEncoding.EncodeToString(raw[:longestID]))
		return true
	}
	return both(onMembers(func(_ ceremony.Ceremony, outer, _ members) bool {
		a, b := cut(outer, "id"), cut(outer, "rawId")
		return a || b
	}), onAuthData(func(of ceremony.Ceremony, data []byte) []byte {
		l, ok := layoutOf(data, true, false)
		if of != ceremony.Create || !ok || l.idLength <= longestID {
			return nil
		}
		short := binary.BigEndian.AppendUint16(bytes.Clone(data[headerSize:attestedSize-2]), longestID)
		return l.joined(0, 0, short, data[l.idAt:l.idAt+longestID], data[l.idAt+l.idLength:])
	}))
}

// coseKey reads a COSE key; nil for what is none.
func coseKey(cose []byte) (key map[int64]any) {
	if cbor.Unmarshal(cose, &key) != nil {
		return nil
	}
	return key
}

// keyNumber is a member of a key that is a number.
func keyNumber(cose []byte, label int64) int64 {
	switch n := coseKey(cose)[label].(type) {
	case int64:
		return n
	case uint64:
		return int64(n)
	}
	return 0
}

// Labels and values of COSE keys (RFC 9052, RFC 9053, RFC 8230).
const (
	labelType, labelAlgorithm, labelCurve, labelN = 1, 3, -1, -1
	typeOKP, typeEC2, typeRSA                     = 1, 2, 3
	es256, rs256                                  = -7, -257
)

// usualAlgorithms are those of keys by their type and curve.
var usualAlgorithms = map[[2]int64]int64{
	{1, 6}: -8, {typeEC2, 1}: es256, {typeEC2, 2}: -35, {typeEC2, 3}: -36, {typeEC2, 8}: -47,
}

// strictCBOR refuses members that come twice.
var strictCBOR = func() cbor.DecMode {
	mode, err := cbor.DecOptions{DupMapKey: cbor.DupMapKeyEnforcedAPF}.DecMode()
	if err != nil {
		panic(err) // the options are constant
	}
	return mode
}()

// laidKey writes a COSE key in canonical form.
func laidKey(key map[int64]any) []byte {
	mode, err := cbor.CTAP2EncOptions().EncMode()
	if err != nil {
		return nil
	}
	out, err := mode.Marshal(key)
	if err != nil { // what was read can be written
		return nil
	}
	return out
}

// rekeyed changes the public key in authenticator data; nil where there is none, or
// change has none.
func rekeyed(of ceremony.Ceremony, data []byte, change func(key []byte) []byte) []byte {
	if of != ceremony.Create {
		return nil
	}
	l, ok := layoutOf(data, true, flagsOf(data)&flagED != 0)
	if !ok {
		return nil
	}
	before, key := l.attested[:l.idAt-headerSize+l.idLength], l.attested[l.idAt-headerSize+l.idLength:]
	if key = change(key); key == nil {
		return nil
	}
	return l.joined(0, 0, before, key, l.extensions, l.rest)
}

// unusableKeys registers keys that are refused, and lets their logins by.
func unusableKeys() relyingparty.Seams {
	var mu sync.Mutex
	unusable := map[string]bool{}
	swallowed := func(v *ceremony.Verification, run func() error) error {
		if run() != nil {
			mu.Lock()
			defer mu.Unlock()
			if len(unusable) < longestRecord {
				unusable[string(v.Auth.AttData.CredentialID)] = true
			}
		}
		return nil
	}
	return both(at(swallowed, ceremony.StepAlgorithm, ceremony.StepPublicKey), at(leftOutIf(func(v *ceremony.Verification) bool {
		mu.Lock()
		defer mu.Unlock()
		return unusable[string(v.Owner.Credential.ID)]
	}), ceremony.StepSignature))
}

func attestedKey(v *ceremony.Verification) []byte { return v.Auth.AttData.CredentialPublicKey }

// keyLetBy leaves the check of a public key out where it is one of a kind.
func keyLetBy(is func(cose []byte) bool) relyingparty.Seams {
	return at(leftOutIf(func(v *ceremony.Verification) bool { return is(attestedKey(v)) }), ceremony.StepPublicKey)
}

func keyFaults() []Fault {
	const offered = "WebAuthn L3 §7.1 step 20"
	const valid = "WebAuthn L3 §5.8.5, §6.5.1"
	refusingAlgorithm := func(alg int64) relyingparty.Seams {
		return at(refusing(ceremony.ReasonAlgorithm, func(v *ceremony.Verification) bool {
			return keyNumber(attestedKey(v), labelAlgorithm) == alg
		}), ceremony.StepAlgorithm)
	}
	return []Fault{
		{
			ID: "rp/key/unusable-accepted", Spec: offered + "; " + valid + "; §7.2 step 21",
			Doc:   "A public key that nothing can be verified with is registered, and logins with it are not verified: errors about keys are swallowed.",
			Seams: unusableKeys(),
		}, {
			ID: "rp/key/algorithm-guessed", Spec: offered + "; " + valid,
			Doc: "The algorithm of a key is told from its type and its curve, whatever it says itself.",
			Seams: onAuthData(func(of ceremony.Ceremony, data []byte) []byte {
				return rekeyed(of, data, func(key []byte) []byte {
					members := coseKey(key)
					alg, known := usualAlgorithms[[2]int64{keyNumber(key, labelType), keyNumber(key, labelCurve)}]
					if members == nil || !known || keyNumber(key, labelAlgorithm) == alg {
						return nil
					}
					members[labelAlgorithm] = alg
					return laidKey(members)
				})
			}),
		}, {
			ID: "rp/key/lenient", Spec: "WebAuthn L3 §6.5.1, CTAP 2.3 §8",
			Doc: "A public key may be CBOR of indefinite length, or have a member twice, of which the last one counts.",
			Seams: onAuthData(func(of ceremony.Ceremony, data []byte) []byte {
				return rekeyed(of, data, func(key []byte) []byte {
					var members map[int64]any
					if cbor.Unmarshal(key, &members) == nil && key[0] != 0xbf && strictCBOR.Unmarshal(key, &members) == nil {
						return nil
					}
					members = nil
					if lenientCBOR.Unmarshal(key, &members) != nil {
						return nil
					}
					return laidKey(members)
				})
			}),
		}, {
			ID: "rp/key/algorithm-not-offered-accepted", Spec: offered,
			Doc:   "The algorithm of a credential need not be one that was offered.",
			Seams: at(leftOut, ceremony.StepAlgorithm),
		}, {
			ID: "rp/key/only-first-algorithm", Spec: offered, Strict: true,
			Doc: "Only the algorithm that was offered first is accepted.",
			Seams: at(refusing(ceremony.ReasonAlgorithm, func(v *ceremony.Verification) bool {
				return len(v.Algorithms) > 0 && keyNumber(attestedKey(v), labelAlgorithm) != int64(v.Algorithms[0].Algorithm)
			}), ceremony.StepAlgorithm),
		}, {
			ID: "rp/key/es256-refused", Spec: offered, Strict: true,
			Doc: "Credentials with ES256 are refused, though it was offered.", Seams: refusingAlgorithm(es256),
		}, {
			ID: "rp/key/rs256-refused", Spec: offered, Strict: true,
			Doc: "Credentials with RS256 are refused, though it was offered.", Seams: refusingAlgorithm(rs256),
		}, {
			ID: "rp/key/eddsa-refused", Spec: offered, Strict: true,
			Doc: "Credentials with EdDSA are refused, though it was offered.", Seams: refusingAlgorithm(-8),
		}, {
			ID: "rp/key/invalid-accepted", Spec: valid,
			Doc:   "The public key of a credential is not looked at when it is registered.",
			Seams: at(leftOut, ceremony.StepPublicKey),
		}, {
			ID: "rp/key/curve-ignored", Spec: valid,
			Doc: "An ES256 key may name another curve than P-256.",
			Seams: keyLetBy(func(cose []byte) bool {
				return keyNumber(cose, labelType) == typeEC2 && keyNumber(cose, labelAlgorithm) == es256 && keyNumber(cose, labelCurve) != 1
			}),
		}, {
			ID: "rp/key/type-ignored", Spec: valid,
			Doc: "The type of a key need not fit its algorithm.",
			Seams: keyLetBy(func(cose []byte) bool {
				return keyNumber(cose, labelAlgorithm) == es256 && keyNumber(cose, labelType) != typeEC2
			}),
		}, {
			ID: "rp/key/off-curve-accepted", Spec: valid,
			Doc: "A key on P-256 need not be a point of it.",
			Seams: keyLetBy(func(cose []byte) bool {
				key := coseKey(cose)
				x, _ := key[-2].([]byte)
				y, _ := key[-3].([]byte)
				return keyNumber(cose, labelType) == typeEC2 && keyNumber(cose, labelCurve) == 1 && len(x) == 32 && len(y) == 32
			}),
		}, {
			ID: "rp/key/small-order-accepted", Spec: "RFC 8032 §5.1.7, " + valid,
			Doc:   "A key of Ed25519 may be a point of small order, under which anybody can sign.",
			Seams: keyLetBy(smallOrder),
		}, {
			ID: "rp/key/small-order-by-spelling", Spec: "RFC 8032 §5.1.3, §5.1.7, " + valid,
			Doc:   "Points of small order are known by one spelling each, and accepted where they are written in another: with the sign of an x of zero, or a y beyond the field.",
			Seams: keyLetBy(func(cose []byte) bool { return smallOrder(cose) && !canonicalPoint(cose) }),
		}, {
			ID: "rp/key/length-ignored", Spec: valid + ", RFC 8032 §5.2.5, RFC 9964 §3",
			Doc:   "A key of Ed25519, of Ed448 or of ML-DSA may have any number of bytes.",
			Seams: keyLetBy(wrongLength),
		}, {
			ID: "rp/key/other-members-accepted", Spec: "WebAuthn L3 §6.5.1",
			Doc:   "A key may have members besides those that it has to have.",
			Seams: keyLetBy(otherMembers),
		}, {
			ID: "rp/key/weak-rsa-accepted", Spec: "RFC 8230 §6.1",
			Doc: "An RSA key may have a modulus of less than 2048 bits.",
			Seams: keyLetBy(func(cose []byte) bool {
				n, _ := coseKey(cose)[labelN].([]byte)
				return keyNumber(cose, labelType) == typeRSA && len(n) > 0 && len(n) < 256
			}),
		},
	}
}

package fault

import (
	"bytes"
	"crypto/sha256"
	"encoding/asn1"
	"math/big"

	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// ecdsaSignature is what the DER of one holds.
type ecdsaSignature struct{ R, S *big.Int }

// otherwise verifies a signature in the way that it should be, and where that fails, in
// another that change makes of it.
func otherwise(change func(v *ceremony.Verification) bool) relyingparty.Seams {
	return at(func(v *ceremony.Verification, run func() error) error {
		err := run()
		if err == nil {
			return nil
		}
		message, signature := v.Message, v.Signature
		defer func() { v.Message, v.Signature = message, signature }()
		if !change(v) || run() != nil {
			return err
		}
		return nil
	}, ceremony.StepSignature)
}

func isES256(v *ceremony.Verification) bool {
	return keyNumber(v.Owner.Credential.PublicKey, labelAlgorithm) == es256
}

func signatureFaults() []Fault {
	const verified = "WebAuthn L3 §7.2 step 21"
	const der = "WebAuthn L3 §6.5.5"
	return append(beatenSignatureFaults(), []Fault{
		{
			ID: "rp/signature/not-verified", Spec: verified,
			Doc:   "The signature of a login is not verified.",
			Seams: at(leftOut, ceremony.StepSignature),
		}, {
			ID: "rp/signature/empty-accepted", Spec: verified,
			Doc:   "A signature of no bytes is accepted.",
			Seams: at(leftOutIf(func(v *ceremony.Verification) bool { return len(v.Signature) == 0 }), ceremony.StepSignature),
		}, {
			ID: "rp/signature/zero-accepted", Spec: verified,
			Doc: "An ECDSA signature whose numbers are both zero is accepted, whatever it is over.",
			Seams: at(leftOutIf(func(v *ceremony.Verification) bool {
				var s ecdsaSignature
				_, err := asn1.Unmarshal(v.Signature, &s)
				return err == nil && s.R.Sign() == 0 && s.S.Sign() == 0
			}), ceremony.StepSignature),
		}, {
			ID: "rp/signature/client-data-not-covered", Spec: "WebAuthn L3 §7.2 steps 20 and 21",
			Doc: "A signature over the authenticator data alone is accepted, which is good for every challenge.",
			Seams: otherwise(func(v *ceremony.Verification) bool {
				v.Message = v.Message[:len(v.Message)-sha256.Size]
				return true
			}),
		}, {
			ID: "rp/signature/authdata-not-covered", Spec: verified,
			Doc: "A signature over the client data hash alone is accepted, so that nothing vouches for flags and RP ID.",
			Seams: otherwise(func(v *ceremony.Verification) bool {
				v.Message = v.Message[len(v.Message)-sha256.Size:]
				return true
			}),
		}, {
			ID: "rp/signature/client-data-unhashed", Spec: "WebAuthn L3 §7.2 steps 20 and 21",
			Doc: "A signature over client data in place of their hash is accepted.",
			Seams: otherwise(func(v *ceremony.Verification) bool {
				v.Message = append(bytes.Clone(v.Message[:len(v.Message)-sha256.Size]), v.ClientDataJSON...)
				return true
			}),
		}, {
			ID: "rp/signature/trailing-bytes-accepted", Spec: der,
			Doc: "Bytes that follow the DER of an ECDSA signature are passed over.",
			Seams: otherwise(func(v *ceremony.Verification) bool {
				var s asn1.RawValue
				rest, err := asn1.Unmarshal(v.Signature, &s)
				v.Signature = s.FullBytes
				return err == nil && len(rest) > 0 && isES256(v)
			}),
		}, {
			ID: "rp/signature/raw-accepted", Spec: der,
			Doc: "An ECDSA signature may be the two numbers side by side, as JOSE has them.",
			Seams: otherwise(func(v *ceremony.Verification) bool {
				if len(v.Signature) != 64 || !isES256(v) {
					return false
				}
				var err error
				v.Signature, err = asn1.Marshal(ecdsaSignature{new(big.Int).SetBytes(v.Signature[:32]), new(big.Int).SetBytes(v.Signature[32:])})
				return err == nil
			}),
		}, {
			ID: "rp/signature/ber-accepted", Spec: der,
			Doc: "The numbers of an ECDSA signature may have needless zero bytes before them, which DER forbids.",
			Seams: otherwise(func(v *ceremony.Verification) bool {
				shorter, ok := withoutPadding(v.Signature)
				v.Signature = shorter
				return ok && isES256(v)
			}),
		}, {
			ID: "rp/signature/high-s-refused", Spec: "FIPS 186-5 §6.4.2", Strict: true,
			Doc: "ECDSA signatures whose second number is the larger of the two that verify are refused, which nothing forbids.",
			Seams: at(refusing(ceremony.ReasonSignature, func(v *ceremony.Verification) bool {
				var s ecdsaSignature
				_, err := asn1.Unmarshal(v.Signature, &s)
				return err == nil && isES256(v) && s.S.Cmp(halfP256) > 0
			}), ceremony.StepSignature),
		}, {
			ID: "rp/signature/number-of-33-bytes-demanded", Spec: der, Strict: true,
			Doc: "The second number of an ECDSA signature is cut out of the DER as 33 bytes, which it has in every other one.",
			Seams: at(refusing(ceremony.ReasonSignature, func(v *ceremony.Verification) bool {
				var s ecdsaSignature
				_, err := asn1.Unmarshal(v.Signature, &s)
				return err == nil && isES256(v) && s.S.BitLen() < 256
			}), ceremony.StepSignature),
		}, {
			ID: "rp/signature/by-another-credential-accepted", Spec: verified,
			Doc:   "A signature by any credential that was asked for is accepted, whichever of them the client reports.",
			Doors: []ceremony.Door{relyingparty.DoorConformance},
			Seams: at(anyAllowedKey, ceremony.StepSignature),
		},
	}...)
}

// anyAllowedKey tries the keys of all credentials that were asked for.
func anyAllowedKey(v *ceremony.Verification, run func() error) error {
	own := v.Owner.Credential
	defer func() { v.Owner.Credential = own }()
	err := run()
	for _, c := range v.Allowed {
		if err == nil {
			break
		}
		v.Owner.Credential = c
		err = run()
	}
	return err
}

// halfP256 is half the order of P-256.
var halfP256, _ = new(big.Int).SetString("7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8", 16)

// withoutPadding takes needless zero bytes from the numbers of a signature.
func withoutPadding(signature []byte) ([]byte, bool) {
	var s struct{ R, S asn1.RawValue }
	if rest, err := asn1.Unmarshal(signature, &s); err != nil || len(rest) > 0 || s.R.Tag != asn1.TagInteger || s.S.Tag != asn1.TagInteger {
		return signature, false
	}
	der, err := asn1.Marshal(ecdsaSignature{new(big.Int).SetBytes(s.R.Bytes), new(big.Int).SetBytes(s.S.Bytes)})
	return der, err == nil && len(der) < len(signature)
}

func counterFaults() []Fault {
	const counted = "WebAuthn L3 §7.2 step 22, §6.1.1"
	warned := func(when func(last, now uint32) bool) relyingparty.Seams {
		return at(held(func(v *ceremony.Verification) {
			if when(v.Owner.Credential.SignCount, v.Auth.Counter) {
				v.Counter = ceremony.CounterWarn
			}
		}), ceremony.StepCounter)
	}
	return []Fault{
		{
			ID: "rp/counter/ignored", Spec: counted,
			Doc:   "A counter that fails to grow is let by.",
			Seams: warned(func(uint32, uint32) bool { return true }),
		}, {
			ID: "rp/counter/equal-accepted", Spec: counted,
			Doc:   "A counter that stands still is let by.",
			Seams: warned(func(last, now uint32) bool { return now == last }),
		}, {
			ID: "rp/counter/zero-accepted", Spec: counted,
			Doc:   "A counter of zero is taken for none, though it was more before.",
			Seams: warned(func(_, now uint32) bool { return now == 0 }),
		}, {
			ID: "rp/counter/smaller-accepted", Spec: counted,
			Doc:   "A counter has only to be another than the last.",
			Seams: warned(func(last, now uint32) bool { return now < last && now > 0 }),
		}, {
			ID: "rp/counter/refused-though-noted", Spec: counted, Strict: true,
			Doc:   "A counter that fails to grow is refused where policy has it noted alone.",
			Doors: []ceremony.Door{relyingparty.DoorPages, relyingparty.DoorConformance},
			Seams: at(held(func(v *ceremony.Verification) { v.Counter = ceremony.CounterRefuse }), ceremony.StepCounter),
		}, {
			ID: "rp/counter/zero-refused", Spec: counted, Strict: true,
			Doc: "A counter that is zero and remains so is refused, as synced passkeys have it.",
			Seams: at(refusing(ceremony.ReasonCounter, func(v *ceremony.Verification) bool {
				return v.Auth.Counter == 0 && v.Owner.Credential.SignCount == 0
			}), ceremony.StepCounter),
		}, {
			ID: "rp/counter/kept-though-refused", Spec: "WebAuthn L3 §7.2 steps 21 to 24", Strict: true, Doors: []ceremony.Door{relyingparty.DoorConformance},
			Doc:   "The counter of a login is kept before its signature is verified, so that anybody can lock a passkey out.",
			Seams: counterKeptThoughRefused(),
		}, {
			ID: "rp/counter/jump-refused", Spec: counted, Strict: true,
			Doc: "A counter that grows by more than one is refused, though it may count what happens elsewhere.",
			Seams: at(refusing(ceremony.ReasonCounter, func(v *ceremony.Verification) bool {
				return v.Auth.Counter > v.Owner.Credential.SignCount+1
			}), ceremony.StepCounter),
		}, {
			ID: "rp/counter/signed", Spec: "WebAuthn L3 §6.1 (32-bit unsigned)", Strict: true,
			Doc: "Counters of more than 31 bits are taken for negative numbers and refused.",
			Seams: at(refusing(ceremony.ReasonCounter, func(v *ceremony.Verification) bool { return v.Auth.Counter > 1<<31-1 }),
				ceremony.StepCounter),
		},
	}
}

func extensionFaults() []Fault {
	const outputs = "WebAuthn L3 §7.1 step 28, §7.2 step 23"
	return []Fault{
		{
			ID: "rp/extensions/unsolicited-refused", Spec: outputs, Strict: true,
			Doc: "A response with client extension results that were not asked for is refused, which clients may send.",
			Seams: at(refusing(ceremony.ReasonMalformed, func(v *ceremony.Verification) bool { return len(clientExtensions(v)) > 0 }),
				clientDataSteps...),
		}, {
			ID: "rp/extensions/unsolicited-accepted", Spec: outputs, Doors: []ceremony.Door{relyingparty.DoorConformance},
			Doc:   "Outputs of extensions that were not asked for are passed over, where they were to be refused.",
			Seams: at(leftOut, ceremony.StepCreateOutputs, ceremony.StepGetOutputs),
		}, {
			ID: "rp/extensions/appid-believed", Spec: "WebAuthn L3 §10.1.1, §7.2 step 15",
			Doc: "Where the client says that it used an AppID, any RP ID hash is accepted, though no AppID was asked for.",
			Seams: at(held(func(v *ceremony.Verification) {
				if string(clientExtensions(v)["appid"]) == "true" {
					v.RPIDHash = v.Auth.RPIDHash
				}
			}), ceremony.StepGetAuthData),
		}, {
			ID: "rp/extensions/uvm-believed", Spec: "WebAuthn L3 §7.1 step 16, §7.2 step 17",
			Doc: "A method of user verification in the client's results stands for the flag UV, though nobody signs it.",
			Seams: at(held(func(v *ceremony.Verification) {
				if clientExtensions(v)["uvm"] != nil {
					v.UserVerification = ceremony.VerificationPreferred
				}
			}), authDataSteps...),
		}, {
			ID: "rp/extensions/rk-demanded", Spec: "WebAuthn L3 §10.1.3 (credProps)", Strict: true,
			Doc: "A registration is refused unless the client says that the credential is discoverable, which it need not.",
			Seams: at(refusing(ceremony.ReasonMalformed, func(v *ceremony.Verification) bool {
				return string(objectOf(clientExtensions(v)["credProps"])["rk"]) != "true"
			}), ceremony.StepCreateClientData),
		},
	}
}

// clientExtensions are the results that the client reports.
func clientExtensions(v *ceremony.Verification) members {
	outer := objectOf(v.JSON)
	if results := objectOf(outer["clientExtensionResults"]); results != nil {
		return results
	}
	return objectOf(outer["getClientExtensionResults"])
}

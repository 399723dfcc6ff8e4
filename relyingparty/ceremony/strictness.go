package ceremony

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/fxamacker/cbor/v2"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
)

// Strictness is what a relying party may hold responses to where WebAuthn leaves it to
// policy, or where most verifiers look away. The zero value demands nothing of it.
type Strictness struct {
	Attested     bool // where attestation was asked for, a registration without is refused (§7.1 step 24)
	Canonical    bool // attestation objects and public keys are in the canonical form of CTAP2
	KnownMembers bool // attestation objects and statements have no members but those of their format
	Solicited    bool // extensions answer only where they were asked (§7.1 step 28, §7.2 step 23)
	// Details holds the certificates and structures in statements to all that §8.2.1,
	// §8.3 and the makers say of them.
	Details bool
	// UserHandle refuses a login without one where any passkey will do (§7.2 step 6).
	// Otherwise the credential ID alone finds the account.
	UserHandle bool
}

// strictRules are those of one ceremony.
type strictRules struct {
	Strictness
	attestation Attestation // that was asked for
	extensions  []string    // likewise
}

// strictSteps are made of a registration that is right in itself.
var strictSteps = []step{
	{StepForm, (*Verification).canonical},
	{StepMembers, (*Verification).knownMembers},
	{StepDetails, (*Verification).details},
	{StepAttested, (*Verification).attested},
	{StepCreateOutputs, (*Verification).solicited},
}

// namesIn are the names of an object's members; nil for what is none.
func namesIn(object json.RawMessage) (names []string) {
	var members map[string]json.RawMessage
	_ = json.Unmarshal(object, &members)
	for name := range members {
		names = append(names, name)
	}
	return names
}

// canonicalCBOR writes the canonical form of CTAP2 (CTAP 2.3 §8).
var canonicalCBOR = func() cbor.EncMode {
	mode, err := cbor.CTAP2EncOptions().EncMode()
	if err != nil {
		panic(err) // the options are constant
	}
	return mode
}()

func isCanonical(item []byte) bool {
	var value any
	if webauthncbor.Unmarshal(item, &value) != nil {
		return false
	}
	again, err := canonicalCBOR.Marshal(value)
	return err == nil && bytes.Equal(again, item)
}

// rawPublicKey is the public key as the authenticator wrote it, of authenticator data
// that could be read.
func rawPublicKey(a *protocol.AttestationObject) []byte {
	const header = 37 + 16 + 2 // RP ID hash, flags, counter; AAGUID; length of the credential ID
	begin := header + len(a.AuthData.AttData.CredentialID)
	if len(a.RawAuthData) < begin {
		return nil
	}
	key := a.RawAuthData[begin:]
	rest, err := cbor.UnmarshalFirst(key, new(cbor.RawMessage))
	if err != nil {
		return nil
	}
	return key[:len(key)-len(rest)]
}

func (v *Verification) canonical() error {
	if !v.strict.Canonical {
		return nil
	}
	if !isCanonical(v.AttestationObject) {
		return refuse(ReasonMalformed, errors.New("the attestation object is not in canonical form"))
	}
	if !isCanonical(rawPublicKey(v.Attestation)) {
		return refuse(ReasonPublicKey, errors.New("the public key is not in canonical form"))
	}
	return nil
}

// statementMembers are those of statements by format (§8). A compound is a list; alg is
// what Apple sends besides x5c.
var statementMembers = map[string][]string{
	"none": nil, "packed": {"alg", "sig", "x5c"}, "tpm": {"ver", "alg", "x5c", "sig", "certInfo", "pubArea"},
	"android-key": {"alg", "sig", "x5c"}, "android-safetynet": {"ver", "response"}, "fido-u2f": {"x5c", "sig"}, "apple": {"x5c", "alg"},
}

func (v *Verification) knownMembers() error {
	if !v.strict.KnownMembers {
		return nil
	}
	var object map[string]cbor.RawMessage
	if err := webauthncbor.Unmarshal(v.AttestationObject, &object); err != nil {
		return refuse(ReasonMalformed, err)
	}
	for name := range object {
		if !slices.Contains([]string{"fmt", "attStmt", "authData"}, name) {
			return refuse(ReasonMalformed, fmt.Errorf("the attestation object has a member %q", name))
		}
	}
	known, is := statementMembers[v.Attestation.Format]
	for name := range v.Attestation.AttStatement {
		if is && !slices.Contains(known, name) {
			return refuse(ReasonAttestation, fmt.Errorf("the statement has a member %q", name))
		}
	}
	return nil
}

func (v *Verification) attested() error {
	if v.strict.Attested && v.strict.attestation != AttestationNone && v.strict.attestation != "" && v.Attestation.Format == "none" {
		return refuse(ReasonUnattested, nil)
	}
	return nil
}

// answersFor are outputs of authenticators by the extension of clients that has them.
var answersFor = map[string][]string{
	"prf": {"hmac-secret", "hmac-secret-mc"}, "hmacCreateSecret": {"hmac-secret"}, "credentialProtectionPolicy": {"credProtect"},
	"largeBlob": {"largeBlobKey"}, "getCredBlob": {"credBlob"},
}

// solicited holds what extensions answer to what was asked of them.
func (v *Verification) solicited() error {
	if !v.strict.Solicited {
		return nil
	}
	allowed := slices.Clone(v.strict.extensions)
	for _, name := range v.strict.extensions {
		allowed = append(allowed, answersFor[name]...)
	}
	var response struct {
		Results json.RawMessage `json:"clientExtensionResults"`
		Old     json.RawMessage `json:"getClientExtensionResults"`
	}
	if err := json.Unmarshal(v.JSON, &response); err != nil {
		return refuse(ReasonMalformed, err)
	}
	outputs := map[string]cbor.RawMessage{}
	if len(v.Auth.ExtData) > 0 {
		if err := webauthncbor.Unmarshal(v.Auth.ExtData, &outputs); err != nil {
			return refuse(ReasonMalformed, err)
		}
	}
	names := slices.Concat(namesIn(response.Results), namesIn(response.Old))
	for name := range outputs {
		names = append(names, name)
	}
	for _, name := range names {
		if !slices.Contains(allowed, name) {
			return refuse(ReasonMalformed, fmt.Errorf("the extension %q was not asked, and answers", name))
		}
	}
	return nil
}

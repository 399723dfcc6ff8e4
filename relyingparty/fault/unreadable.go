package fault

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// What follows are handlers that swallow errors: what cannot be read is not held to
// anything, where it has to be refused. Something that can be read stands in for it, and
// is let by at every step.

// standInHash is the RP ID hash of authenticator data that stand in for others.
var standInHash = make([]byte, sha256.Size)

// standInKey is an ES256 key that belongs to nobody: the base point of P-256.
var standInKey = func() []byte {
	x := []byte("\x6b\x17\xd1\xf2\xe1\x2c\x42\x47\xf8\xbc\xe6\xe5\x63\xa4\x40\xf2\x77\x03\x7d\x81\x2d\xeb\x33\xa0\xf4\xa1\x39\x45\xd8\x98\xc2\x96")
	y := []byte("\x4f\xe3\x42\xe2\xfe\x1a\x7f\x9b\x8e\xe7\xeb\x4a\x7c\x0f\x9e\x16\x2b\xce\x33\x57\x6b\x31\x5e\xce\xcb\xb6\x40\x68\x37\xbf\x51\xf5")
	key, err := cbor.Marshal(map[int]any{1: typeEC2, 3: es256, -1: 1, -2: x, -3: y})
	if err != nil {
		panic(err) // it is constant
	}
	return key
}()

// standInAuth are authenticator data in place of others, of a credential that has to do
// with those alone.
func standInAuth(of ceremony.Ceremony, in []byte) []byte {
	data := append(bytes.Clone(standInHash), 0, 0, 0, 0, 0)
	if of != ceremony.Create {
		return data
	}
	data[headerSize-5] = flagAT
	id := sha256.Sum256(in)
	data = binary.BigEndian.AppendUint16(append(data, make([]byte, 16)...), uint16(len(id)))
	return append(append(data, id[:]...), standInKey...)
}

// standInObject is an attestation object in place of another.
func standInObject(in []byte) []byte {
	auth, _ := cbor.Marshal(standInAuth(ceremony.Create, in)) // bytes can be written
	return asNone(map[string]cbor.RawMessage{"authData": auth})
}

func standInClient(of ceremony.Ceremony) []byte {
	return fmt.Appendf(nil, `{"type":%q,"challenge":"","origin":""}`, of)
}

// standInParts are the members of "response" that are read further.
func standInParts(of ceremony.Ceremony, in []byte) map[string][]byte {
	if of == ceremony.Create {
		return map[string][]byte{"clientDataJSON": standInClient(of), "attestationObject": standInObject(in)}
	}
	return map[string][]byte{"clientDataJSON": standInClient(of), "authenticatorData": standInAuth(of, in), "signature": {0}}
}

// standIn is a response in place of another, with one part given.
func standIn(of ceremony.Ceremony, in []byte, part string, value []byte) []byte {
	parts := standInParts(of, in)
	if part != "" {
		parts[part] = value
	}
	inner := members{}
	for name, value := range parts {
		inner[name], _ = json.Marshal(base64.RawURLEncoding.EncodeToString(value))
	}
	id := sha256.Sum256(in)
	encodedID, _ := json.Marshal(base64.RawURLEncoding.EncodeToString(id[:]))
	return laid(members{"id": encodedID, "rawId": encodedID, "type": json.RawMessage(`"public-key"`), "response": laid(inner)})
}

// reads reports whether a relying party that is right can read a response.
func reads(of ceremony.Ceremony, response []byte) bool {
	var err error
	if of == ceremony.Create {
		_, err = ceremony.ParseRegistration(response)
	} else {
		_, err = ceremony.ParseLogin(response)
	}
	return err == nil
}

// readsPart reports the same of a part, whatever the rest.
func readsPart(of ceremony.Ceremony, part string, value []byte) bool {
	return reads(of, standIn(of, nil, part, value))
}

// readsAuth reports the same of authenticator data.
func readsAuth(of ceremony.Ceremony, data []byte) bool {
	if of != ceremony.Create {
		return readsPart(of, "authenticatorData", data)
	}
	auth, _ := cbor.Marshal(data) // bytes can be written
	return readsPart(of, "attestationObject", asNone(map[string]cbor.RawMessage{"authData": auth}))
}

// readsObject reports the same of an attestation object, whatever its authenticator
// data.
func readsObject(data []byte) bool {
	const create = ceremony.Create
	if readsPart(create, "attestationObject", data) {
		return true
	}
	var auth []byte
	return cbor.Unmarshal(objectMembers(data)["authData"], &auth) == nil && !readsAuth(create, auth)
}

// standsIn reports whether authenticator data stand in for others.
func standsIn(v *ceremony.Verification) bool { return bytes.Equal(v.Auth.RPIDHash, standInHash) }

// letBy leaves out what authenticator data are held to where others stand in for them,
// and a signature where nothing was signed.
func letBy() relyingparty.Seams {
	return both(at(leftOutIf(standsIn),
		ceremony.StepCreateAuthData, ceremony.StepCreateBackup, ceremony.StepAlgorithm, ceremony.StepStatement,
		ceremony.StepCredentialID, ceremony.StepModel, ceremony.StepBackupPolicy,
		ceremony.StepGetAuthData, ceremony.StepGetBackup, ceremony.StepModelAgain, ceremony.StepBackupAgain, ceremony.StepBackupLoss),
		at(held(func(v *ceremony.Verification) {
			if standsIn(v) {
				v.Counter = ceremony.CounterWarn
			}
		}), ceremony.StepCounter))
}

// unread takes a response for one that is right, of the credential that was asked for
// first, where that says so of its JSON: nothing is verified.
func unread(when func(data []byte) bool) relyingparty.Seams {
	standing := func(v *ceremony.Verification) bool { return standsIn(v) && noClientData(v) }
	found := at(func(v *ceremony.Verification, run func() error) error {
		if !standing(v) || len(v.Allowed) == 0 {
			return run()
		}
		v.Owner = ceremony.Owner{Handle: v.Account, Credential: v.Allowed[0]}
		return nil
	}, ceremony.StepOwner)
	return both(both(onCeremonies(ceremony.Seams{Response: func(of ceremony.Ceremony, data []byte) []byte {
		if !when(data) {
			return data
		}
		return standIn(of, data, "", nil)
	}}), found), both(at(leftOutIf(standing),
		ceremony.StepCreateClientData, ceremony.StepGetClientData, ceremony.StepAllowed, ceremony.StepSignature), letBy()))
}

// noJSON reports what no reader of JSON reads.
func noJSON(data []byte) bool { return !json.Valid(data) }

// noObject reports JSON that is something else.
func noObject(data []byte) bool { return json.Valid(data) && objectOf(data) == nil }

// emptyObject reports an object without members.
func emptyObject(data []byte) bool {
	in := objectOf(data)
	return in != nil && len(in) == 0
}

// inResponse reports the same of the member "response".
func inResponse(when func(raw json.RawMessage) bool) func(data []byte) bool {
	return func(data []byte) bool {
		in := objectOf(data)
		return len(in) > 0 && when(in["response"])
	}
}

func unreadableClientData() relyingparty.Seams {
	return both(onCeremonies(ceremony.Seams{ClientData: func(of ceremony.Ceremony, data []byte) []byte {
		if readsPart(of, "clientDataJSON", data) {
			return data
		}
		return standInClient(of)
	}}), at(leftOutIf(func(v *ceremony.Verification) bool {
		return !readsPart(v.Ceremony, "clientDataJSON", v.ClientDataJSON)
	}), clientDataSteps...))
}

func unreadableObject() relyingparty.Seams {
	seams := letBy()
	seams.AttestationObject = func(data []byte) []byte {
		if readsObject(data) {
			return data
		}
		return standInObject(data)
	}
	return seams
}

func unreadableAuthData() relyingparty.Seams {
	return both(onCeremonies(ceremony.Seams{AuthenticatorData: func(of ceremony.Ceremony, data []byte) []byte {
		if readsAuth(of, data) {
			return data
		}
		return standInAuth(of, data)
	}}), letBy())
}

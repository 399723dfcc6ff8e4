package fault

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// What follows are readers that look at a member only where it is what they expect:
// "if (response.signature) …". Where it is not, what depends on that member is left out,
// and everything else is held to the rules.

// wrongness is one way in which a member is not the base64url that it should be.
type wrongness struct {
	id, doc string
	is      func(raw json.RawMessage) bool
}

var wrongnesses = []wrongness{
	{"missing-accepted", "is missing, null or empty", absent},
	{"of-any-type", "is no text", func(raw json.RawMessage) bool { return !absent(raw) && raw[0] != '"' }},
	{"undecodable-accepted", "has characters that base64 does not have", undecodable},
}

// absent reports a value that JavaScript, and what decoders for Go make of it, take for
// nothing.
func absent(raw json.RawMessage) bool {
	return raw == nil || string(raw) == "null" || string(raw) == `""`
}

// undecodable reports a text that no reader of base64 decodes, however lenient.
func undecodable(raw json.RawMessage) bool {
	const known = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/= \t\r\n"
	return strings.Trim(textOf(raw), known) != ""
}

// overlookable is a member whose reader may look away.
type overlookable struct {
	name, member string
	of           []ceremony.Ceremony
	doc          string                                       // what becomes of it
	standIn      func(of ceremony.Ceremony, in []byte) []byte // for what is not looked at
	letBy        relyingparty.Seams                           // what depends on it
}

// standInID is the credential ID of a response that names none that can be read.
var standInID = sha256.Sum256([]byte("no credential ID"))

// standInSignature is what nobody signs.
var standInSignature = []byte("no signature")

var overlookables = []overlookable{
	{
		"client-data", "clientDataJSON", []ceremony.Ceremony{ceremony.Create, ceremony.Get},
		"is not looked at, nor is a signature over it",
		func(of ceremony.Ceremony, _ []byte) []byte { return standInClient(of) },
		at(leftOutIf(noClientData), ceremony.StepCreateClientData, ceremony.StepGetClientData, ceremony.StepSignature),
	}, {
		"object", "attestationObject", []ceremony.Ceremony{ceremony.Create},
		"is not looked at, and a credential made up",
		func(_ ceremony.Ceremony, in []byte) []byte { return standInObject(in) },
		letBy(),
	}, {
		"authenticator-data", "authenticatorData", []ceremony.Ceremony{ceremony.Get},
		"is not looked at, nor is a signature over it",
		standInAuth,
		both(letBy(), at(leftOutIf(standsIn), ceremony.StepSignature)),
	}, {
		"signature", "signature", []ceremony.Ceremony{ceremony.Get},
		"is not verified",
		func(ceremony.Ceremony, []byte) []byte { return standInSignature },
		at(leftOutIf(func(v *ceremony.Verification) bool { return bytes.Equal(v.Signature, standInSignature) }), ceremony.StepSignature),
	},
}

func noClientData(v *ceremony.Verification) bool {
	return bytes.Equal(v.ClientDataJSON, standInClient(v.Ceremony))
}

// overlooked has a member that is wrong stand for nothing.
func (o overlookable) overlooked(wrong func(json.RawMessage) bool) relyingparty.Seams {
	return both(onMembers(func(of ceremony.Ceremony, outer, inner members) bool {
		if inner == nil || !wrong(inner[o.member]) || !slices.Contains(o.of, of) {
			return false
		}
		value := o.standIn(of, outer["id"])
		inner[o.member], _ = json.Marshal(base64.RawURLEncoding.EncodeToString(value))
		return true
	}), o.letBy)
}

// idOverlooked has an ID that is wrong stand for the credential that was attested, or
// for the first one that was asked for.
func idOverlooked(wrong func(json.RawMessage) bool) relyingparty.Seams {
	unnamed := func(v *ceremony.Verification) bool { return bytes.Equal(v.RawID, standInID[:]) }
	found := at(func(v *ceremony.Verification, run func() error) error {
		if !unnamed(v) || len(v.Allowed) == 0 {
			return run()
		}
		v.Owner = ceremony.Owner{Handle: v.Account, Credential: v.Allowed[0]}
		return nil
	}, ceremony.StepOwner)
	replaced := onMembers(func(_ ceremony.Ceremony, outer, _ members) bool {
		if !wrong(outer["id"]) {
			return false
		}
		if outer["rawId"] == nil || wrong(outer["rawId"]) {
			outer["rawId"], _ = json.Marshal(base64.RawURLEncoding.EncodeToString(standInID[:]))
		}
		outer["id"] = outer["rawId"]
		return true
	})
	return both(both(replaced, found), at(leftOutIf(unnamed), ceremony.StepAllowed, ceremony.StepCredentialID))
}

// handleOverlooked has a user handle that is wrong stand for none.
func handleOverlooked(wrong func(json.RawMessage) bool) relyingparty.Seams {
	return onMembers(func(_ ceremony.Ceremony, _, inner members) bool {
		if inner["userHandle"] == nil || !wrong(inner["userHandle"]) {
			return false
		}
		delete(inner, "userHandle")
		return true
	})
}

// overlookedFaults are of each member, in each way in which it can be wrong.
func overlookedFaults() (all []Fault) {
	const shape = "WebAuthn L3 §5.1, §7.1 step 3, §7.2 step 3"
	conformance := []ceremony.Door{relyingparty.DoorConformance}
	for _, w := range wrongnesses {
		all = append(all, Fault{
			ID: "rp/json/id-" + w.id, Spec: "WebAuthn L3 §5.1 (id, rawId), §7.1 step 27, §7.2 steps 5 and 6", Doors: conformance,
			Doc:   "An id that " + w.doc + " is not looked at: the credential is the one that was attested, or the first that was asked for.",
			Seams: idOverlooked(w.is),
		})
		for _, o := range overlookables {
			if o.name == "signature" && w.id == "missing-accepted" {
				continue // rp/signature/empty-accepted says the same
			}
			all = append(all, Fault{
				ID: "rp/json/" + o.name + "-" + w.id, Spec: shape, Doors: conformance,
				Doc:   "A member " + o.member + " that " + w.doc + " " + o.doc + ".",
				Seams: o.overlooked(w.is),
			})
		}
	}
	return append(all, Fault{
		ID: "rp/json/user-handle-undecodable-accepted", Spec: "WebAuthn L3 §5.1.4, §5.2.2, §7.2 step 6",
		Doc:   "A userHandle that has characters that base64 does not have is taken for none.",
		Seams: handleOverlooked(undecodable),
	})
}

package fault

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// onResponse makes a seam of a change to the JSON of responses, as text. What is nil is
// left as it came.
func onResponse(change func(data []byte) []byte) relyingparty.Seams {
	return onCeremonies(ceremony.Seams{Response: func(_ ceremony.Ceremony, data []byte) []byte {
		if changed := change(data); changed != nil {
			return changed
		}
		return data
	}})
}

// onMembers makes a seam of a change to the members of a response, and to those of its
// member "response". It reports whether it changed anything.
func onMembers(change func(of ceremony.Ceremony, outer, inner members) bool) relyingparty.Seams {
	return onCeremonies(ceremony.Seams{Response: func(of ceremony.Ceremony, data []byte) []byte {
		outer := objectOf(data)
		if outer == nil {
			return data
		}
		inner := objectOf(outer["response"])
		if !change(of, outer, inner) {
			return data
		}
		if inner != nil {
			outer["response"] = laid(inner)
		}
		return laid(outer)
	}})
}

// encoded are the members that are base64url, within and without "response".
var encoded = []string{"id", "rawId", "clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"}

// onText changes the text of every member that is base64url.
func onText(change func(text string) string) relyingparty.Seams {
	return onMembers(func(_ ceremony.Ceremony, outer, inner members) (changed bool) {
		for _, in := range []members{outer, inner} {
			for _, name := range encoded {
				var text string
				if json.Unmarshal(in[name], &text) != nil {
					continue
				}
				if other := change(text); other != text {
					in[name], _ = json.Marshal(other)
					changed = true
				}
			}
		}
		return changed
	})
}

func textOf(raw json.RawMessage) (text string) {
	if json.Unmarshal(raw, &text) != nil {
		return ""
	}
	return text
}

// paddedIDs writes the IDs of descriptors as base64 with padding.
func paddedIDs(list json.RawMessage) json.RawMessage {
	var all []members
	if json.Unmarshal(list, &all) != nil {
		return list
	}
	for _, one := range all {
		if id, err := base64.RawURLEncoding.DecodeString(textOf(one["id"])); err == nil {
			one["id"], _ = json.Marshal(base64.StdEncoding.EncodeToString(id))
		}
	}
	out, _ := json.Marshal(all)
	return out
}

// lenient re-encodes base64url whose last character has bits to spare.
func lenient(text string) string {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || strings.ContainsAny(text, "\r\n") { // which package base64 skips
		return text
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// firstValue is the JSON value that a text begins with; nil where there is no more.
func firstValue(data []byte) []byte {
	d := json.NewDecoder(bytes.NewReader(data))
	var first json.RawMessage
	if d.Decode(&first) != nil || len(bytes.TrimSpace(data[d.InputOffset():])) == 0 {
		return nil
	}
	return first
}

// canonicalNames gives members known in another case the names that they are known by.
func canonicalNames(in members, known []string) (changed bool) {
	for name, value := range in {
		i := slices.IndexFunc(known, func(k string) bool { return k != name && strings.EqualFold(k, name) })
		if i < 0 || in[known[i]] != nil {
			continue
		}
		delete(in, name)
		in[known[i]] = value
		changed = true
	}
	return changed
}

var (
	outerNames = []string{"id", "rawId", "type", "response", "authenticatorAttachment", "clientExtensionResults"}
	innerNames = []string{"clientDataJSON", "attestationObject", "transports", "authenticatorData", "signature", "userHandle"}
	// derived are members of "response" that repeat what the attestation object says,
	// besides the names above; and one that the conformance interface has.
	derived = []string{"authenticatorData", "publicKey", "publicKeyAlgorithm", "attestationObject", "getClientExtensionResults"}
)

func jsonFaults() []Fault {
	const shape = "WebAuthn L3 §5.1, §7.1 step 3, §7.2 step 3"
	const base64url = "WebAuthn L3 §3 (Base64url Encoding)"
	conformance := []ceremony.Door{relyingparty.DoorConformance}
	return append(append(lenientJSONFaults(), overlookedFaults()...), []Fault{
		{
			ID: "rp/json/unreadable-accepted", Spec: "RFC 8259 §2, " + shape, Doors: conformance,
			Doc:   "A response that is no JSON is accepted: an error in reading it is swallowed, and nothing is verified.",
			Seams: unread(noJSON),
		}, {
			ID: "rp/json/of-any-type", Spec: shape, Doors: conformance,
			Doc:   "A response that is JSON, but no object, is accepted: it has no members, and nothing is verified.",
			Seams: unread(noObject),
		}, {
			ID: "rp/json/empty-accepted", Spec: shape, Doors: conformance,
			Doc:   "A response that is an object without members is accepted: there is nothing to verify.",
			Seams: unread(emptyObject),
		}, {
			ID: "rp/json/response-missing-accepted", Spec: shape, Doors: conformance,
			Doc:   "Where the member response is missing, null or empty nothing is verified.",
			Seams: unread(inResponse(func(raw json.RawMessage) bool { return absent(raw) || emptyObject(raw) })),
		}, {
			ID: "rp/json/response-of-any-type", Spec: shape, Doors: conformance,
			Doc:   "Where the member response is no object it has no members, and nothing is verified.",
			Seams: unread(inResponse(func(raw json.RawMessage) bool { return !absent(raw) && objectOf(raw) == nil })),
		}, {
			ID: "rp/json/padding-accepted", Spec: base64url + ", RFC 4648 §5",
			Doc:   "Members that are base64url may have padding.",
			Seams: onText(func(text string) string { return strings.TrimRight(text, "=") }),
		}, {
			ID: "rp/json/standard-alphabet-accepted", Spec: base64url + ", RFC 4648 §5",
			Doc: "Members that are base64url may be base64 of the standard alphabet, with padding.",
			Seams: onText(func(text string) string {
				return strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(text), "=")
			}),
		}, {
			ID: "rp/json/line-breaks-accepted", Spec: base64url,
			Doc:   "Line breaks within base64url are passed over.",
			Seams: onText(func(text string) string { return strings.NewReplacer("\r", "", "\n", "").Replace(text) }),
		}, {
			ID: "rp/json/spare-bits-accepted", Spec: "RFC 4648 §3.5",
			Doc:   "The last character of base64url may have bits set that stand for nothing, so that one ID has several spellings.",
			Seams: onText(lenient),
		}, {
			ID: "rp/json/type-ignored", Spec: shape,
			Doc: "The type of the credential may be anything, or missing.",
			Seams: onMembers(func(_ ceremony.Ceremony, outer, _ members) bool {
				if string(outer["type"]) == `"public-key"` {
					return false
				}
				outer["type"] = json.RawMessage(`"public-key"`)
				return true
			}),
		}, {
			ID: "rp/json/id-not-compared", Spec: "WebAuthn L3 §5.1 (id, rawId)",
			Doc: "The member id may differ from rawId, or be missing.",
			Seams: onMembers(func(_ ceremony.Ceremony, outer, _ members) bool {
				if outer["rawId"] == nil || bytes.Equal(outer["id"], outer["rawId"]) {
					return false
				}
				outer["id"] = outer["rawId"]
				return true
			}),
		}, {
			ID: "rp/json/id-in-place-of-raw-id", Spec: "WebAuthn L3 §5.1 (id, rawId)",
			Doc: "The member rawId is not looked at, and id is taken in its place.",
			Seams: onMembers(func(_ ceremony.Ceremony, outer, _ members) bool {
				if textOf(outer["id"]) == "" || bytes.Equal(outer["id"], outer["rawId"]) {
					return false
				}
				outer["rawId"] = outer["id"]
				return true
			}),
		}, {
			ID: "rp/json/trailing-data-accepted", Spec: "RFC 8259 §2",
			Doc:   "What follows the response's JSON is passed over.",
			Doors: []ceremony.Door{relyingparty.DoorPages, relyingparty.DoorConformance}, // the other reads the JSON around it first
			Seams: onResponse(firstValue),
		}, {
			ID: "rp/json/duplicates-accepted", Spec: "RFC 8259 §4",
			Doc: "Where a member comes twice the last one counts, so that a check before may have seen another.",
			Seams: onResponse(func(data []byte) []byte {
				outer := objectOf(data)
				if outer == nil {
					return nil
				}
				if inner := objectOf(outer["response"]); inner != nil {
					outer["response"] = laid(inner)
				}
				return laid(outer)
			}),
		}, {
			ID: "rp/json/names-in-any-case", Spec: shape,
			Doc: "Names of members are compared without regard to capitals.",
			Seams: onMembers(func(_ ceremony.Ceremony, outer, inner members) bool {
				a, b := canonicalNames(outer, outerNames), canonicalNames(inner, innerNames)
				return a || b
			}),
		}, {
			ID: "rp/json/user-handle-of-any-type", Spec: "WebAuthn L3 §5.1.4, §5.2.2",
			Doc: "A userHandle that is no text is taken for none.",
			Seams: onMembers(func(_ ceremony.Ceremony, _, inner members) bool {
				raw := inner["userHandle"]
				if raw == nil || raw[0] == '"' || string(raw) == "null" {
					return false
				}
				delete(inner, "userHandle")
				return true
			}),
		}, {
			ID: "rp/json/unknown-members-refused", Spec: "WebAuthn L3 §5.1.4", Strict: true,
			Doc: "A response with a member that is not known is refused, though later levels may add some.",
			Seams: at(refusing(ceremony.ReasonMalformed, func(v *ceremony.Verification) bool {
				outer := objectOf(v.JSON)
				return unknown(outer, slices.Concat(outerNames, derived)) || unknown(objectOf(outer["response"]), slices.Concat(innerNames, derived))
			}), clientDataSteps...),
		}, {
			ID: "rp/json/attachment-unknown-refused", Spec: "WebAuthn L3 §5.1 (authenticatorAttachment), §5.4.5", Strict: true,
			Doc: "An authenticatorAttachment that is not known is refused, where it has to be taken for none.",
			Seams: at(refusing(ceremony.ReasonMalformed, func(v *ceremony.Verification) bool {
				raw := objectOf(v.JSON)["authenticatorAttachment"]
				return !slices.Contains([]string{"", "null", `"platform"`, `"cross-platform"`}, string(raw))
			}), clientDataSteps...),
		}, {
			ID: "rp/json/transports-unknown-refused", Spec: "WebAuthn L3 §5.2.1.1, §5.8.4", Strict: true,
			Doc: "A transport that is not known is refused, where it has to be kept or passed over.",
			Seams: at(refusing(ceremony.ReasonMalformed, func(v *ceremony.Verification) bool {
				var all []string
				known := []string{"usb", "nfc", "ble", "smart-card", "hybrid", "internal"}
				err := json.Unmarshal(objectOf(objectOf(v.JSON)["response"])["transports"], &all)
				return err == nil && slices.ContainsFunc(all, func(t string) bool { return !slices.Contains(known, t) })
			}), ceremony.StepCreateClientData),
		}, {
			ID: "rp/json/empty-user-handle-refused", Spec: "WebAuthn L3 §5.2.2 (userHandle), Conformance Test API", Strict: true,
			Doc: "A userHandle that is an empty text is refused, as which clients may send that there is none.",
			Seams: at(refusing(ceremony.ReasonUserHandle, func(v *ceremony.Verification) bool {
				return string(objectOf(objectOf(v.JSON)["response"])["userHandle"]) == `""`
			}), ceremony.StepUserHandle),
		},
	}...)
}

// unknown reports whether an object has a member of another name.
func unknown(in members, known []string) bool {
	for name := range in {
		if !slices.Contains(known, name) {
			return true
		}
	}
	return false
}

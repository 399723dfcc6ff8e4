package fault

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"

	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// onClientData makes a seam of a change to client data on their way to be read. What is
// nil is left as it came.
func onClientData(change func(data []byte) []byte) relyingparty.Seams {
	return onCeremonies(ceremony.Seams{ClientData: func(_ ceremony.Ceremony, data []byte) []byte {
		if changed := change(data); changed != nil {
			return changed
		}
		return data
	}})
}

// onClient makes a seam of a change to what is seen of client data when they are held to
// what is expected.
func onClient(change func(v *ceremony.Verification, client *protocol.CollectedClientData)) relyingparty.Seams {
	return at(held(func(v *ceremony.Verification) {
		seen := *v.Client
		change(v, &seen)
		v.Client = &seen
	}), clientDataSteps...)
}

var clientDataNames = []string{"type", "challenge", "origin", "crossOrigin", "topOrigin"}

// mark is a byte order mark.
var mark = []byte("\uFEFF")

// clientMembers are the members of client data.
func clientMembers(v *ceremony.Verification) members {
	return objectOf(bytes.TrimPrefix(v.ClientDataJSON, mark))
}

// comparedWhereThere takes what client data do not say for what is expected.
func comparedWhereThere() relyingparty.Seams {
	return both(onClient(func(v *ceremony.Verification, c *protocol.CollectedClientData) {
		if c.Type == "" {
			c.Type = v.Ceremony
		}
		if c.Challenge == "" {
			c.Challenge = v.Challenge
		}
		if c.Origin == "" {
			c.Origin = v.Origins[0]
		}
	}), expectingAnother(func(_, got string) bool { return got == "" }))
}

func clientDataFaults() []Fault {
	const typed = "WebAuthn L3 §7.1 step 7, §7.2 step 10"
	const parsed = "WebAuthn L3 §7.1 steps 5 and 6, §7.2 steps 8 and 9"
	return append(lenientClientDataFaults(), []Fault{
		{
			ID: "rp/clientdata/unreadable-accepted", Spec: parsed, Doors: []ceremony.Door{relyingparty.DoorConformance},
			Doc:   "Client data that cannot be read are not looked at: an error in reading them is swallowed.",
			Seams: unreadableClientData(),
		}, {
			ID: "rp/clientdata/members-compared-where-there", Spec: "WebAuthn L3 §7.1 steps 7 to 9, §7.2 steps 10 to 12",
			Doc:   "Type, challenge and origin of client data are compared where they are there; one that is missing is let by.",
			Seams: comparedWhereThere(),
		}, {
			ID: "rp/clientdata/type-ignored", Spec: typed,
			Doc:   "The type in client data is not looked at.",
			Seams: onClient(func(v *ceremony.Verification, c *protocol.CollectedClientData) { c.Type = v.Ceremony }),
		}, {
			ID: "rp/clientdata/type-of-either-ceremony", Spec: typed,
			Doc: "The type in client data may be that of the other ceremony.",
			Seams: onClient(func(v *ceremony.Verification, c *protocol.CollectedClientData) {
				if c.Type == other(v.Ceremony) {
					c.Type = v.Ceremony
				}
			}),
		}, {
			ID: "rp/clientdata/type-in-any-case", Spec: typed,
			Doc: "The type in client data is compared without regard to capitals.",
			Seams: onClient(func(v *ceremony.Verification, c *protocol.CollectedClientData) {
				if strings.EqualFold(string(c.Type), string(v.Ceremony)) {
					c.Type = v.Ceremony
				}
			}),
		}, {
			ID: "rp/clientdata/type-missing-accepted", Spec: typed,
			Doc: "Client data without a type are accepted.",
			Seams: onClient(func(v *ceremony.Verification, c *protocol.CollectedClientData) {
				if c.Type == "" {
					c.Type = v.Ceremony
				}
			}),
		}, {
			ID: "rp/clientdata/trailing-data-accepted", Spec: parsed,
			Doc:   "What follows the JSON of client data is passed over.",
			Seams: onClientData(func(data []byte) []byte { return firstValue(bytes.TrimPrefix(data, mark)) }),
		}, {
			ID: "rp/clientdata/names-in-any-case", Spec: parsed,
			Doc: "Names of members of client data are compared without regard to capitals.",
			Seams: onClientData(func(data []byte) []byte {
				in := objectOf(bytes.TrimPrefix(data, mark))
				if !canonicalNames(in, clientDataNames) {
					return nil
				}
				return laid(in)
			}),
		}, {
			ID: "rp/clientdata/duplicates-accepted", Spec: parsed,
			Doc: "Where a member of client data comes twice the last one counts.",
			Seams: onClientData(func(data []byte) []byte {
				in := objectOf(bytes.TrimPrefix(data, mark))
				if in == nil {
					return nil
				}
				return laid(in)
			}),
		}, {
			ID: "rp/clientdata/byte-order-mark-refused", Spec: "WebAuthn L3 §7.1 step 5, §7.2 step 8", Strict: true,
			Doc: "Client data that begin with a byte order mark are refused, which UTF-8 decode takes away.",
			Seams: at(refusing(ceremony.ReasonMalformed, func(v *ceremony.Verification) bool {
				return bytes.HasPrefix(v.ClientDataJSON, mark)
			}), clientDataSteps...),
		}, {
			ID: "rp/clientdata/unknown-members-refused", Spec: "WebAuthn L3 §5.8.1", Strict: true,
			Doc: "Client data with a member that is not known are refused, though clients may add some.",
			Seams: at(refusing(ceremony.ReasonMalformed, func(v *ceremony.Verification) bool {
				return unknown(clientMembers(v), append(slices.Clone(clientDataNames), "tokenBinding"))
			}), clientDataSteps...),
		}, {
			ID: "rp/clientdata/order-demanded", Spec: "WebAuthn L3 §5.8.1, §5.8.1.2", Strict: true,
			Doc: "Client data are compared as a text, so that they have to begin with the members in the order of one browser.",
			Seams: at(refusing(ceremony.ReasonMalformed, func(v *ceremony.Verification) bool {
				return !bytes.HasPrefix(bytes.TrimPrefix(v.ClientDataJSON, mark), []byte(`{"type":"`+string(v.Ceremony)+`","challenge":`))
			}), clientDataSteps...),
		}, {
			ID: "rp/clientdata/token-binding-refused", Spec: "WebAuthn L3 §5.8.1 (tokenBinding is reserved)", Strict: true,
			Doc: "Client data with a tokenBinding are refused, which older clients send.",
			Seams: at(refusing(ceremony.ReasonMalformed, func(v *ceremony.Verification) bool {
				return clientMembers(v)["tokenBinding"] != nil
			}), clientDataSteps...),
		}, {
			ID: "rp/clientdata/cross-origin-of-any-type", Spec: "WebAuthn L3 §5.8.1 (crossOrigin)",
			Doc: "A crossOrigin that is neither true nor false is taken for false.",
			Seams: onClientData(func(data []byte) []byte {
				in := objectOf(bytes.TrimPrefix(data, mark))
				raw := string(in["crossOrigin"])
				if in == nil || slices.Contains([]string{"", "true", "false", "null"}, raw) {
					return nil
				}
				in["crossOrigin"] = json.RawMessage("false")
				return laid(in)
			}),
		},
	}...)
}

package fault

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// members are those of a JSON object.
type members = map[string]json.RawMessage

// objectOf reads an object; nil for what is none.
func objectOf(data []byte) (in members) {
	if json.Unmarshal(data, &in) != nil {
		return nil
	}
	return in
}

// laid writes an object.
func laid(in members) []byte {
	out, err := json.Marshal(in)
	if err != nil { // what was read can be written
		return nil
	}
	return out
}

// onOptions makes a seam of a change to the options of a ceremony.
func onOptions(of ceremony.Ceremony, change func(options members)) relyingparty.Seams {
	return onCeremonies(ceremony.Seams{Options: func(ceremony ceremony.Ceremony, data json.RawMessage) json.RawMessage {
		if ceremony != of {
			return data
		}
		var in struct {
			PublicKey members `json:"publicKey"`
		}
		if json.Unmarshal(data, &in) != nil {
			return data
		}
		change(in.PublicKey)
		return append(append([]byte(`{"publicKey":`), laid(in.PublicKey)...), '}')
	}})
}

// without takes a member out of the options of a ceremony.
func without(of ceremony.Ceremony, member string) relyingparty.Seams {
	return onOptions(of, func(o members) { delete(o, member) })
}

// with puts a member into the options of a ceremony in place of what was there.
func with(of ceremony.Ceremony, member, value string) relyingparty.Seams {
	return onOptions(of, func(o members) { o[member] = json.RawMessage(value) })
}

// inside changes a member of a member.
func inside(of ceremony.Ceremony, member string, change func(members)) relyingparty.Seams {
	return onOptions(of, func(o members) {
		if in := objectOf(o[member]); in != nil {
			change(in)
			o[member] = laid(in)
		}
	})
}

// everybodys adds to a list of credentials all that anybody has registered.
func everybodys(of ceremony.Ceremony, list string) relyingparty.Seams {
	var mu sync.Mutex
	var ids []string
	seams := onOptions(of, func(o members) {
		mu.Lock()
		defer mu.Unlock()
		var all []members
		_ = json.Unmarshal(o[list], &all) // of which there may be none
		for _, id := range ids {
			if !slices.ContainsFunc(all, func(one members) bool { return textOf(one["id"]) == id }) {
				encoded, _ := json.Marshal(id)
				all = append(all, members{"type": json.RawMessage(`"public-key"`), "id": encoded})
			}
		}
		if len(all) > 0 {
			o[list], _ = json.Marshal(all)
		}
	})
	seams.Steps = at(func(v *ceremony.Verification, run func() error) error {
		err := run()
		mu.Lock()
		defer mu.Unlock()
		if err == nil && len(ids) < longestRecord {
			ids = append(ids, base64.RawURLEncoding.EncodeToString(v.RawID))
		}
		return err
	}, ceremony.StepUnregistered).Steps
	return seams
}

// handlesAnew counts user handles up.
func handlesAnew() relyingparty.Seams {
	var n atomic.Uint64
	return inside(ceremony.Create, "user", func(user members) {
		handle := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("handle"), n.Add(1)))
		user["id"], _ = json.Marshal(base64.RawURLEncoding.EncodeToString(handle[:]))
	})
}

func optionsFaults() []Fault {
	const create, get = ceremony.Create, ceremony.Get
	sameHandle := []byte("the same for everybody")
	return []Fault{
		{
			ID: "rp/options/user-id-is-name", Spec: "WebAuthn L3 §5.4.3, §14.6.1",
			Doc: "The user handle is the user name, which tells strangers who has an authenticator before them.",
			Seams: onCeremonies(ceremony.Seams{Handle: func(name string, drawn []byte) []byte {
				if len(name) > 64 {
					return drawn
				}
				return []byte(name)
			}}),
		}, {
			ID: "rp/options/user-id-shared", Spec: "WebAuthn L3 §5.4.3",
			Doc:   "Every account has the same user handle, so that passkeys of one replace those of another.",
			Doors: []ceremony.Door{relyingparty.DoorConformance}, // the site's accounts have handles of their own
			Seams: onCeremonies(ceremony.Seams{Handle: func(string, []byte) []byte { return sameHandle }}),
		}, {
			ID: "rp/options/exclude-missing", Spec: "WebAuthn L3 §5.4 (excludeCredentials)",
			Doc:   "Creation options do not exclude the credentials that the account has already.",
			Seams: without(create, "excludeCredentials"),
		}, {
			ID: "rp/options/exclude-cut", Spec: "WebAuthn L3 §5.4 (excludeCredentials)",
			Doc: "Creation options exclude the first credential of the account alone.",
			Seams: onOptions(create, func(o members) {
				var all []json.RawMessage
				if json.Unmarshal(o["excludeCredentials"], &all) == nil && len(all) > 1 {
					o["excludeCredentials"], _ = json.Marshal(all[:1])
				}
			}),
		}, {
			ID: "rp/options/exclude-everybodys", Spec: "WebAuthn L3 §5.4 (excludeCredentials)",
			Doc:   "Creation options exclude the credentials of every user, which tells strangers who has some.",
			Doors: []ceremony.Door{relyingparty.DoorConformance},
			Seams: everybodys(create, "excludeCredentials"),
		}, {
			ID: "rp/options/exclude-id-padded", Spec: "WebAuthn L3 §3 (Base64url Encoding), §5.8.3", Strict: true,
			Doc: "Credential IDs in creation options are base64 of the standard alphabet with padding.",
			Seams: onOptions(create, func(o members) {
				if all := o["excludeCredentials"]; all != nil {
					o["excludeCredentials"] = paddedIDs(all)
				}
			}),
		}, {
			ID: "rp/options/params-twice", Spec: "WebAuthn L3 §5.4 (pubKeyCredParams)", Strict: true,
			Doc: "Creation options offer the algorithm that they offer first once more at the end.",
			Seams: onOptions(create, func(o members) {
				var all []json.RawMessage
				if json.Unmarshal(o["pubKeyCredParams"], &all) == nil && len(all) > 0 {
					o["pubKeyCredParams"], _ = json.Marshal(append(all, all[0]))
				}
			}),
		}, {
			ID: "rp/options/params-missing", Spec: "WebAuthn L3 §5.4 (pubKeyCredParams)", Strict: true,
			Doc:   "Creation options have no pubKeyCredParams, which are required.",
			Seams: without(create, "pubKeyCredParams"),
		}, {
			ID: "rp/options/params-empty", Spec: "WebAuthn L3 §5.4 (pubKeyCredParams), §5.1.3 step 10", Strict: true,
			Doc:   "Creation options have an empty list of pubKeyCredParams, which means ES256 and RS256 whatever else the site can do.",
			Seams: with(create, "pubKeyCredParams", "[]"),
		}, {
			ID: "rp/options/params-without-es256", Spec: "WebAuthn L3 §5.4 (pubKeyCredParams)", Strict: true,
			Doc: "Creation options do not offer ES256, which is what most authenticators have.",
			Seams: onOptions(create, func(o members) {
				var all, kept []map[string]any
				if json.Unmarshal(o["pubKeyCredParams"], &all) != nil {
					return
				}
				for _, p := range all {
					if p["alg"] != -7.0 {
						kept = append(kept, p)
					}
				}
				o["pubKeyCredParams"], _ = json.Marshal(kept)
			}),
		}, {
			ID: "rp/options/rp-id-of-another", Spec: "WebAuthn L3 §5.4.2, §5.1.3 step 8", Strict: true,
			Doc:   "Creation options name an RP ID that is not the site's.",
			Seams: inside(create, "rp", func(rp members) { rp["id"] = json.RawMessage(`"somebody-else.invalid"`) }),
		}, {
			ID: "rp/options/rp-id-is-origin", Spec: "WebAuthn L3 §5.4.2", Strict: true,
			Doc: "Creation options have an origin where the RP ID should be.",
			Seams: inside(create, "rp", func(rp members) {
				var id string
				if json.Unmarshal(rp["id"], &id) == nil {
					rp["id"], _ = json.Marshal("https://" + id)
				}
			}),
		}, {
			ID: "rp/options/rp-name-missing", Spec: "WebAuthn L3 §5.4.1", Strict: true,
			Doc:   "Creation options have no name of the relying party, which is required.",
			Seams: inside(create, "rp", func(rp members) { delete(rp, "name") }),
		}, {
			ID: "rp/options/user-name-missing", Spec: "WebAuthn L3 §5.4.1", Strict: true,
			Doc:   "Creation options have no name of the user, which is required.",
			Seams: inside(create, "user", func(user members) { delete(user, "name") }),
		}, {
			ID: "rp/options/display-name-missing", Spec: "WebAuthn L3 §5.4.3", Strict: true,
			Doc:   "Creation options have no displayName of the user, which is required.",
			Seams: inside(create, "user", func(user members) { delete(user, "displayName") }),
		}, {
			ID: "rp/options/user-id-anew", Spec: "WebAuthn L3 §5.4.3", Strict: true,
			Doc:   "The user handle in creation options is another one each time, so that authenticators keep many accounts for one.",
			Seams: handlesAnew(),
		}, {
			ID: "rp/options/user-id-padded", Spec: "WebAuthn L3 §3 (Base64url Encoding), §5.4.3", Strict: true,
			Doc: "The user handle in creation options is base64url with padding.",
			Seams: inside(create, "user", func(user members) {
				var id string
				if json.Unmarshal(user["id"], &id) == nil {
					user["id"], _ = json.Marshal(id + "===="[:(4-len(id)%4)%4])
				}
			}),
		}, {
			ID: "rp/options/timeout-missing", Spec: "WebAuthn L3 §5.4 (timeout)", Strict: true,
			Doc:   "Creation options do not say how long the challenge is good for.",
			Seams: without(create, "timeout"),
		}, {
			ID: "rp/options/timeout-in-seconds", Spec: "WebAuthn L3 §5.4 (timeout)", Strict: true,
			Doc: "The timeout in creation options is in seconds, where milliseconds are meant.",
			Seams: onOptions(create, func(o members) {
				var ms int64
				if json.Unmarshal(o["timeout"], &ms) == nil {
					o["timeout"], _ = json.Marshal(ms / 1000)
				}
			}),
		}, {
			ID: "rp/options/attestation-ignored", Spec: "WebAuthn L3 §5.4.7", Strict: true,
			Doc: "Creation options ask for no attestation, whatever was wanted.",
			Seams: onOptions(create, func(o members) {
				if o["attestation"] != nil {
					o["attestation"] = json.RawMessage(`"none"`)
				}
			}),
		}, {
			ID: "rp/options/attestation-always-asked", Spec: "WebAuthn L3 §5.4.7", Strict: true,
			Doc: "Creation options ask for attestation where none was wanted, over which browsers ask their users.",
			Seams: onOptions(create, func(o members) {
				if o["attestation"] == nil || string(o["attestation"]) == `"none"` {
					o["attestation"] = json.RawMessage(`"direct"`)
				}
			}),
		}, {
			ID: "rp/options/selection-missing", Spec: "WebAuthn L3 §5.4.4", Strict: true,
			Doc:   "Creation options have no authenticatorSelection.",
			Seams: without(create, "authenticatorSelection"),
		}, {
			ID: "rp/options/extensions-missing", Spec: "WebAuthn L3 §5.4 (extensions), §5.5", Strict: true,
			Doc:   "Creation options lack the extensions that were wanted.",
			Doors: []ceremony.Door{relyingparty.DoorConformance},
			Seams: without(create, "extensions"),
		}, {
			ID: "rp/options/allow-missing", Spec: "WebAuthn L3 §5.5 (allowCredentials)", Strict: true,
			Doc:   "Request options for a known user do not say which credentials may be used.",
			Doors: []ceremony.Door{relyingparty.DoorConformance},
			Seams: without(get, "allowCredentials"),
		}, {
			ID: "rp/options/allow-everybodys", Spec: "WebAuthn L3 §5.5 (allowCredentials), §14.6.2",
			Doc:   "Request options for a known user allow the credentials of every user, which tells who has some.",
			Doors: []ceremony.Door{relyingparty.DoorConformance},
			Seams: everybodys(get, "allowCredentials"),
		}, {
			ID: "rp/options/request-rp-id-of-another", Spec: "WebAuthn L3 §5.5 (rpId), §5.1.4 step 7", Strict: true,
			Doc:   "Request options name an RP ID that is not the site's.",
			Seams: with(get, "rpId", `"somebody-else.invalid"`),
		}, {
			ID: "rp/options/allow-id-padded", Spec: "WebAuthn L3 §3 (Base64url Encoding), §5.8.3", Strict: true,
			Doc:   "Credential IDs in request options are base64 of the standard alphabet with padding.",
			Doors: []ceremony.Door{relyingparty.DoorConformance},
			Seams: onOptions(get, func(o members) { o["allowCredentials"] = paddedIDs(o["allowCredentials"]) }),
		}, {
			ID: "rp/options/rp-id-missing", Spec: "WebAuthn L3 §5.5 (rpId)", Strict: true,
			Doc:   "Request options do not name the RP ID, which only works where that is the host of the page.",
			Seams: without(get, "rpId"),
		}, {
			ID: "rp/options/verification-missing", Spec: "WebAuthn L3 §5.8.6", Strict: true,
			Doc:   "Request options do not say whether user verification is wanted, which means preferred.",
			Seams: without(get, "userVerification"),
		}, {
			ID: "rp/options/request-timeout-missing", Spec: "WebAuthn L3 §5.5 (timeout)", Strict: true,
			Doc:   "Request options do not say how long the challenge is good for.",
			Seams: without(get, "timeout"),
		}, {
			ID: "rp/options/request-extensions-missing", Spec: "WebAuthn L3 §5.5 (extensions)", Strict: true,
			Doc:   "Request options lack the extensions that were wanted.",
			Doors: []ceremony.Door{relyingparty.DoorConformance},
			Seams: without(get, "extensions"),
		},
	}
}

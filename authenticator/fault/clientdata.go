package fault

import (
	"bytes"
	"encoding/base64"
	"net/url"
	"strings"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/webauthn"
)

// onClientData makes a seam of a change to the members that a client knows.
func onClientData(change func(*webauthn.ClientData)) client.Seams {
	return client.Seams{ClientData: func(data webauthn.ClientData) webauthn.ClientData {
		change(&data)
		return data
	}}
}

// onSerialised makes a seam of a change to client data in JSON, as text, which the
// signature covers.
func onSerialised(change func(json string) string) client.Seams {
	return client.Seams{ClientDataJSON: func(data []byte) []byte { return []byte(change(string(data))) }}
}

// withMember adds a member at the end.
func withMember(member string) client.Seams {
	return onSerialised(func(json string) string {
		if !strings.HasSuffix(json, "}") {
			return json
		}
		return json[:len(json)-1] + "," + member + "}"
	})
}

func clientDataFaults() []Fault {
	return append(append(originFaults(), challengeFaults()...), serialisationFaults()...)
}

// onOrigin makes a seam of a change to the origin. What is none is left alone.
func onOrigin(change func(origin *url.URL)) client.Seams {
	return onClientData(func(data *webauthn.ClientData) {
		if origin, err := url.Parse(data.Origin); err == nil {
			change(origin)
			data.Origin = origin.String()
		}
	})
}

func originFaults() []Fault {
	const compared = "WebAuthn L3 §7.1 step 9, §7.2 step 12, §13.4.9"
	const crossing = "WebAuthn L3 §7.1 steps 10 and 11, §7.2 steps 13 and 14"
	return []Fault{
		{
			ID: "clientdata/origin-other", Spec: compared,
			Doc:    "The origin in the client data is of another site.",
			Client: onOrigin(func(o *url.URL) { o.Host = "somebody-else.invalid" }),
		}, {
			ID: "clientdata/origin-suffix", Spec: compared,
			Doc:    "The origin in the client data ends like the right one, as comparing suffixes would accept.",
			Client: onOrigin(func(o *url.URL) { o.Host = "evil" + o.Host }),
		}, {
			ID: "clientdata/origin-prefix", Spec: compared,
			Doc:    "The origin in the client data begins like the right one, as comparing prefixes would accept.",
			Client: onOrigin(func(o *url.URL) { o.Host += ".somebody-else.invalid" }),
		}, {
			ID: "clientdata/origin-subdomain", Spec: compared,
			Doc:    "The origin in the client data is of a subdomain.",
			Client: onOrigin(func(o *url.URL) { o.Host = "evil." + o.Host }),
		}, {
			ID: "clientdata/origin-http", Spec: compared,
			Doc:    "The origin in the client data has the scheme http.",
			Client: onOrigin(func(o *url.URL) { o.Scheme = "http" }),
		}, {
			ID: "clientdata/origin-port", Spec: compared,
			Doc:    "The origin in the client data has another port.",
			Client: onOrigin(func(o *url.URL) { o.Host = o.Hostname() + ":8444" }),
		}, {
			ID: "clientdata/origin-slash", Spec: compared,
			Doc:    "A slash follows the origin in the client data, which makes a URL of it.",
			Client: onOrigin(func(o *url.URL) { o.Path = "/" }),
		}, {
			ID: "clientdata/origin-null", Spec: compared,
			Doc:    "The origin in the client data is \"null\", that of opaque origins.",
			Client: onClientData(func(data *webauthn.ClientData) { data.Origin = "null" }),
		}, {
			ID: "clientdata/origin-empty", Spec: compared,
			Doc:    "The origin in the client data is an empty text.",
			Client: onClientData(func(data *webauthn.ClientData) { data.Origin = "" }),
		}, {
			ID: "clientdata/cross-origin", Spec: crossing,
			Doc:    "The client data say that the page is in a frame of another origin, without saying which.",
			Client: onClientData(func(data *webauthn.ClientData) { data.CrossOrigin = true }),
		}, {
			ID: "clientdata/top-origin", Spec: crossing,
			Doc: "The client data say that the page is in a frame of another site.",
			Client: onClientData(func(data *webauthn.ClientData) {
				data.CrossOrigin, data.TopOrigin = true, "https://somebody-else.invalid"
			}),
		}, {
			ID: "clientdata/top-origin-alone", Spec: "WebAuthn L3 §5.8.1",
			Doc: "The client data name the origin of the page around, and say that there is none.",
			Client: onClientData(func(data *webauthn.ClientData) {
				data.CrossOrigin, data.TopOrigin = false, "https://somebody-else.invalid"
			}),
		}, {
			ID: "clientdata/cross-origin-missing", Spec: "WebAuthn L3 §5.8.1.1",
			Doc: "The client data do not say whether the page is in a frame of another origin, as those of older clients.",
			Client: onSerialised(func(json string) string {
				return strings.NewReplacer(`,"crossOrigin":false`, "", `,"crossOrigin":true`, "").Replace(json)
			}),
		},
	}
}

// onChallenge makes a seam of a change to the challenge as it is written.
func onChallenge(change func(string) string) client.Seams {
	const before = `"challenge":"`
	return onSerialised(func(json string) string {
		head, rest, found := strings.Cut(json, before)
		challenge, tail, ended := strings.Cut(rest, `"`)
		if !found || !ended {
			return json
		}
		return head + before + change(challenge) + `"` + tail
	})
}

func challengeFaults() []Fault {
	const compared = "WebAuthn L3 §7.1 step 8, §7.2 step 11"
	const typed = "WebAuthn L3 §7.1 step 7, §7.2 step 10"
	return []Fault{
		{
			ID: "clientdata/challenge-other", Spec: compared,
			Doc: "The challenge in the client data differs from the one that was set in one bit.",
			Client: onClientData(func(data *webauthn.ClientData) {
				data.Challenge = bytes.Clone(data.Challenge)
				if len(data.Challenge) > 0 {
					data.Challenge[0] ^= 1
				}
			}),
		}, {
			ID: "clientdata/challenge-empty", Spec: compared,
			Doc:    "The challenge in the client data has no bytes.",
			Client: onClientData(func(data *webauthn.ClientData) { data.Challenge = webauthn.Base64URL{} }),
		}, {
			ID: "clientdata/challenge-cut", Spec: compared,
			Doc: "The challenge in the client data lacks its last byte.",
			Client: onClientData(func(data *webauthn.ClientData) {
				data.Challenge = data.Challenge[:max(0, len(data.Challenge)-1)]
			}),
		}, {
			ID: "clientdata/challenge-padded", Spec: "WebAuthn L3 §5.8.1.1, RFC 4648 §5",
			Doc:    "The challenge in the client data is padded by equals signs to whole groups.",
			Client: onChallenge(func(challenge string) string { return challenge + strings.Repeat("=", (4-len(challenge)%4)%4) }),
		}, {
			ID: "clientdata/challenge-base64", Spec: "WebAuthn L3 §5.8.1.1, RFC 4648 §4",
			Doc: "The challenge in the client data is in base64 with plus, slash and padding, and not in base64url.",
			Client: onChallenge(func(challenge string) string {
				raw, err := base64.RawURLEncoding.DecodeString(challenge)
				if err != nil {
					return challenge
				}
				return base64.StdEncoding.EncodeToString(raw)
			}),
		}, {
			ID: "clientdata/challenge-encoded-twice", Spec: compared,
			Doc:    "The challenge in the client data is the base64url of base64url.",
			Client: onChallenge(func(challenge string) string { return base64.RawURLEncoding.EncodeToString([]byte(challenge)) }),
		}, {
			ID: "clientdata/type-swapped", Spec: typed,
			Doc: "The client data of a registration say that they are of a sign-in, and the other way round.",
			Client: onClientData(func(data *webauthn.ClientData) {
				switch data.Type {
				case webauthn.ClientDataCreate:
					data.Type = webauthn.ClientDataGet
				case webauthn.ClientDataGet:
					data.Type = webauthn.ClientDataCreate
				}
			}),
		}, {
			ID: "clientdata/type-payment", Spec: typed + ", Secure Payment Confirmation §5",
			Doc:    "The client data say that they are of a payment.",
			Client: onClientData(func(data *webauthn.ClientData) { data.Type = "payment.get" }),
		}, {
			ID: "clientdata/type-case", Spec: typed,
			Doc:    "The type in the client data is written in capital letters.",
			Client: onClientData(func(data *webauthn.ClientData) { data.Type = strings.ToUpper(data.Type) }),
		},
	}
}

func serialisationFaults() []Fault {
	const written = "WebAuthn L3 §5.8.1.1"
	const extra = "WebAuthn L3 §5.8.1"
	return []Fault{
		{
			ID: "clientdata/extra-member", Spec: extra,
			Doc:    "The client data have a member that nobody knows, which relying parties have to ignore.",
			Client: withMember(`"passkeylabUnknown":{"nested":[1,2]}`),
		}, {
			ID: "clientdata/duplicate-origin", Spec: "WebAuthn L3 §5.8.1.2, §7.1 step 5",
			Doc:    "The client data have two origins, the right one first.",
			Client: withMember(`"origin":"https://somebody-else.invalid"`),
		}, {
			ID: "clientdata/duplicate-type", Spec: "WebAuthn L3 §5.8.1.2, §7.1 step 5",
			Doc:    "The client data have two types, the right one first.",
			Client: withMember(`"type":"webauthn.other"`),
		}, {
			ID: "clientdata/token-binding", Spec: extra + " (tokenBinding is reserved)",
			Doc:    "The client data tell of token binding, as those of older clients could.",
			Client: withMember(`"tokenBinding":{"status":"present","id":"cGFzc2tleWxhYg"}`),
		}, {
			ID: "clientdata/byte-order-mark", Spec: "WebAuthn L3 §7.1 step 5, §7.2 step 8",
			Doc:    "A byte order mark stands before the client data, which UTF-8 decode takes away.",
			Client: onSerialised(func(json string) string { return "\uFEFF" + json }),
		}, {
			ID: "clientdata/spaces", Spec: written,
			Doc:    "The client data have spaces between their members, which JSON allows and limited verification does not.",
			Client: onSerialised(func(json string) string { return strings.ReplaceAll(json, `,"`, `, "`) }),
		}, {
			ID: "clientdata/escapes", Spec: written,
			Doc:    "The type in the client data is written with an escape, which JSON allows and limited verification does not.",
			Client: onSerialised(func(json string) string { return strings.Replace(json, `"webauthn`, `"\u0077ebauthn`, 1) }),
		}, {
			ID: "clientdata/order", Spec: written,
			Doc: "The type comes last in the client data, which JSON allows and limited verification does not.",
			Client: onSerialised(func(json string) string {
				first, rest, found := strings.Cut(strings.TrimPrefix(json, "{"), ",")
				if !found || !strings.HasSuffix(rest, "}") {
					return json
				}
				return "{" + strings.TrimSuffix(rest, "}") + "," + first + "}"
			}),
		}, {
			ID: "clientdata/trailing-bytes", Spec: "WebAuthn L3 §7.1 step 6, §7.2 step 9",
			Doc:    "Something follows the JSON of the client data.",
			Client: onSerialised(func(json string) string { return json + "{}" }),
		}, {
			ID: "clientdata/not-json", Spec: "WebAuthn L3 §7.1 step 6, §7.2 step 9",
			Doc:    "The client data lack their last brace, and so are no JSON.",
			Client: onSerialised(func(json string) string { return strings.TrimSuffix(json, "}") }),
		}, {
			ID: "clientdata/array", Spec: "WebAuthn L3 §7.1 step 6, §7.2 step 9",
			Doc:    "The client data are in an array.",
			Client: onSerialised(func(json string) string { return "[" + json + "]" }),
		}, {
			ID: "clientdata/empty", Spec: "WebAuthn L3 §7.1 step 6, §7.2 step 9",
			Doc:    "The client data have no bytes.",
			Client: onSerialised(func(string) string { return "" }),
		}, {
			ID: "clientdata/not-utf8", Spec: "WebAuthn L3 §7.1 step 5, §7.2 step 8",
			Doc:    "The client data have a byte that is no UTF-8.",
			Client: withMember("\"unreadable\":\"\xFF\""),
		},
		changedAfterSigning(),
	}
}

// changedAfterSigning adds a space at the end, which changes the hash alone.
func changedAfterSigning() Fault {
	return Fault{
		ID: "clientdata/changed-after-signing", Spec: "WebAuthn L3 §7.1 step 12, §7.2 step 20",
		Doc: "The client data have a space at their end that they did not have when they were signed.",
		Client: client.Seams{
			Registration: func(r *webauthn.RegistrationResponse) *webauthn.RegistrationResponse {
				spoiled := *r
				spoiled.Response.ClientDataJSON = append(bytes.Clone(r.Response.ClientDataJSON), ' ')
				return &spoiled
			},
			Authentication: func(r *webauthn.AuthenticationResponse) *webauthn.AuthenticationResponse {
				spoiled := *r
				spoiled.Response.ClientDataJSON = append(bytes.Clone(r.Response.ClientDataJSON), ' ')
				return &spoiled
			},
		},
	}
}

package fault_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/relyingparty/conformanceapi"
)

// readingScenes are about what only a lenient reader, or none, lets by.
func readingScenes(t testing.TB) (all []scene) {
	asText := func(change func(string) string) edits { return func(k *key) { k.client = change } }
	for name, edit := range map[string]edits{
		"JSON: ID spaced":         ids(func(s string) string { return s + " " }),
		"JSON: type in a list":    outer(func(o object) { o["type"] = []string{"public-key"} }),
		"JSON: inner in a list":   inner(func(o object) { o["clientDataJSON"] = []any{o["clientDataJSON"]} }),
		"JSON: inner a number":    inner(func(o object) { o["clientDataJSON"] = 7 }),
		"JSON: response a number": outer(func(o object) { o["response"] = 7 }),
		"JSON: a list":            jsonText(func(s string) string { return "[" + s + "]" }),
		"JSON: no members":        jsonText(func(string) string { return "{}" }),
		"JSON: response null":     outer(func(o object) { o["response"] = nil }),
		"JSON: ID empty":          ids(func(string) string { return "" }),
		"JSON: ID undecodable":    ids(func(s string) string { return "!" + s }),
		"JSON: id a number":       outer(func(o object) { o["id"] = 7 }),
		"JSON: cut":               jsonText(func(s string) string { return s[:len(s)-1] }),
		"JSON: trailing text":     jsonText(func(s string) string { return s + "x" }),
		"JSON: trailing comma":    jsonText(func(s string) string { return s[:len(s)-1] + ",}" }),
		"JSON: type twice, first right": jsonText(func(s string) string {
			return strings.Replace(s, `"type":"public-key"`, `"type":"public-key","type":"password"`, 1)
		}),
		"client data: type in a list": asText(func(s string) string {
			return strings.Replace(strings.Replace(s, `"webauthn.`, `["webauthn.`, 1), `",`, `"],`, 1)
		}),
		"client data: origin in a list":  clientText(`"`+origin+`"`, `["`+origin+`"]`),
		"client data: challenge true":    asText(func(s string) string { return replacedChallenge(s, "true") }),
		"client data: challenge zero":    asText(func(s string) string { return replacedChallenge(s, "0") }),
		"client data: trailing comma":    asText(func(s string) string { return s[:len(s)-1] + ",}" }),
		"client data: apostrophes":       asText(func(s string) string { return strings.ReplaceAll(s, `"`, "'") }),
		"client data: two marks":         asText(func(s string) string { return "\uFEFF\uFEFF" + s }),
		"client data: UTF-16":            asText(inUTF16),
		"client data: no members":        asText(func(string) string { return "{}" }),
		"client data: no JSON":           asText(func(string) string { return "no JSON" }),
		"client data: origin, first one": clientText(`"crossOrigin"`, `"origin":"https://evil.test","crossOrigin"`),
	} {
		all = append(all, in(name, edit)...)
	}
	for _, name := range []string{"clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"} {
		for what, value := range map[string]any{"null": nil, "true": true, "no base64": "!AAA"} {
			edit := inner(func(o object) {
				if o[name] != nil {
					o[name] = value
				}
			})
			if name != "attestationObject" {
				all = append(all, loggingIn("JSON: "+name+" "+what, edit))
			}
			if name == "clientDataJSON" || name == "attestationObject" {
				all = append(all, registering("JSON: "+name+" "+what, edit))
			}
		}
	}
	whole := func(change func([]byte) []byte) edits { return func(k *key) { k.bytes = change } }
	mislabelled := withCOSE(func(c map[int64]any) { c[3] = -257 })
	return append(all,
		registering("object: no CBOR", whole(func([]byte) []byte { return []byte{0xff} })),
		registering("object: tagged", whole(func(b []byte) []byte { return append([]byte{0xd9, 0xd9, 0xf7}, b...) })),
		registering("object: Fmt", whole(func(b []byte) []byte { return []byte(strings.Replace(string(b), "cfmt", "cFmt", 1)) })),
		registering("key: of P-256, for RS256", mislabelled), afterward("key: of P-256, for RS256", mislabelled, func(*key) {}),
		registering("key: a member twice", changedAuth(func(b []byte) []byte {
			i := headerOf(b)
			return append(append(append([]byte(nil), b[:i]...), b[i]+1), append(append([]byte(nil), b[i+1:]...), 0x03, 0x26)...)
		})),
		afterward("AAGUID zero", func(k *key) { k.aaguid = make([]byte, 16) }, func(*key) {}),
		afterward("attested by a phone", func(k *key) {
			for _, s := range samples() {
				if s.Name == "apple" {
					k.attest, k.attestedAs = s.Attester, s.Name
				}
			}
			require.NotNil(t, k.attest)
		}, func(*key) {}),
		scene{name: "login, counter: same, noted", config: func(c *conformanceapi.Config) { c.Counter = ceremony.CounterWarn }, play: func(s *stage) string {
			k := newKey(s.t, "first")
			k.counter = 5
			s.began("alice", k)
			return verdict(s.logIn("alice", k, nil))
		}},
		scene{name: "registration, in a session that has begun none", play: func(s *stage) string {
			k := newKey(s.t, "first")
			s.toRegister("alice", nil)
			return verdict(s.other().registered(k.create(s.t, object{"challenge": encode(make([]byte, 32))})))
		}},
		scene{name: "registration, after one that cannot be read", play: func(s *stage) string {
			s.toRegister("bob", nil)
			s.registered([]byte("no JSON"))
			return verdict(s.register("alice", newKey(s.t, "first"), nil))
		}},
		scene{name: "registration, after a large one", play: func(s *stage) string {
			k := newKey(s.t, "second")
			k.response = func(o, _ map[string]any) { o["more"] = strings.Repeat("x", 20_000) }
			s.register("bob", k, nil)
			return verdict(s.register("alice", newKey(s.t, "first"), nil))
		}},
		scene{name: "registration, after a login that failed", play: func(s *stage) string {
			k := newKey(s.t, "first")
			s.began("alice", k)
			k.sign = newKey(s.t, "stranger").sign
			s.logIn("alice", k, nil)
			return verdict(s.register("bob", newKey(s.t, "second"), nil))
		}},
		scene{name: "login, with an ID that nobody has", play: func(s *stage) string {
			k := newKey(s.t, "first")
			s.began("alice", k)
			k.id = []byte("nobody has registered this one")
			return verdict(s.logIn("alice", k, nil))
		}},
		scene{name: "options, where no attestation was wanted", play: func(s *stage) string {
			return laidOptions(s.toRegister("alice", object{"attestation": "none"}))
		}},
		scene{name: "options, of a registration beside somebody's passkey", play: func(s *stage) string {
			s.began("bob", newKey(s.t, "second"))
			return laidOptions(s.toRegister("alice", nil))
		}},
		scene{name: "options, of a login beside somebody's passkey", play: func(s *stage) string {
			s.began("bob", newKey(s.t, "second"))
			s.began("alice", newKey(s.t, "first"))
			return laidOptions(s.toLogIn("alice", nil))
		}},
	)
}

// headerOf is where the public key begins in authenticator data with a credential ID of
// 32 bytes.
func headerOf([]byte) int { return 37 + 16 + 2 + 32 }

// replacedChallenge puts something that is no text in the place of a challenge.
func replacedChallenge(client, value string) string {
	before, rest, _ := strings.Cut(client, `"challenge":"`)
	_, after, _ := strings.Cut(rest, `"`)
	return before + `"challenge":` + value + after
}

func inUTF16(s string) string {
	out := "\xff\xfe"
	for _, unit := range utf16.Encode([]rune(s)) {
		out += string([]byte{byte(unit), byte(unit >> 8)})
	}
	return out
}

// interfaceScenes end with a status, and what the answer says.
func interfaceScenes() []scene {
	ask := func(s *stage, path, body string) string {
		r := httptest.NewRequest(http.MethodPost, origin+path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		for name, value := range s.jar {
			r.AddCookie(&http.Cookie{Name: name, Value: value})
		}
		w := httptest.NewRecorder()
		s.to.ServeHTTP(w, r)
		var answer object
		unmarshalJSON(s.t, w.Body.Bytes(), &answer)
		reason, _ := answer["errorMessage"].(string)
		return fmt.Sprintf("%d %v, a reason: %t, a challenge: %t", w.Code, answer["status"], reason != "", answer["challenge"] != nil)
	}
	return []scene{
		{name: "interface, a success", play: func(s *stage) string {
			return ask(s, "/attestation/options", `{"username":"alice","displayName":"Alice"}`)
		}},
		{name: "interface, a failure", play: func(s *stage) string { return ask(s, "/attestation/result", "no JSON") }},
		{name: "interface, a request that cannot be read", play: func(s *stage) string { return ask(s, "/attestation/options", "no JSON") }},
		{name: "interface, a number for a name", play: func(s *stage) string {
			s.began("alice", newKey(s.t, "first"))
			return ask(s, "/assertion/options", `{"username":1}`)
		}},
		{name: "interface, an unknown user", play: func(s *stage) string { return ask(s, "/assertion/options", `{"username":"nobody"}`) }},
		{name: "interface, a login as a registration", play: func(s *stage) string {
			k := newKey(s.t, "first")
			s.began("alice", k)
			return ask(s, "/attestation/result", string(k.get(s.t, s.toLogIn("alice", nil))))
		}},
	}
}

// choiceScenes are about what relying parties may choose.
func choiceScenes(t testing.TB) []scene {
	chosen := func(c *conformanceapi.Config) {
		c.Verified, c.CrossOrigin = true, true
		c.Strictness = ceremony.Strictness{Attested: true, Canonical: true, KnownMembers: true, Solicited: true, Details: true}
	}
	unattested := object{"attestation": "none"}
	firmware := func(k *key) {
		for _, d := range attestation.Defects() {
			if d.ID != "packed/firmware-negative" {
				continue
			}
			s, err := d.Of(samples())
			require.NoError(t, err)
			k.attest, k.attestedAs = s.Attester, d.ID
		}
		require.NotNil(t, k.attest)
	}
	all := []scene{
		registering("by choice: ordinary", func(*key) {}, unattested),
		registering("by choice: unattested", func(*key) {}),
		registering("by choice: not UV", func(k *key) { k.flags = up }, unattested),
		registering("by choice: in a frame", clientText(`"crossOrigin":false`, `"crossOrigin":true`), unattested),
		registering("by choice: in a frame, of another origin", clientText(origin+`","crossOrigin":false`, `https://evil.test","crossOrigin":true`), unattested),
		registering("by choice: a member of the future", func(k *key) { k.object = func(o map[string]any) { o["future"] = true } }, unattested),
		registering("by choice: another order", func(k *key) {
			k.bytes = func(b []byte) []byte {
				var o struct {
					Auth      []byte         `cbor:"authData"`
					Format    string         `cbor:"fmt"`
					Statement map[string]any `cbor:"attStmt"`
				}
				unmarshalCBOR(t, b, &o)
				return plainCBOR(t, o)
			}
		}, unattested),
		registering("by choice: results", func(k *key) { k.results = map[string]any{"credProps": object{"rk": true}} }, unattested),
		registering("by choice: outputs", func(k *key) { k.tail = extension }, unattested),
		registering("by choice: a firmware below zero", firmware),
	}
	for i := range all {
		all[i].config = chosen
	}
	return all
}

// listScenes are about what the published test list has besides.
func listScenes(t testing.TB) []scene {
	held := func(c *conformanceapi.Config) { c.WithoutPresence, c.TokenBinding, c.ZeroAAGUID = true, true, true }
	all := []scene{
		registering("by the list: token binding malformed", clientText(`}`, `,"tokenBinding":7}`)),
		loggingIn("by the list: token binding malformed", clientText(`}`, `,"tokenBinding":7}`)),
		loggingIn("by the list: not UP, discouraged", func(k *key) { k.flags = 0 }, object{"userVerification": "discouraged"}),
		registering("by the list: U2F with a model", func(k *key) {
			for _, s := range samples() {
				if s.Name == "fido-u2f" {
					k.attest, k.attestedAs = s.Attester, s.Name
				}
			}
			require.NotNil(t, k.attest)
			k.flags = up
		}),
	}
	for i := range all {
		all[i].config = held
	}
	return all
}

package fault_test

import (
	"encoding/base64"
	"math/big"
	"strings"
	"testing"

	"github.com/passkeylab/passkeylab/relyingparty/conformanceapi"
)

// scene is something that happens at a relying party. It plays at one that is new each
// time, and tells how it ended.
type scene struct {
	name   string
	config func(*conformanceapi.Config)
	play   func(*stage) string
}

const (
	accepted, refused = "accepted", "refused"
	unregistered      = "not even registered" // which says nothing of a login
)

func verdict(ok bool) string {
	if ok {
		return accepted
	}
	return refused
}

// edits change a key.
type edits = func(*key)

// registering is a registration with something special about the key.
func registering(name string, edit edits, more ...object) scene {
	return scene{name: "registration, " + name, play: func(s *stage) string {
		k := newKey(s.t, "first")
		edit(k)
		return verdict(s.register("alice", k, merged(more)))
	}}
}

// loggingIn is a login with something special about the key, after a registration without.
func loggingIn(name string, edit edits, more ...object) scene {
	return afterward(name, func(*key) {}, edit, more...)
}

// afterward is the same with something special about the registration, too.
func afterward(name string, before, edit edits, more ...object) scene {
	return scene{name: "login, " + name, play: func(s *stage) string {
		k := newKey(s.t, "first")
		before(k)
		if !s.register("alice", k, nil) {
			panic(stopped(unregistered))
		}
		edit(k)
		return verdict(s.logIn("alice", k, merged(more)))
	}}
}

// in is the same in both ceremonies.
func in(name string, edit edits) []scene {
	return []scene{registering(name, edit), loggingIn(name, edit)}
}

func merged(all []object) object {
	out := object{}
	for _, one := range all {
		for name, value := range one {
			out[name] = value
		}
	}
	return out
}

// Edits of the JSON.

func outer(change func(o object)) edits {
	return func(k *key) { k.response = func(o, _ map[string]any) { change(o) } }
}

func inner(change func(o object)) edits {
	return func(k *key) { k.response = func(_, i map[string]any) { change(i) } }
}

func jsonText(change func(string) string) edits { return func(k *key) { k.text = change } }

// ids changes both spellings of the credential ID.
func ids(change func(string) string) edits {
	return outer(func(o object) {
		changed := change(o["id"].(string))
		o["id"], o["rawId"] = changed, changed
	})
}

func jsonScenes() (all []scene) {
	for name, edit := range map[string]edits{
		"ordinary":           func(*key) {},
		"JSON: ID padded":    ids(func(s string) string { return s + "=" }),
		"JSON: ID in base64": ids(func(s string) string { return strings.NewReplacer("-", "+", "_", "/").Replace(s) }),
		"JSON: line break":   ids(func(s string) string { return s[:4] + "\r\n" + s[4:] }),
		"JSON: spare bits":   ids(func(s string) string { return s[:len(s)-1] + string(s[len(s)-1]+1) }),
		"JSON: type other":   outer(func(o object) { o["type"] = "password" }),
		"JSON: type missing": outer(func(o object) { delete(o, "type") }),
		"JSON: id other":     outer(func(o object) { o["id"] = encode([]byte("another one of these")) }),
		"JSON: id missing":   outer(func(o object) { delete(o, "id") }),
		"JSON: rawId other":  outer(func(o object) { o["rawId"] = encode([]byte("another one of these")) }),
		"JSON: type twice":   jsonText(func(s string) string { return `{"type":"password",` + s[1:] }),
		"JSON: inner twice": jsonText(func(s string) string {
			return strings.Replace(s, `"response":{`, `"response":{"clientDataJSON":"AAAA",`, 1)
		}),
		"JSON: Response":        jsonText(func(s string) string { return strings.Replace(s, `"response":`, `"Response":`, 1) }),
		"JSON: ClientDataJson":  jsonText(func(s string) string { return strings.Replace(s, `"clientDataJSON":`, `"ClientDataJson":`, 1) }),
		"JSON: from the future": outer(func(o object) { o["fromTheFuture"] = 1 }),
		"JSON: inner future":    inner(func(o object) { o["fromTheFuture"] = 1 }),
		"JSON: attachment":      outer(func(o object) { o["authenticatorAttachment"] = "from the future" }),
		"JSON: transports":      inner(func(o object) { o["transports"] = []string{"usb", "from-the-future"} }),
		"JSON: userHandle number": inner(func(o object) {
			if o["userHandle"] != nil {
				o["userHandle"] = 7
			}
		}),
		"JSON: userHandle empty": inner(func(o object) {
			if o["userHandle"] != nil {
				o["userHandle"] = ""
			}
		}),
		"extension results":        func(k *key) { k.results = object{"credProps": object{"rk": true}} },
		"extension results, no rk": func(k *key) { k.results = object{"credProps": object{}} },
	} {
		all = append(all, in(name, edit)...)
	}
	return all
}

// clientText changes client data as a text.
func clientText(old, new string) edits {
	return func(k *key) { k.client = func(s string) string { return strings.Replace(s, old, new, 1) } }
}

func challenged(change func(string) string) edits { return func(k *key) { k.challenge = change } }

func swapCase(s string) string {
	if up := strings.ToUpper(s); up != s {
		return up
	}
	return strings.ToLower(s)
}

func clientScenes() (all []scene) {
	for name, edit := range map[string]edits{
		"type other":           clientText(`"type":"webauthn.`, `"type":"payment.`),
		"type in capitals":     clientText(`"type":"webauthn`, `"type":"WebAuthn`),
		"type missing":         func(k *key) { k.client = func(s string) string { return "{" + s[strings.Index(s, `"challenge"`):] } },
		"trailing data":        func(k *key) { k.client = func(s string) string { return s + "x" } },
		"Challenge":            clientText(`"challenge"`, `"Challenge"`),
		"origin twice":         clientText(`{`, `{"origin":"https://evil.test",`),
		"byte order mark":      func(k *key) { k.client = func(s string) string { return "\uFEFF" + s } },
		"member of the future": clientText(`}`, `,"fromTheFuture":1}`),
		"another order":        clientText(`{`, `{"fromTheFuture":{},`),
		"token binding":        clientText(`}`, `,"tokenBinding":{"status":"supported"}}`),
		"crossOrigin text":     clientText(`"crossOrigin":false`, `"crossOrigin":"no"`),
		"crossOrigin missing":  clientText(`,"crossOrigin":false`, ``),
		"crossOrigin true":     clientText(`"crossOrigin":false`, `"crossOrigin":true`),
		"topOrigin":            clientText(`"crossOrigin":false`, `"crossOrigin":true,"topOrigin":"https://evil.test"`),
		"topOrigin alone":      clientText(`"crossOrigin":false`, `"crossOrigin":false,"topOrigin":"https://evil.test"`),

		"challenge other":        challenged(func(string) string { return encode(make([]byte, 32)) }),
		"challenge like another": challenged(func(s string) string { return s[:min(16, len(s))] + encode(make([]byte, 20)) }),
		"challenge after bytes":  challenged(func(s string) string { return "AAAA" + s }),
		"challenge in capitals":  challenged(swapCase),
		"challenge empty":        challenged(func(string) string { return "" }),
		"challenge padded":       challenged(func(s string) string { return s + "=" }),
		"challenge in base64": challenged(func(s string) string {
			raw, _ := base64.RawURLEncoding.DecodeString(s)
			return base64.StdEncoding.EncodeToString(raw)
		}),

		"origin other":        clientText(origin, "https://evil.test"),
		"origin suffix":       clientText(origin, "https://evil"+host),
		"origin prefix":       clientText(origin, origin+".evil.test"),
		"origin substring":    clientText(origin, "https://evil.test/"+host+"/"),
		"origin subdomain":    clientText(origin, "https://www."+host),
		"origin in capitals":  clientText(origin, "https://AUTH.acme.test"),
		"origin port":         clientText(origin, origin+":8443"),
		"origin default port": clientText(origin, origin+":443"),
		"origin http":         clientText(origin, "http://"+host),
		"origin path":         clientText(origin, origin+"/login?a=b"),
		"origin slash":        clientText(origin, origin+"/"),
		"origin user":         clientText(origin, "https://somebody@"+host),
		"origin empty":        clientText(origin, ""),
		"origin missing":      clientText(`"origin":"`+origin+`",`, ``),
		"origin null":         clientText(origin, "null"),
		"origin localhost":    clientText(origin, "http://localhost:3000"),
		"origin pattern":      clientText(origin, strings.ReplaceAll(origin, ".", "x")),
		"origin line":         clientText(origin, `https://evil.test\n`+origin),
		"origin cut":          clientText(origin, origin[:len(origin)-1]),
		"origin extension":    clientText(origin, "chrome-extension://abcdefgh"),
		"origin Android":      clientText(origin, "android:apk-key-hash:AAAA"),
	} {
		all = append(all, in("client data: "+name, edit)...)
	}
	return append(all,
		registering("client data: type of a login", clientText("webauthn.create", "webauthn.get")),
		loggingIn("client data: type of a registration", clientText("webauthn.get", "webauthn.create")))
}

func changedAuth(change func([]byte) []byte) edits { return func(k *key) { k.auth = change } }

// extension is a map of extension outputs.
var extension = []byte{0xa1, 0x6b, 'c', 'r', 'e', 'd', 'P', 'r', 'o', 't', 'e', 'c', 't', 1}

func authDataScenes() (all []scene) {
	flags := func(f byte) edits { return func(k *key) { k.flags = f } }
	for name, edit := range map[string]edits{
		"RP ID hash other":  func(k *key) { k.host = "evil.test" },
		"RP ID hash of www": func(k *key) { k.host = "www." + k.host },
		"RP ID hash like":   changedAuth(func(b []byte) []byte { b[20] ^= 1; return b }),
		"leftover":          changedAuth(func(b []byte) []byte { return append(b, 0) }),
		"extensions":        func(k *key) { k.tail = extension },
		"ED clear":          func(k *key) { k.tail = extension; k.auth = func(b []byte) []byte { b[32] &^= ed; return b } },
		"ED set":            changedAuth(func(b []byte) []byte { b[32] |= ed; return b }),
		"extensions a text": func(k *key) { k.tail = []byte{0x61, 'x'} },
		"reserved flags":    changedAuth(func(b []byte) []byte { b[32] |= 0x22; return b }),
		"cut":               changedAuth(func(b []byte) []byte { return b[:36] }),
		"not UP":            flags(0),
		"UV, not UP":        flags(uv),
		"BS, not BE":        flags(up | uv | bs),
	} {
		all = append(all, in("authenticator data: "+name, edit)...)
	}
	eligible := func(k *key) { k.flags |= be }
	synced := func(k *key) { k.flags |= be | bs }
	demanding := func(s string) object { return object{"userVerification": s} }
	selecting := func(s string) object { return object{"authenticatorSelection": demanding(s)} }
	all = append(all,
		registering("authenticator data: AT clear", changedAuth(func(b []byte) []byte { b[32] &^= at; return b })),
		registering("authenticator data: nothing attested", changedAuth(func(b []byte) []byte { b[32] &^= at; return b[:37] })),
		registering("flags: BE", eligible), registering("flags: BE and BS", synced),
		afterward("flags: BE and BS", synced, func(*key) {}), afterward("flags: backed up meanwhile", eligible, synced),
		afterward("flags: BE gone", eligible, func(k *key) { k.flags &^= be }), loggingIn("flags: BE new", eligible),
		afterward("flags: UV clear as ever, required", flags(up), func(*key) {}, demanding("required")),
		afterward("counter: of 32 bits", func(k *key) { k.counter = 1 }, func(k *key) { k.counter = 1 << 31 }),
		afterward("counter: next", func(k *key) { k.counter = 5 }, func(k *key) { k.counter = 6 }),
		afterward("counter: jump", func(k *key) { k.counter = 5 }, func(k *key) { k.counter = 60 }),
		afterward("counter: same", func(k *key) { k.counter = 5 }, func(*key) {}),
		afterward("counter: smaller", func(k *key) { k.counter = 5 }, func(k *key) { k.counter = 4 }),
		afterward("counter: zero again", func(k *key) { k.counter = 5 }, func(k *key) { k.counter = 0 }),
		scene{name: "login, authenticator data: attested", play: func(s *stage) string {
			k := newKey(s.t, "first")
			s.began("alice", k)
			more := k.attested(s.t)
			k.auth = func(b []byte) []byte { b[32] |= at; return append(b, more...) }
			return verdict(s.logIn("alice", k, nil))
		}},
		loggingIn("extension: appid", func(k *key) { k.host, k.results = "https://auth.acme.test/appid.json", object{"appid": true} }),
		loggingIn("extension: uvm, not UV, required", func(k *key) {
			k.flags, k.results = up, object{"uvm": [][]int{{2, 4, 2}}}
		}, demanding("required")),
	)
	for _, wish := range []string{"required", "preferred", "discouraged"} {
		all = append(all,
			registering("flags: UV, "+wish, flags(up|uv), selecting(wish)), registering("flags: not UV, "+wish, flags(up), selecting(wish)),
			loggingIn("flags: UV, "+wish, flags(up|uv), demanding(wish)), loggingIn("flags: not UV, "+wish, flags(up), demanding(wish)))
	}
	return all
}

func withCOSE(change func(map[int64]any)) edits { return func(k *key) { change(k.cose) } }

// withPoint has the key of EdDSA be one that nobody has.
func withPoint(x []byte) edits {
	return withCOSE(func(c map[int64]any) {
		clear(c)
		c[1], c[3], c[-1], c[-2] = 1, -8, 6, x
	})
}

func keyScenes() []scene {
	wide := func(k *key) { k.id = append(k.id, make([]byte, 70)...) }
	return []scene{
		registering("key: algorithm not offered", withCOSE(func(c map[int64]any) { c[3] = -9 })),
		registering("key: off the curve", withCOSE(func(c map[int64]any) { c[-3] = c[-2] })),
		registering("key: with an identifier", withCOSE(func(c map[int64]any) { c[2] = []byte{1} })),
		registering("key: EdDSA, of small order", withPoint(make([]byte, 32))),
		registering("key: EdDSA, of small order, otherwise", withPoint(append([]byte{1}, append(make([]byte, 30), 0x80)...))),
		registering("key: EdDSA, of 33 bytes", withPoint(make([]byte, 33))),
		registering("key: of another curve", withCOSE(func(c map[int64]any) { c[-1] = 2 })),
		registering("key: of another type", withCOSE(func(c map[int64]any) { c[1], c[-1] = 1, 6; delete(c, -3) })),
		registering("key: RSA of 1024 bits", withCOSE(func(c map[int64]any) {
			clear(c)
			c[1], c[3], c[-1], c[-2] = 3, -257, new(big.Int).Lsh(big.NewInt(1), 1023).Bytes(), []byte{1, 0, 1}
		})),
		registering("key: RS256", func(k *key) { k.asRS256(nil) }), afterward("key: RS256", func(k *key) { k.asRS256(nil) }, func(*key) {}),
		registering("key: EdDSA", func(k *key) { k.asEdDSA() }), afterward("key: EdDSA", func(k *key) { k.asEdDSA() }, func(*key) {}),
		registering("credential ID: not the one attested", ids(func(string) string { return encode([]byte("another one of these")) })),
		registering("credential ID: of 1024 bytes", func(k *key) { k.id = make([]byte, 1024) }),
		registering("credential ID: of 102 bytes", wide), afterward("credential ID: of 102 bytes", wide, func(*key) {}),
		registering("credential ID: of 16 bytes", func(k *key) { k.id = k.id[:16] }),
		registering("AAGUID zero", func(k *key) { k.aaguid = make([]byte, 16) }),
	}
}

// signing changes what a login signs.
func signing(message func(auth, client, hash []byte) []byte) edits {
	return func(k *key) { k.message = message }
}

func signed(change func([]byte) []byte) edits { return func(k *key) { k.signature = change } }

func signatureScenes(t testing.TB) []scene {
	parts := func(signature []byte) (r, s []byte) {
		var n numbersOfECDSA
		unmarshalDER(t, signature, &n)
		return n.R.FillBytes(make([]byte, 32)), n.S.FillBytes(make([]byte, 32))
	}
	return []scene{
		loggingIn("signature: bit flipped", signed(func(s []byte) []byte { s[len(s)-1] ^= 1; return s })),
		loggingIn("signature: empty", signed(func([]byte) []byte { return nil })),
		loggingIn("signature: zeros", signed(func([]byte) []byte { return der(t, new(big.Int), new(big.Int)) })),
		loggingIn("signature: without client data", signing(func(auth, _, _ []byte) []byte { return auth })),
		loggingIn("signature: without authenticator data", signing(func(_, _, hash []byte) []byte { return hash })),
		loggingIn("signature: client data unhashed", signing(func(auth, client, _ []byte) []byte { return append(append([]byte(nil), auth...), client...) })),
		loggingIn("signature: trailing byte", signed(func(s []byte) []byte { return append(s, 0) })),
		loggingIn("signature: raw", signed(func(sig []byte) []byte { r, s := parts(sig); return append(r, s...) })),
		loggingIn("signature: padded number", signed(func(sig []byte) []byte {
			r, s := parts(sig)
			return rawSequence(append([]byte{0, 0}, r...), append([]byte{0, 0}, s...))
		})),
		loggingIn("signature: larger number", signed(func(s []byte) []byte { return highS(t, s) })),
		loggingIn("signature: by a stranger", func(k *key) { k.sign = newKey(t, "stranger").sign }),
		{name: "login, signature: by the user's other credential", play: func(s *stage) string {
			first, second := newKey(t, "first"), newKey(t, "second")
			s.began("alice", first)
			s.began("alice", second)
			first.sign = second.sign
			return verdict(s.logIn("alice", first, nil))
		}},
		{name: "login, the user's second credential", play: func(s *stage) string {
			first, second := newKey(t, "first"), newKey(t, "second")
			s.began("alice", first)
			s.began("alice", second)
			return verdict(s.logIn("alice", second, nil))
		}},
		{name: "login, another user's credential", play: func(s *stage) string {
			first, second := newKey(t, "first"), newKey(t, "second")
			s.began("alice", first)
			s.began("bob", second)
			second.handle = nil
			return verdict(s.logIn("alice", second, nil))
		}},
		{name: "login, unknown credential", play: func(s *stage) string {
			s.began("alice", newKey(t, "first"))
			return verdict(s.logIn("alice", newKey(t, "second"), nil))
		}},
		loggingIn("user handle: other", func(k *key) { k.handle = []byte("somebody else") }),
		loggingIn("user handle: with the same beginning", func(k *key) { k.handle = append(k.handle[:1:1], 1) }),
		loggingIn("user handle: missing", func(k *key) { k.handle = nil }),
		{name: "registration, a credential of the same user", play: func(s *stage) string {
			k := newKey(t, "first")
			s.began("alice", k)
			return verdict(s.register("alice", k, nil))
		}},
		{name: "registration, a credential of another user", play: func(s *stage) string {
			k := newKey(t, "first")
			s.began("alice", k)
			return verdict(s.register("bob", k, nil))
		}},
		{name: "registration, a second credential", play: func(s *stage) string {
			s.began("alice", newKey(t, "first"))
			return verdict(s.register("alice", newKey(t, "second"), nil))
		}},
	}
}

func objectScenes(t testing.TB) []scene {
	whole := func(change func(map[string]any)) edits { return func(k *key) { k.object = change } }
	bytes := func(change func([]byte) []byte) edits { return func(k *key) { k.bytes = change } }
	return []scene{
		registering("object: trailing byte", bytes(func(b []byte) []byte { return append(b, 0) })),
		registering("object: format twice", bytes(func(b []byte) []byte {
			b[0]++
			return append(b, 0x63, 'f', 'm', 't', 0x64, 'n', 'o', 'n', 'e')
		})),
		registering("object: indefinite length", bytes(func(b []byte) []byte { b[0] = 0xbf; return append(b, 0xff) })),
		registering("object: no statement", whole(func(o map[string]any) { delete(o, "attStmt") })),
		registering("object: statement a list", whole(func(o map[string]any) { o["attStmt"] = []any{} })),
		registering("object: no format", whole(func(o map[string]any) { delete(o, "fmt") })),
		registering("object: format a number", whole(func(o map[string]any) { o["fmt"] = 1 })),
		registering("object: format unknown", whole(func(o map[string]any) { o["fmt"] = "from-the-future" })),
		registering("object: format in capitals", whole(func(o map[string]any) { o["fmt"] = "None" })),
		registering("object: member of the future", whole(func(o map[string]any) { o["from the future"] = true })),
		registering("object: members in another order", bytes(func(b []byte) []byte {
			var o struct {
				Auth      []byte         `cbor:"authData"`
				Format    string         `cbor:"fmt"`
				Statement map[string]any `cbor:"attStmt"`
			}
			unmarshalCBOR(t, b, &o)
			return plainCBOR(t, o)
		})),
		registering("statement: of none, not empty", whole(func(o map[string]any) { o["attStmt"] = map[string]any{"alg": -7} })),
		registering("AAGUID zero, without attestation", func(k *key) { k.aaguid = make([]byte, 16) }, object{"attestation": "none"}),
	}
}

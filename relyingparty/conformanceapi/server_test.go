package conformanceapi

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// TestCreationOptions is CreationOptions-Req-1 of the published list.
func TestCreationOptions(t *testing.T) {
	t.Parallel()
	d, _ := newServer(t, func(c *Config) { c.Algorithms = []int64{-7, -257} })
	asked := object{
		"username": "alice", "displayName": "Alice A.", "attestation": "direct",
		"authenticatorSelection": object{"requireResidentKey": true, "authenticatorAttachment": "cross-platform", "userVerification": "discouraged"},
		"extensions":             object{"example.extension": true},
	}
	first, second := d.begin("/attestation/options", asked), d.begin("/attestation/options", asked)
	assert.Len(t, first["challenge"], 43)
	assert.NotEqual(t, first["challenge"], second["challenge"])
	user := first["user"].(object)
	assert.Len(t, user["id"], 43)
	delete(first, "challenge")
	delete(user, "id")
	assert.Equal(t, object{
		"status": "ok", "errorMessage": "",
		"rp":                     object{"id": rpID, "name": "Acme"},
		"user":                   object{"name": "alice", "displayName": "Alice A."},
		"pubKeyCredParams":       []any{object{"type": "public-key", "alg": -7.0}, object{"type": "public-key", "alg": -257.0}},
		"timeout":                60000.0,
		"authenticatorSelection": asked["authenticatorSelection"],
		"attestation":            "direct",
		"extensions":             asked["extensions"],
	}, first)
	plain := d.begin("/attestation/options", object{"username": "bob", "displayName": "Bob"})
	assert.Equal(t, "none", plain["attestation"])
	assert.NotContains(t, plain, "extensions")
	assert.NotContains(t, plain, "excludeCredentials")
}

// TestRequestOptions is GetOptions-Req-1.
func TestRequestOptions(t *testing.T) {
	t.Parallel()
	d, k := registered(t, "alice")
	asked := object{"username": "alice", "userVerification": "discouraged", "extensions": object{"example.extension": true}}
	first, second := d.begin("/assertion/options", asked), d.begin("/assertion/options", asked)
	assert.NotEqual(t, first["challenge"], second["challenge"])
	delete(first, "challenge")
	assert.Equal(t, object{
		"status": "ok", "errorMessage": "", "timeout": 60000.0, "rpId": rpID, "userVerification": "discouraged",
		"allowCredentials": []any{object{"type": "public-key", "id": encode(k.id)}}, "extensions": asked["extensions"],
	}, first)
	assert.Equal(t, "preferred", d.begin("/assertion/options", object{"username": "alice"})["userVerification"])
}

// TestAlgorithms is Resp-4: self attestation and a login in each.
func TestAlgorithms(t *testing.T) {
	t.Parallel()
	d, _ := newServer(t)
	for _, alg := range Algorithms() {
		k := newDevice(t, int(alg))
		a := d.register("alice", k, object{"attestation": "direct"})
		assert.True(t, a.ok(t), "%d: %v", alg, a.body)
		a = d.logIn("alice", k)
		assert.True(t, a.ok(t), "%d: %v", alg, a.body)
	}
	excluded := d.begin("/attestation/options", object{"username": "alice", "displayName": "A"})["excludeCredentials"]
	assert.Len(t, excluded, len(Algorithms()))

	few, _ := newServer(t, func(c *Config) { c.Algorithms = []int64{-7} })
	assert.False(t, few.register("alice", newDevice(t, -257)).ok(t), "RS256 was not offered")
}

func TestOptionsThatAreRefused(t *testing.T) {
	t.Parallel()
	d, _ := registered(t, "alice")
	for name, test := range map[string]struct {
		path string
		body any
	}{
		"no name":               {"/attestation/options", object{"displayName": "A"}},
		"no display name":       {"/attestation/options", object{"username": "a"}},
		"long name":             {"/attestation/options", object{"username": strings.Repeat("a", 257), "displayName": "A"}},
		"name is a number":      {"/attestation/options", object{"username": 1, "displayName": "A"}},
		"unknown verification":  {"/attestation/options", object{"username": "a", "displayName": "A", "authenticatorSelection": object{"userVerification": "x"}}},
		"unknown attachment":    {"/attestation/options", object{"username": "a", "displayName": "A", "authenticatorSelection": object{"authenticatorAttachment": "x"}}},
		"unknown resident key":  {"/attestation/options", object{"username": "a", "displayName": "A", "authenticatorSelection": object{"residentKey": "x"}}},
		"selection is a list":   {"/attestation/options", object{"username": "a", "displayName": "A", "authenticatorSelection": []int{}}},
		"unknown attestation":   {"/attestation/options", object{"username": "a", "displayName": "A", "attestation": "x"}},
		"extensions are a list": {"/attestation/options", object{"username": "a", "displayName": "A", "extensions": []int{}}},
		"unknown user":          {"/assertion/options", object{"username": "nobody"}},
		"no user":               {"/assertion/options", object{}},
		"unknown uv":            {"/assertion/options", object{"username": "alice", "userVerification": "x"}},
		"a list":                {"/assertion/options", []int{}},
	} {
		assert.False(t, d.post(test.path, test.body).ok(t), name)
	}
	assert.Equal(t, http.StatusUnsupportedMediaType, d.send("/assertion/options", "text/plain", []byte(`{"username":"alice"}`)).status)
	assert.Equal(t, http.StatusRequestEntityTooLarge, d.send("/assertion/options", "application/json", make([]byte, maxBody+1)).status)
}

// TestResultsThatAreRefused takes one mistake of each section that is this room's own
// to see; the ceremonies have their own tests.
func TestResultsThatAreRefused(t *testing.T) {
	t.Parallel()
	of := func(member string, value any) func(*device) {
		return func(k *device) {
			k.response = func(r object) {
				if value == nil {
					delete(r, member)
					return
				}
				r[member] = value
			}
		}
	}
	within := func(member string, value any) func(*device) {
		return func(k *device) { k.response = func(r object) { r["response"].(object)[member] = value } }
	}
	binding := func(value any) func(*device) {
		return func(k *device) { k.client = func(c object) { c["tokenBinding"] = value } }
	}
	for name, spoil := range map[string]func(*device){
		"id missing":             of("id", nil),
		"id a number":            of("id", 1),
		"id empty":               of("id", ""),
		"id not base64url":       of("id", "+/+/"),
		"rawId differs":          of("rawId", "AAAA"),
		"type missing":           of("type", nil),
		"type other":             of("type", "password"),
		"type an object":         of("type", object{}),
		"response missing":       of("response", nil),
		"response a text":        of("response", "x"),
		"client data a number":   within("clientDataJSON", 1),
		"client data empty":      within("clientDataJSON", ""),
		"challenge other":        func(k *device) { k.client = func(c object) { c["challenge"] = strings.Repeat("A", 43) } },
		"origin other":           func(k *device) { k.client = func(c object) { c["origin"] = "https://evil.test" } },
		"ceremony other":         func(k *device) { k.client = func(c object) { c["type"] = "webauthn.x" } },
		"binding a text":         binding("x"),
		"binding null":           binding(nil),
		"binding without status": binding(object{}),
		"binding unknown":        binding(object{"status": "x"}),
		"binding without id":     binding(object{"status": "present"}),
		"leftover bytes":         func(k *device) { k.auth = func(b []byte) []byte { return append(b, 0) } },
		"RP ID hash":             func(k *device) { k.auth = func(b []byte) []byte { b[0] ^= 1; return b } },
		"other key":              func(k *device) { k.sign = newDevice(t, -7).sign },
	} {
		d, good := registered(t, "alice", func(c *Config) { c.TokenBinding = true })
		k := newDevice(t, -7)
		spoil(k)
		assert.False(t, d.register("bob", k).ok(t), "registration: %s", name)
		spoil(good)
		assert.False(t, d.logIn("alice", good).ok(t), "login: %s", name)
	}
	for name, value := range map[string]any{"number": 1, "object": object{}} {
		d, k := registered(t, "alice")
		within("userHandle", value)(k)
		assert.False(t, d.logIn("alice", k).ok(t), "userHandle a %s", name)
	}
}

func TestTokenBindingIsASwitch(t *testing.T) {
	t.Parallel()
	malformed := func(c object) { c["tokenBinding"] = "x" }
	d, k := registered(t, "alice")
	k.client = malformed
	assert.True(t, d.logIn("alice", k).ok(t))
	for _, status := range []object{{"status": "supported"}, {"status": "present", "id": "x"}, {"status": "not-supported"}} {
		strict, k := registered(t, "alice", func(c *Config) { c.TokenBinding = true })
		k.client = func(c object) { c["tokenBinding"] = status }
		assert.True(t, strict.logIn("alice", k).ok(t), status)
	}
}

// TestPresenceIsASwitch is Assertion Resp-3 P-4 and P-7.
func TestPresenceIsASwitch(t *testing.T) {
	t.Parallel()
	for _, quirk := range []bool{false, true} {
		d, k := registered(t, "alice", func(c *Config) { c.WithoutPresence = quirk })
		k.flags = 0
		assert.Equal(t, quirk, d.logIn("alice", k, object{"userVerification": "preferred"}).ok(t))
		assert.Equal(t, quirk, d.logIn("alice", k, object{"userVerification": "discouraged"}).ok(t))
		assert.False(t, d.logIn("alice", k, object{"userVerification": "required"}).ok(t))
	}
}

func TestUserVerification(t *testing.T) {
	t.Parallel()
	d, k := registered(t, "alice")
	k.flags = 0x01
	assert.True(t, d.logIn("alice", k).ok(t))
	assert.False(t, d.logIn("alice", k, object{"userVerification": "required"}).ok(t))
	assert.False(t, d.register("bob", k, object{"authenticatorSelection": object{"userVerification": "required"}}).ok(t))
}

func TestCounter(t *testing.T) {
	t.Parallel()
	for policy, want := range map[ceremony.CounterPolicy]bool{ceremony.CounterRefuse: false, ceremony.CounterWarn: true} {
		d, k := registered(t, "alice", func(c *Config) { c.Counter = policy })
		k.counter = 5
		assert.True(t, d.logIn("alice", k).ok(t))
		k.counter = 4
		assert.Equal(t, want, d.logIn("alice", k).ok(t))
	}
}

func TestSessions(t *testing.T) {
	t.Parallel()
	d, k := registered(t, "alice")
	other := newDevice(t, -7)
	require.True(t, d.register("bob", other).ok(t))

	assert.False(t, d.post("/assertion/result", object{}).ok(t), "nothing was begun")
	options := d.begin("/assertion/options", object{"username": "alice"})
	assert.False(t, d.other().post("/assertion/result", k.get(t, options)).ok(t), "begun in another session")
	response := k.get(t, options)
	assert.True(t, d.post("/assertion/result", response).ok(t))
	assert.False(t, d.post("/assertion/result", response).ok(t), "a replay")

	assert.False(t, d.logIn("alice", other).ok(t), "a credential that is not allowed")
	assert.False(t, d.register("carol", k).ok(t), "a credential that somebody has")
	first, second := d.other(), d.other()
	one := first.begin("/attestation/options", object{"username": "dave", "displayName": "D"})
	two := second.begin("/attestation/options", object{"username": "dave", "displayName": "D"})
	assert.True(t, first.post("/attestation/result", newDevice(t, -7).create(t, one)).ok(t))
	assert.False(t, second.post("/attestation/result", newDevice(t, -7).create(t, two)).ok(t), "the name was free when it asked")
}

func TestChallengesExpire(t *testing.T) {
	t.Parallel()
	d, at := newServer(t)
	k := newDevice(t, -7)
	options := d.begin("/attestation/options", object{"username": "alice", "displayName": "A"})
	response := k.create(t, options)
	at.now = at.now.Add(challengeLifetime + time.Millisecond)
	assert.False(t, d.post("/attestation/result", response).ok(t))
}

func TestOldSessionsAreForgotten(t *testing.T) {
	t.Parallel()
	var s sessions
	for i := range maxSessions + 1 {
		s.add(string(rune('a' + i)))
	}
	assert.Len(t, s.byToken, maxSessions)
	assert.Nil(t, s.find("a"))
	assert.NotNil(t, s.find("b"))
}

func TestConfigMistakes(t *testing.T) {
	t.Parallel()
	_, err := New(Config{})
	require.ErrorContains(t, err, "are required")
}

// FuzzServer sends hostile bodies to every endpoint: each answer is well formed, and
// none is an internal error.
func FuzzServer(f *testing.F) {
	d, k := registered(f, "alice")
	f.Add(uint8(0), []byte(`{"username":"bob","displayName":"Bob","extensions":{"a":1}}`))
	f.Add(uint8(2), []byte(`{"username":"alice"}`))
	f.Add(uint8(3), []byte(`{"id":"AA","type":"public-key","response":{"clientDataJSON":"e30"}}`))
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		d := &driver{t, d.http}
		k.create(t, d.begin("/attestation/options", object{"username": "bob", "displayName": "B"}))
		d.begin("/assertion/options", object{"username": "alice"})
		a := d.send(Paths()[int(which)%len(Paths())], "application/json", body)
		a.ok(t)
		if a.status >= http.StatusInternalServerError {
			t.Fatal(a.body)
		}
	})
}

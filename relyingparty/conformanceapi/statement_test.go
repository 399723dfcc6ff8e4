package conformanceapi

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestStatements is what single sections of the published list say of attestation
// objects that are well-formed CBOR.
func TestStatements(t *testing.T) {
	t.Parallel()
	statement := func(edit func(object)) func(*device) {
		return func(k *device) { k.stmt = func(o object) { edit(o["attStmt"].(object)) } }
	}
	whole := func(edit func(object)) func(*device) { return func(k *device) { k.stmt = edit } }
	for name, test := range map[string]struct {
		spoil func(*device)
		want  bool
	}{
		"packed self":           {func(*device) {}, true},
		"none":                  {whole(func(o object) { o["fmt"], o["attStmt"] = "none", object{} }), true},
		"none with a statement": {whole(func(o object) { o["fmt"] = "none" }), false},
		"none without attStmt":  {whole(func(o object) { o["fmt"] = "none"; delete(o, "attStmt") }), false},
		"attStmt a list":        {whole(func(o object) { o["fmt"], o["attStmt"] = "none", []int{} }), false},
		"attStmt missing":       {whole(func(o object) { delete(o, "attStmt") }), false},
		"fmt missing":           {whole(func(o object) { delete(o, "fmt") }), false},
		"fmt unknown":           {whole(func(o object) { o["fmt"] = "PACKED" }), false},
		"authData missing":      {whole(func(o object) { delete(o, "authData") }), false},
		"x5c a text":            {statement(func(s object) { s["x5c"] = "x" }), false},
		"x5c null":              {statement(func(s object) { s["x5c"] = nil }), false},
		"x5c empty":             {statement(func(s object) { s["x5c"] = []any{} }), false},
		"alg missing":           {statement(func(s object) { delete(s, "alg") }), false},
		"alg other":             {statement(func(s object) { s["alg"] = -35 }), false},
		"sig missing":           {statement(func(s object) { delete(s, "sig") }), false},
		"sig empty":             {statement(func(s object) { s["sig"] = []byte{} }), false},
	} {
		d, _ := newServer(t)
		k := newDevice(t, -7)
		test.spoil(k)
		a := d.register("alice", k, object{"attestation": "direct"})
		assert.Equal(t, test.want, a.ok(t), "%s: %v", name, a.body)
	}
}

func TestAttestedCredentialInALogin(t *testing.T) {
	t.Parallel()
	d, k := registered(t, "alice")
	credential := k.attested(t)
	k.auth = func(b []byte) []byte {
		b[32] |= 0x40
		return append(b, credential...)
	}
	assert.False(t, d.logIn("alice", k).ok(t))
}

// TestU2FWithAnAAGUID is Resp-8 F-1.
func TestU2FWithAnAAGUID(t *testing.T) {
	t.Parallel()
	for _, strict := range []bool{false, true} {
		for _, aaguid := range []byte{0, 1} {
			d, _ := newServer(t, func(c *Config) { c.ZeroAAGUID = strict })
			options := d.begin("/attestation/options", object{"username": "alice", "displayName": "A", "attestation": "direct"})
			want := !strict || aaguid == 0
			assert.Equal(t, want, d.post("/attestation/result", u2fResult(t, options, aaguid)).ok(t), "strict %v, AAGUID %d", strict, aaguid)
		}
	}
}

// u2fResult answers options with attestation of U2F (WebAuthn L3 §8.6).
func u2fResult(t testing.TB, options object, aaguid byte) object {
	t.Helper()
	k := newDevice(t, -7)
	k.flags = 0x01
	k.auth = func(b []byte) []byte { b[37] = aaguid; return b }
	batch, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "U2F"}, NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &batch.PublicKey, batch)
	require.NoError(t, err)
	client := k.clientData(t, "webauthn.create", options)
	k.stmt = func(o object) {
		rpHash, clientHash := sha256.Sum256([]byte(rpID)), sha256.Sum256(client)
		point := slices.Concat([]byte{4}, k.cose[-2].([]byte), k.cose[-3].([]byte))
		digest := sha256.Sum256(slices.Concat([]byte{0}, rpHash[:], clientHash[:], k.id, point))
		sig, err := ecdsa.SignASN1(rand.Reader, batch, digest[:])
		require.NoError(t, err)
		o["fmt"], o["attStmt"] = "fido-u2f", object{"sig": sig, "x5c": []any{certificate}}
	}
	return k.create(t, options)
}

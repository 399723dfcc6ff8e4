package conformanceapi

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"io"
	"maps"
	"math/big"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	k1 "github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/require"
)

const (
	origin = "https://auth.acme.test"
	rpID   = "auth.acme.test"
)

type object = map[string]any

// driver speaks the interface as a conformance tool does.
type driver struct {
	t    testing.TB
	http *http.Client
}

// clock is set forward by tests.
type clock struct{ now time.Time }

func newServer(t testing.TB, edit ...func(*Config)) (*driver, *clock) {
	t.Helper()
	at := &clock{time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)}
	config := Config{RPID: rpID, RPName: "Acme", Origin: origin, Clock: func() time.Time { return at.now }, Random: rand.Reader}
	for _, f := range edit {
		f(&config)
	}
	s, err := New(config)
	require.NoError(t, err)
	return newDriver(t, s), at
}

func newDriver(t testing.TB, s http.Handler) *driver {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return &driver{t, &http.Client{Transport: inProcess{s}, Jar: jar}}
}

// other is another driver of the same server.
func (d *driver) other() *driver { return newDriver(d.t, d.http.Transport.(inProcess).to) }

type inProcess struct{ to http.Handler }

func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	p.to.ServeHTTP(w, r)
	response := w.Result()
	response.Request = r
	return response, nil
}

// answer is a status and the members of the body.
type answer struct {
	status int
	body   object
}

// ok reports success, and that what is said of it is well formed.
func (a answer) ok(t testing.TB) bool {
	t.Helper()
	message, is := a.body["errorMessage"].(string)
	require.True(t, is, a.body)
	if a.status == http.StatusOK {
		require.Equal(t, "ok", a.body["status"])
		require.Empty(t, message)
		return true
	}
	require.Equal(t, "failed", a.body["status"])
	require.NotEmpty(t, message)
	return false
}

func (d *driver) post(path string, body any) answer {
	d.t.Helper()
	text, err := json.Marshal(body)
	require.NoError(d.t, err)
	return d.send(path, "application/json", text)
}

func (d *driver) send(path, contentType string, body []byte) answer {
	d.t.Helper()
	r, err := http.NewRequest(http.MethodPost, origin+path, bytes.NewReader(body))
	require.NoError(d.t, err)
	r.Header.Set("Content-Type", contentType)
	response, err := d.http.Do(r)
	require.NoError(d.t, err)
	text, err := io.ReadAll(response.Body)
	require.NoError(d.t, err)
	a := answer{status: response.StatusCode}
	require.NoError(d.t, json.Unmarshal(text, &a.body), string(text))
	return a
}

// begin asks for options and wants to get some.
func (d *driver) begin(path string, body object) object {
	d.t.Helper()
	a := d.post(path, body)
	require.True(d.t, a.ok(d.t), a.body)
	return a.body
}

func (d *driver) register(name string, k *device, more ...object) answer {
	d.t.Helper()
	body := object{"username": name, "displayName": "Somebody"}
	for _, m := range more {
		maps.Copy(body, m)
	}
	return d.post("/attestation/result", k.create(d.t, d.begin("/attestation/options", body)))
}

func (d *driver) logIn(name string, k *device, more ...object) answer {
	d.t.Helper()
	body := object{"username": name}
	for _, m := range more {
		maps.Copy(body, m)
	}
	return d.post("/assertion/result", k.get(d.t, d.begin("/assertion/options", body)))
}

// registered is a driver with one user that has one credential.
func registered(t testing.TB, name string, edit ...func(*Config)) (*driver, *device) {
	t.Helper()
	d, _ := newServer(t, edit...)
	k := newDevice(t, -7)
	require.True(t, d.register(name, k).ok(t))
	return d, k
}

// device makes credentials with self attestation in any algorithm of the published
// list. It shares no code with this module. Its fields say what to get wrong.
type device struct {
	id      []byte
	flags   byte
	counter uint32
	handle  any
	alg     int
	cose    map[int]any
	sign    func([]byte) ([]byte, error)

	client   func(object)        // edits the client data
	auth     func([]byte) []byte // edits authenticator data
	stmt     func(object)        // edits the attestation statement
	response func(object)        // edits the result
}

var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func newDevice(t testing.TB, alg int) *device {
	t.Helper()
	k := &device{id: make([]byte, 32), flags: 0x05, alg: alg}
	_, err := rand.Read(k.id)
	require.NoError(t, err)
	switch alg {
	case -7, -35, -36:
		k.ecdsa(t, map[int]elliptic.Curve{-7: elliptic.P256(), -35: elliptic.P384(), -36: elliptic.P521()}[alg],
			map[int]int{-7: 1, -35: 2, -36: 3}[alg])
	case -47:
		k.secp256k1(t)
	case -8:
		public, private, err := ed25519.GenerateKey(rand.Reader)
		require.NoError(t, err)
		k.cose = map[int]any{1: 1, 3: alg, -1: 6, -2: []byte(public)}
		k.sign = func(m []byte) ([]byte, error) { return ed25519.Sign(private, m), nil }
	default:
		k.rsa()
	}
	return k
}

func (k *device) ecdsa(t testing.TB, curve elliptic.Curve, id int) {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	require.NoError(t, err)
	point, err := key.PublicKey.Bytes()
	require.NoError(t, err)
	half := (len(point) - 1) / 2
	k.cose = map[int]any{1: 2, 3: k.alg, -1: id, -2: point[1 : 1+half], -3: point[1+half:]}
	k.sign = func(m []byte) ([]byte, error) { return ecdsa.SignASN1(rand.Reader, key, k.digest(m)) }
}

func (k *device) secp256k1(t testing.TB) {
	t.Helper()
	key, err := secp256k1.GeneratePrivateKey()
	require.NoError(t, err)
	point := key.PubKey().SerializeUncompressed()
	k.cose = map[int]any{1: 2, 3: k.alg, -1: 8, -2: point[1:33], -3: point[33:]}
	k.sign = func(m []byte) ([]byte, error) { return k1.Sign(key, k.digest(m)).Serialize(), nil }
}

func (k *device) rsa() {
	key := rsaKey()
	k.cose = map[int]any{1: 3, 3: k.alg, -1: key.N.Bytes(), -2: big.NewInt(int64(key.E)).Bytes()}
	k.sign = func(m []byte) ([]byte, error) {
		if k.alg <= -37 && k.alg >= -39 {
			return rsa.SignPSS(rand.Reader, key, k.hash(), k.digest(m), &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
		}
		return rsa.SignPKCS1v15(nil, key, k.hash(), k.digest(m))
	}
}

func (k *device) hash() crypto.Hash {
	switch k.alg {
	case -35, -38, -258:
		return crypto.SHA384
	case -36, -39, -259:
		return crypto.SHA512
	case -65535:
		return crypto.SHA1
	}
	return crypto.SHA256
}

func (k *device) digest(m []byte) []byte {
	switch k.hash() {
	case crypto.SHA384:
		sum := sha512.Sum384(m)
		return sum[:]
	case crypto.SHA512:
		sum := sha512.Sum512(m)
		return sum[:]
	case crypto.SHA1:
		sum := sha1.Sum(m)
		return sum[:]
	}
	sum := sha256.Sum256(m)
	return sum[:]
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (k *device) clientData(t testing.TB, kind string, options object) []byte {
	t.Helper()
	client := object{"type": kind, "challenge": options["challenge"], "origin": origin, "crossOrigin": false}
	if k.client != nil {
		k.client(client)
	}
	text, err := json.Marshal(client)
	require.NoError(t, err)
	return text
}

func (k *device) authData(more byte, rest []byte) []byte {
	hash := sha256.Sum256([]byte(rpID))
	data := append(binary.BigEndian.AppendUint32(append(hash[:], k.flags|more), k.counter), rest...)
	if k.auth != nil {
		data = k.auth(data)
	}
	return data
}

func (k *device) signed(t testing.TB, data, client []byte) []byte {
	t.Helper()
	hash := sha256.Sum256(client)
	signature, err := k.sign(append(append([]byte(nil), data...), hash[:]...))
	require.NoError(t, err)
	return signature
}

// attested is attestedCredentialData (WebAuthn L3 §6.5.2).
func (k *device) attested(t testing.TB) []byte {
	t.Helper()
	mode, err := cbor.CTAP2EncOptions().EncMode()
	require.NoError(t, err)
	cose, err := mode.Marshal(k.cose)
	require.NoError(t, err)
	return append(binary.BigEndian.AppendUint16(make([]byte, 16), uint16(len(k.id))), append(append([]byte(nil), k.id...), cose...)...)
}

func (k *device) create(t testing.TB, options object) object {
	t.Helper()
	mode, err := cbor.CTAP2EncOptions().EncMode()
	require.NoError(t, err)
	data, client := k.authData(0x40, k.attested(t)), k.clientData(t, "webauthn.create", options)
	statement := object{"alg": k.alg, "sig": k.signed(t, data, client)}
	format := object{"fmt": "packed", "attStmt": statement, "authData": data}
	if k.stmt != nil {
		k.stmt(format)
	}
	attestation, err := mode.Marshal(format)
	require.NoError(t, err)
	k.handle = options["user"].(object)["id"]
	return k.result(object{"clientDataJSON": encode(client), "attestationObject": encode(attestation)})
}

func (k *device) get(t testing.TB, options object) object {
	t.Helper()
	data, client := k.authData(0, nil), k.clientData(t, "webauthn.get", options)
	return k.result(object{
		"clientDataJSON": encode(client), "authenticatorData": encode(data), "signature": encode(k.signed(t, data, client)), "userHandle": "",
	})
}

func (k *device) result(response object) object {
	result := object{"id": encode(k.id), "type": "public-key", "response": response, "getClientExtensionResults": object{}}
	if k.response != nil {
		k.response(result)
	}
	return result
}

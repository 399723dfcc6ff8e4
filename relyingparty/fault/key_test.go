package fault_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"sync"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation"
)

// Flags of authenticator data (WebAuthn L3 §6.1).
const (
	up = 0x01
	uv = 0x04
	be = 0x08
	bs = 0x10
	at = 0x40
	ed = 0x80
)

// key is an authenticator with one credential, and shares no code with this module but
// for statements of attestation. Its fields say what to get wrong.
type key struct {
	id         []byte
	aaguid     []byte
	flags      byte
	counter    uint32
	handle     []byte // learnt at registration
	host       string
	cose       map[int64]any
	sign       func(message []byte) []byte
	attest     attestation.Attester // nil for none
	attestedAs string               // names what attest makes

	challenge func(string) string
	client    func(string) string                    // client data as text
	tail      []byte                                 // extensions, behind authenticator data
	auth      func([]byte) []byte                    // authenticator data before they are signed
	object    func(map[string]any)                   // attestation object
	bytes     func([]byte) []byte                    // the same, encoded
	message   func(auth, client, hash []byte) []byte // what is signed
	signature func([]byte) []byte                    // of a login
	response  func(outer, inner map[string]any)      // JSON
	text      func(string) string                    // the same as text
	results   map[string]any                         // of extensions
}

// p256 is always the same key for a name.
func p256(t testing.TB, name string) *ecdsa.PrivateKey {
	t.Helper()
	scalar := sha256.Sum256([]byte(name))
	k, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:])
	require.NoError(t, err)
	return k
}

func newKey(t testing.TB, name string) *key {
	t.Helper()
	private := p256(t, name)
	point, err := private.PublicKey.Bytes()
	require.NoError(t, err)
	id := sha256.Sum256([]byte("ID of " + name))
	copy(id[:], []byte{0xfb, 0xff, 0xbf}) // with - and _ in base64url
	return &key{
		id: id[:], aaguid: []byte("passkeylab:test "), flags: up | uv, host: host,
		cose: map[int64]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]},
		sign: func(message []byte) []byte { return signES256(t, private, message) },
	}
}

// signES256 signs with the smaller of the two numbers, and in the same way each time.
func signES256(t testing.TB, private *ecdsa.PrivateKey, message []byte) []byte {
	t.Helper()
	digest := sha256.Sum256(message)
	signature, err := private.Sign(nil, digest[:], hashOfES256)
	require.NoError(t, err)
	return lowS(t, signature)
}

var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

// asRS256 gives a key another algorithm.
func (k *key) asRS256(t testing.TB) {
	private := rsaKey()
	k.cose = map[int64]any{1: 3, 3: -257, -1: private.N.Bytes(), -2: []byte{1, 0, 1}}
	k.sign = func(message []byte) []byte {
		digest := sha256.Sum256(message)
		signature, err := rsa.SignPKCS1v15(nil, private, hashOfES256, digest[:])
		require.NoError(t, err)
		return signature
	}
}

func (k *key) asEdDSA() {
	seed := sha256.Sum256([]byte("Ed25519"))
	private := ed25519.NewKeyFromSeed(seed[:])
	k.cose = map[int64]any{1: 1, 3: -8, -1: 6, -2: []byte(private.Public().(ed25519.PublicKey))}
	k.sign = func(message []byte) []byte { return ed25519.Sign(private, message) }
}

// clientData is what the client says of a ceremony.
func (k *key) clientData(kind string, options object) []byte {
	challenge, _ := options["challenge"].(string)
	if k.challenge != nil {
		challenge = k.challenge(challenge)
	}
	text := `{"type":"` + kind + `","challenge":"` + challenge + `","origin":"` + origin + `","crossOrigin":false}`
	if k.client != nil {
		text = k.client(text)
	}
	return []byte(text)
}

func (k *key) authData(more byte, rest ...[]byte) []byte {
	hash := sha256.Sum256([]byte(k.host))
	if k.tail != nil {
		more |= ed
	}
	data := binary.BigEndian.AppendUint32(append(hash[:], k.flags|more), k.counter)
	for _, part := range append(rest, k.tail) {
		data = append(data, part...)
	}
	if k.auth != nil {
		data = k.auth(data)
	}
	return data
}

var ctap2 = func() cbor.EncMode {
	mode, err := cbor.CTAP2EncOptions().EncMode()
	if err != nil {
		panic(err)
	}
	return mode
}()

func encodeCBOR(t testing.TB, v any) []byte {
	t.Helper()
	out, err := ctap2.Marshal(v)
	require.NoError(t, err)
	return out
}

// attested is the attested credential data.
func (k *key) attested(t testing.TB) []byte {
	t.Helper()
	data := binary.BigEndian.AppendUint16(append([]byte(nil), k.aaguid...), uint16(len(k.id)))
	return append(append(data, k.id...), encodeCBOR(t, k.cose)...)
}

// create answers creation options.
func (k *key) create(t testing.TB, options object) []byte {
	t.Helper()
	if user, is := options["user"].(object); is {
		k.handle = decode(t, strings.TrimRight(user["id"].(string), "="))
	}
	auth, client := k.authData(at, k.attested(t)), k.clientData("webauthn.create", options)
	o := map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": auth}
	if k.attest != nil {
		o["fmt"], o["attStmt"] = k.attest.Format(), cbor.RawMessage(statementOf(t, k, auth, client))
	}
	if k.object != nil {
		k.object(o)
	}
	encoded := encodeCBOR(t, o)
	if k.bytes != nil {
		encoded = k.bytes(encoded)
	}
	return k.answer(t, object{
		"clientDataJSON": encode(client), "attestationObject": encode(encoded), "transports": []string{"usb"},
	})
}

// get answers request options.
func (k *key) get(t testing.TB, options object) []byte {
	t.Helper()
	auth, client := k.authData(0), k.clientData("webauthn.get", options)
	hash := sha256.Sum256(client)
	message := append(append([]byte(nil), auth...), hash[:]...)
	if k.message != nil {
		message = k.message(auth, client, hash[:])
	}
	signature := k.sign(message)
	if k.signature != nil {
		signature = k.signature(signature)
	}
	inner := object{"clientDataJSON": encode(client), "authenticatorData": encode(auth), "signature": encode(signature)}
	if k.handle != nil {
		inner["userHandle"] = encode(k.handle)
	}
	return k.answer(t, inner)
}

func (k *key) answer(t testing.TB, inner object) []byte {
	t.Helper()
	results := k.results
	if results == nil {
		results = map[string]any{}
	}
	outer := object{
		"id": encode(k.id), "rawId": encode(k.id), "type": "public-key", "getClientExtensionResults": results,
		"authenticatorAttachment": "cross-platform", "response": inner,
	}
	if k.response != nil {
		k.response(outer, inner)
	}
	text := string(marshal(t, outer))
	if k.text != nil {
		text = k.text(text)
	}
	require.NotEmpty(t, text)
	return []byte(text)
}

package browser

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"sync"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/require"
)

// softKey is an Answerer with one P-256 key: the least that makes answers which
// Chromium and bridge.js take for well-formed. Its hooks replace an answer.
type softKey struct {
	key    *ecdsa.PrivateKey
	id     []byte
	create func(context.Context, Request) (json.RawMessage, error)
	get    func(context.Context, Request) (json.RawMessage, error)

	mu       sync.Mutex
	requests []Request
	signals  []Signal
}

// newSoftKey makes a key whose credential id is name.
func newSoftKey(name string) *softKey {
	seed := sha256.Sum256([]byte(name))
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), seed[:])
	if err != nil {
		panic(err) // the names in the tests give valid keys
	}
	return &softKey{key: key, id: []byte(name)}
}

func (k *softKey) note(r Request) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.requests = append(k.requests, r)
}

func (k *softKey) seen() []Request {
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]Request(nil), k.requests...)
}

func (k *softKey) Signal(_ context.Context, s Signal) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.signals = append(k.signals, s)
	return nil
}

func (k *softKey) Create(ctx context.Context, r Request) (json.RawMessage, error) {
	k.note(r)
	if k.create != nil {
		return k.create(ctx, r)
	}
	public, err := k.key.PublicKey.Bytes()
	if err != nil {
		return nil, err
	}
	cose, err := canonical.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: public[1:33], -3: public[33:]})
	if err != nil {
		return nil, err
	}
	data := k.authenticatorData(0x45) // UP, UV, AT
	data = append(data, make([]byte, 16)...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(k.id)))
	data = append(append(data, k.id...), cose...)
	object, err := canonical.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})
	if err != nil {
		return nil, err
	}
	spki, err := x509.MarshalPKIXPublicKey(&k.key.PublicKey)
	if err != nil {
		return nil, err
	}
	return k.credential(map[string]any{
		"clientDataJSON":     b64(clientData("webauthn.create", r)),
		"attestationObject":  b64(object),
		"authenticatorData":  b64(data),
		"publicKey":          b64(spki),
		"publicKeyAlgorithm": -7,
		"transports":         []string{"internal"},
	})
}

func (k *softKey) Get(ctx context.Context, r Request) (json.RawMessage, error) {
	k.note(r)
	if k.get != nil {
		return k.get(ctx, r)
	}
	client := clientData("webauthn.get", r)
	data := k.authenticatorData(0x05)
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(append(data, hash[:]...))
	signature, err := k.key.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	return k.credential(map[string]any{
		"clientDataJSON":    b64(client),
		"authenticatorData": b64(data),
		"signature":         b64(signature),
		"userHandle":        b64([]byte("alice")),
	})
}

func (k *softKey) authenticatorData(flags byte) []byte {
	rp := sha256.Sum256([]byte("localhost"))
	return append(rp[:], flags, 0, 0, 0, 0)
}

func (k *softKey) credential(response map[string]any) (json.RawMessage, error) {
	return json.Marshal(map[string]any{
		"id": b64(k.id), "rawId": b64(k.id), "type": "public-key", "response": response,
		"authenticatorAttachment": "platform", "clientExtensionResults": map[string]any{},
	})
}

func clientData(kind string, r Request) []byte {
	var options struct{ Challenge string }
	if json.Unmarshal(r.Options, &options) != nil {
		return nil
	}
	return fmt.Appendf(nil, `{"type":%q,"challenge":%q,"origin":%q}`, kind, options.Challenge, r.Origin)
}

// canonical encodes as CTAP2 demands; Chromium refuses anything else.
var canonical, _ = cbor.CTAP2EncOptions().EncMode()

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func unb64(t testing.TB, s string) []byte {
	b, err := base64.RawURLEncoding.DecodeString(s)
	require.NoError(t, err)
	return b
}

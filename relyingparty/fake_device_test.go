package relyingparty

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/require"
)

// Flags of authenticator data (WebAuthn L3 §6.1).
const (
	flagUP = 0x01
	flagUV = 0x04
	flagBE = 0x08
	flagBS = 0x10
	flagAT = 0x40
)

// fakeDevice makes just enough of a passkey to try the relying party with, and shares
// no code with the module's own authenticator. Its fields say what to get wrong.
type fakeDevice struct {
	key        *ecdsa.PrivateKey
	id         []byte
	handle     []byte // sent with assertions; learnt at registration
	rpID       string
	origin     string
	flags      byte
	counter    uint32
	attachment string

	clientData func(map[string]any)          // edits the client data
	clientText func(string) string           // edits the client data as text
	text       func(string) string           // edits the response JSON as text
	cose       func(map[int]any)             // edits the public key
	authData   func([]byte) []byte           // edits authenticator data before signing
	sign       func(signature []byte) []byte // edits the signature
	answer     func(map[string]any)          // edits the response JSON
}

func newDevice(t testing.TB, origin, rpID string) *fakeDevice {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	id := make([]byte, 32)
	_, err = rand.Read(id)
	require.NoError(t, err)
	return &fakeDevice{key: key, id: id, rpID: rpID, origin: origin, flags: flagUP | flagUV, attachment: "platform"}
}

// options is what the device reads of creation and request options.
type options struct {
	PublicKey struct {
		Challenge string `json:"challenge"`
		User      struct {
			ID string `json:"id"`
		} `json:"user"`
	} `json:"publicKey"`
}

// create answers creation options.
func (d *fakeDevice) create(t testing.TB, raw []byte) []byte {
	t.Helper()
	var o options
	require.NoError(t, json.Unmarshal(raw, &o))
	handle, err := base64.RawURLEncoding.DecodeString(o.PublicKey.User.ID)
	require.NoError(t, err)
	d.handle = handle
	attested := binary.BigEndian.AppendUint16(make([]byte, 16), uint16(len(d.id)))
	attested = append(append(attested, d.id...), d.publicKey(t)...)
	data := d.authenticatorData(flagAT, attested)
	object, err := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})
	require.NoError(t, err)
	return d.respond(t, map[string]any{
		"clientDataJSON":    encode(d.clientDataJSON(t, "webauthn.create", o.PublicKey.Challenge)),
		"attestationObject": encode(object),
		"transports":        []string{"internal"},
	})
}

// get answers request options.
func (d *fakeDevice) get(t testing.TB, raw []byte) []byte {
	t.Helper()
	var o options
	require.NoError(t, json.Unmarshal(raw, &o))
	if d.counter > 0 {
		d.counter++
	}
	data, client := d.authenticatorData(0, nil), d.clientDataJSON(t, "webauthn.get", o.PublicKey.Challenge)
	response := map[string]any{
		"clientDataJSON":    encode(client),
		"authenticatorData": encode(data),
		"signature":         encode(d.signature(t, data, client)),
	}
	if d.handle != nil {
		response["userHandle"] = encode(d.handle)
	}
	return d.respond(t, response)
}

func (d *fakeDevice) respond(t testing.TB, response map[string]any) []byte {
	t.Helper()
	answer := map[string]any{
		"id":                      encode(d.id),
		"rawId":                   encode(d.id),
		"type":                    "public-key",
		"authenticatorAttachment": d.attachment,
		"clientExtensionResults":  map[string]any{},
		"response":                response,
	}
	if d.answer != nil {
		d.answer(answer)
	}
	body, err := json.Marshal(answer)
	require.NoError(t, err)
	if d.text != nil {
		body = []byte(d.text(string(body)))
	}
	return body
}

func (d *fakeDevice) clientDataJSON(t testing.TB, ceremony, challenge string) []byte {
	t.Helper()
	client := map[string]any{"type": ceremony, "challenge": challenge, "origin": d.origin, "crossOrigin": false}
	if d.clientData != nil {
		d.clientData(client)
	}
	text, err := json.Marshal(client)
	require.NoError(t, err)
	if d.clientText != nil {
		text = []byte(d.clientText(string(text)))
	}
	return text
}

func (d *fakeDevice) authenticatorData(more byte, rest []byte) []byte {
	hash := sha256.Sum256([]byte(d.rpID))
	data := binary.BigEndian.AppendUint32(append(hash[:], d.flags|more), d.counter)
	data = append(data, rest...)
	if d.authData != nil {
		data = d.authData(data)
	}
	return data
}

func (d *fakeDevice) signature(t testing.TB, data, client []byte) []byte {
	t.Helper()
	clientHash := sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte(nil), data...), clientHash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, d.key, digest[:])
	require.NoError(t, err)
	if d.sign != nil {
		signature = d.sign(signature)
	}
	return signature
}

// publicKey is the COSE_Key of the device: EC2, ES256, P-256.
func (d *fakeDevice) publicKey(t testing.TB) []byte {
	t.Helper()
	point, err := d.key.PublicKey.Bytes()
	require.NoError(t, err)
	key := map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]}
	if d.cose != nil {
		d.cose(key)
	}
	mode, err := cbor.CTAP2EncOptions().EncMode()
	require.NoError(t, err)
	encoded, err := mode.Marshal(key)
	require.NoError(t, err)
	return encoded
}

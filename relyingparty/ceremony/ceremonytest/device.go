// Package ceremonytest has a passkey for tests of relying parties: one that shares no
// code with the devices of this module, and gets wrong whatever a test wants it to.
//
// It must never know what it is tested with.
package ceremonytest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"

	"github.com/fxamacker/cbor/v2"

	"github.com/passkeylab/passkeylab/internal/contract"
)

// Flags of authenticator data (WebAuthn L3 §6.1).
const (
	FlagUP = 0x01
	FlagUV = 0x04
	FlagBE = 0x08
	FlagBS = 0x10
	FlagAT = 0x40
)

// Device makes just enough of a passkey to try the relying party with, and shares
// no code with the module's own authenticator. Its fields say what to get wrong.
type Device struct {
	Key        *ecdsa.PrivateKey
	ID         []byte
	Handle     []byte // sent with assertions; learnt at registration
	RPID       string
	Origin     string
	Flags      byte
	Counter    uint32
	Attachment string

	ClientData func(map[string]any)          // edits the client data
	ClientText func(string) string           // edits the client data as text
	Text       func(string) string           // edits the response JSON as text
	COSE       func(map[int]any)             // edits the public key
	AuthData   func([]byte) []byte           // edits authenticator data before signing
	Sign       func(signature []byte) []byte // edits the signature
	Answer     func(map[string]any)          // edits the response JSON
}

// NewDevice returns a platform authenticator with a passkey for an RP ID, whose user is
// there and verified.
func NewDevice(t contract.Reporter, origin, rpID string) *Device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	id := make([]byte, 32)
	_, err = rand.Read(id)
	must(t, err)
	return &Device{Key: key, ID: id, RPID: rpID, Origin: origin, Flags: FlagUP | FlagUV, Attachment: "platform"}
}

// Options is what a device reads of creation and request options.
type Options struct {
	PublicKey struct {
		Challenge string `json:"challenge"`
		User      struct {
			ID string `json:"id"`
		} `json:"user"`
	} `json:"publicKey"`
}

// Create answers creation options.
func (d *Device) Create(t contract.Reporter, raw []byte) []byte {
	t.Helper()
	var o Options
	must(t, json.Unmarshal(raw, &o))
	handle, err := base64.RawURLEncoding.DecodeString(o.PublicKey.User.ID)
	must(t, err)
	d.Handle = handle
	attested := binary.BigEndian.AppendUint16(make([]byte, 16), uint16(len(d.ID)))
	attested = append(append(attested, d.ID...), d.PublicKey(t)...)
	data := d.authenticatorData(FlagAT, attested)
	object, err := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})
	must(t, err)
	return d.respond(t, map[string]any{
		"clientDataJSON":    base64.RawURLEncoding.EncodeToString(d.clientDataJSON(t, "webauthn.create", o.PublicKey.Challenge)),
		"attestationObject": base64.RawURLEncoding.EncodeToString(object),
		"transports":        []string{"internal"},
	})
}

// Get answers request options.
func (d *Device) Get(t contract.Reporter, raw []byte) []byte {
	t.Helper()
	var o Options
	must(t, json.Unmarshal(raw, &o))
	if d.Counter > 0 {
		d.Counter++
	}
	data, client := d.authenticatorData(0, nil), d.clientDataJSON(t, "webauthn.get", o.PublicKey.Challenge)
	response := map[string]any{
		"clientDataJSON":    base64.RawURLEncoding.EncodeToString(client),
		"authenticatorData": base64.RawURLEncoding.EncodeToString(data),
		"signature":         base64.RawURLEncoding.EncodeToString(d.signature(t, data, client)),
	}
	if d.Handle != nil {
		response["userHandle"] = base64.RawURLEncoding.EncodeToString(d.Handle)
	}
	return d.respond(t, response)
}

func (d *Device) respond(t contract.Reporter, response map[string]any) []byte {
	t.Helper()
	answer := map[string]any{
		"id":                      base64.RawURLEncoding.EncodeToString(d.ID),
		"rawId":                   base64.RawURLEncoding.EncodeToString(d.ID),
		"type":                    "public-key",
		"authenticatorAttachment": d.Attachment,
		"clientExtensionResults":  map[string]any{},
		"response":                response,
	}
	if d.Answer != nil {
		d.Answer(answer)
	}
	body, err := json.Marshal(answer)
	must(t, err)
	if d.Text != nil {
		body = []byte(d.Text(string(body)))
	}
	return body
}

func (d *Device) clientDataJSON(t contract.Reporter, ceremony, challenge string) []byte {
	t.Helper()
	client := map[string]any{"type": ceremony, "challenge": challenge, "origin": d.Origin, "crossOrigin": false}
	if d.ClientData != nil {
		d.ClientData(client)
	}
	text, err := json.Marshal(client)
	must(t, err)
	if d.ClientText != nil {
		text = []byte(d.ClientText(string(text)))
	}
	return text
}

func (d *Device) authenticatorData(more byte, rest []byte) []byte {
	hash := sha256.Sum256([]byte(d.RPID))
	data := binary.BigEndian.AppendUint32(append(hash[:], d.Flags|more), d.Counter)
	data = append(data, rest...)
	if d.AuthData != nil {
		data = d.AuthData(data)
	}
	return data
}

func (d *Device) signature(t contract.Reporter, data, client []byte) []byte {
	t.Helper()
	clientHash := sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte(nil), data...), clientHash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, d.Key, digest[:])
	must(t, err)
	if d.Sign != nil {
		signature = d.Sign(signature)
	}
	return signature
}

// PublicKey is the COSE_Key of the device: EC2, ES256, P-256.
func (d *Device) PublicKey(t contract.Reporter) []byte {
	t.Helper()
	point, err := d.Key.PublicKey.Bytes()
	must(t, err)
	key := map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]}
	if d.COSE != nil {
		d.COSE(key)
	}
	mode, err := cbor.CTAP2EncOptions().EncMode()
	must(t, err)
	encoded, err := mode.Marshal(key)
	must(t, err)
	return encoded
}

// must ends the test that a device cannot go on with.
func must(t contract.Reporter, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("ceremonytest: %v", err)
		t.FailNow()
	}
}

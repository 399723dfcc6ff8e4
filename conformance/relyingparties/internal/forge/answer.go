package forge

import (
	"crypto/sha256"

	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
)

// Ceremony is what both kinds of answer are made for.
type Ceremony struct {
	Type      string // of the client data
	Challenge string // as it came in the options
	Origin    string
	RPID      string
	// Results is what clientExtensionResults has, under the name Named.
	Results Object
	Named   string
}

func (c *Ceremony) client(change Change) []byte {
	members := Object{{"type", c.Type}, {"challenge", c.Challenge}, {"origin", c.Origin}, {"crossOrigin", false}}
	return apply(change.ClientJSON, apply(change.Client, members).JSON())
}

func (c *Ceremony) auth(change Change, auth AuthData) []byte {
	sum := sha256.Sum256([]byte(c.RPID))
	auth.RPIDHash = sum[:]
	if change.Auth != nil {
		change.Auth(&auth)
	}
	return apply(change.AuthBytes, auth.Bytes())
}

// wrap puts the members of "response" into the JSON of WebAuthn L3 §5.1.
func (c *Ceremony) wrap(change Change, id []byte, response Object) []byte {
	results := c.Results
	if results == nil {
		results = Object{}
	}
	body := Object{
		{"id", Base64(id)}, {"rawId", Base64(id)}, {"response", apply(change.Response, response)},
		{"authenticatorAttachment", "cross-platform"}, {c.Named, results}, {"type", "public-key"},
	}
	return apply(change.Text, apply(change.Body, body).JSON())
}

// The types of client data (WebAuthn L3 §5.8.1).
const (
	Create = "webauthn.create"
	Get    = "webauthn.get"
)

// Registration answers creation options.
type Registration struct {
	Ceremony
	Key        *Key
	ID         []byte
	AAGUID     [16]byte
	Flags      byte // AT is added
	Count      uint32
	Transports []string
}

// Answer makes the JSON of the answer (WebAuthn L3 §5.1.3).
func (r *Registration) Answer(change Change) ([]byte, error) {
	client := r.client(change)
	hash := sha256.Sum256(client)
	key := apply(change.KeyBytes, cbor.Encode(apply(change.Key, r.Key.Public)))
	auth := r.auth(change, AuthData{Flags: r.Flags | AT, Count: r.Count, Attested: &Attested{AAGUID: r.AAGUID, ID: r.ID, Key: key}})
	format, statement := "none", any(cbor.Map{})
	if change.Attest != nil {
		var err error
		if format, statement, err = change.Attest(auth, hash[:]); err != nil {
			return nil, err
		}
	}
	object := cbor.Map{{Key: "fmt", Value: format}, {Key: "attStmt", Value: statement}, {Key: "authData", Value: auth}}
	encoded := apply(change.ObjectBytes, cbor.Encode(apply(change.Object, object)))
	transports := r.Transports
	if transports == nil {
		transports = []string{"usb"}
	}
	return r.wrap(change, r.ID, Object{{"clientDataJSON", Base64(client)}, {"attestationObject", Base64(encoded)}, {"transports", transports}}), nil
}

// Login answers request options.
type Login struct {
	Ceremony
	Key        *Key
	ID         []byte
	UserHandle []byte // nil = left out
	Flags      byte
	Count      uint32
}

// Answer makes the JSON of the answer (WebAuthn L3 §5.1.4).
func (l *Login) Answer(change Change) []byte {
	client := l.client(change)
	hash := sha256.Sum256(client)
	auth := l.auth(change, AuthData{Flags: l.Flags, Count: l.Count})
	sign := l.Key.Sign
	if change.Sign != nil {
		sign = change.Sign
	}
	message := apply(change.Message, append(append([]byte{}, auth...), hash[:]...))
	signature := apply(change.Signature, sign(message))
	response := Object{{"clientDataJSON", Base64(client)}, {"authenticatorData", Base64(auth)}, {"signature", Base64(signature)}}
	if l.UserHandle != nil {
		response = append(response, Member{"userHandle", Base64(l.UserHandle)})
	}
	return l.wrap(change, l.ID, response)
}

// Self makes packed statements by the credential's own key (WebAuthn L3 §8.2).
func Self(key *Key) Attest {
	return func(authData, clientDataHash []byte) (string, any, error) {
		return "packed", cbor.Map{{Key: "alg", Value: key.Algorithm}, {Key: "sig", Value: key.Sign(append(append([]byte{}, authData...), clientDataHash...))}}, nil
	}
}

package cxf

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/webauthn"
)

const (
	typePasskey   = "passkey"
	hmacAlgorithm = "hmac-sha256"
	hmacSecret    = 32   // bytes
	maxKey        = 8192 // bytes of PKCS #8
	maxUserHandle = 64   // bytes (WebAuthn L3 §5.4.3)
	maxRPID       = 253  // bytes of a domain (RFC 1035 §3.1)
)

// domain is what RP IDs look like, as browsers send them (WebAuthn L3 §5.1.2).
var domain = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$`)

// credential reads one credential of an item. What it is its type says, which may
// come after all else, so it is looked for first.
func (r *reader) credential(in *Item) {
	before := r.json.Problems()
	kind, read := r.json.TypeOf("type", maxText)
	switch {
	case kind == typePasskey:
		if c := r.passkey(); r.json.Problems() == before {
			in.Passkeys = append(in.Passkeys, c)
		}
	case read:
		if r.doc.Others == nil {
			r.doc.Others = make(map[string]int)
		}
		r.doc.Others[kind]++
		r.json.Skip()
	}
}

// passkey reads a passkey (CXF 1.0 §3.3.11). Its counter is zero, and stays so.
func (r *reader) passkey() *authenticator.Credential {
	c := &authenticator.Credential{Discoverable: true}
	var dropped []string
	r.json.Object([]string{"credentialId", "rpId", "username", "userDisplayName", "userHandle", "key"}, map[string]func(){
		"type":            func() { r.json.String(maxText) },
		"credentialId":    func() { c.ID = r.credentialID() },
		"rpId":            func() { c.RPID = r.rpID() },
		"username":        func() { c.User.Name = r.json.String(maxText) },
		"userDisplayName": func() { c.User.DisplayName = r.json.String(maxText) },
		"userHandle":      func() { c.User.ID = r.json.Base64URL(1, maxUserHandle) },
		"key":             func() { r.key(c) },
		"fido2Extensions": func() { c.Extras, dropped = r.extensions() },
	}, nil)
	for _, what := range dropped {
		r.doc.Dropped = append(r.doc.Dropped, Dropped{c.RPID, c.ID, what})
	}
	return c
}

func (r *reader) credentialID() []byte {
	id := r.json.Base64URL(1, webauthn.MaxCredentialID)
	if id != nil && r.passkeys[string(id)] {
		r.json.Problem("another passkey has this credentialId")
	}
	r.passkeys[string(id)] = true
	return id
}

func (r *reader) rpID() string {
	before := r.json.Problems()
	id := r.json.String(maxRPID)
	if r.json.Problems() == before && !domain.MatchString(id) {
		r.json.Problem("%q is no RP ID", id)
	}
	return id
}

func (r *reader) key(c *authenticator.Credential) {
	der := r.json.Base64URL(1, maxKey)
	if der == nil {
		return
	}
	if err := c.SetPKCS8(der); err != nil {
		r.json.Problem("%s", err)
	}
}

// extensions reads Fido2Extensions (CXF 1.0 §3.3.11.1). It returns nil for none.
func (r *reader) extensions() (kept *authenticator.Extras, dropped []string) {
	var e authenticator.Extras
	r.json.Object(nil, map[string]func(){
		"hmacCredentials": func() {
			algorithm, secrets := r.hmacCredentials()
			if e.CredRandom = secrets; secrets == nil {
				dropped = append(dropped, fmt.Sprintf("hmacCredentials of the algorithm %q", algorithm))
			}
		},
		"credBlob":  func() { e.CredBlob = r.json.Base64URL(0, maxCredBlob) },
		"largeBlob": func() { r.largeBlob(&e) },
		"payments":  func() { e.ThirdPartyPayment = r.json.Bool() },
	}, func(name string) { dropped = append(dropped, "extension "+name) })
	if len(e.CredBlob) == 0 {
		e.CredBlob = nil
	}
	slices.Sort(dropped)
	if e.CredRandom == nil && e.CredBlob == nil && !e.ThirdPartyPayment && !e.TakesLargeBlob {
		return nil, dropped
	}
	return &e, dropped
}

// hmacCredentials are CredRandomWithUV and CredRandomWithoutUV (CTAP 2.3 §12.7).
// Of an algorithm that nobody knows they are passed over, and the passkey works
// without.
func (r *reader) hmacCredentials() (algorithm string, secrets authenticator.Secret) {
	var with, without []byte
	r.json.Object([]string{"algorithm", "credWithUV", "credWithoutUV"}, map[string]func(){
		"algorithm":     func() { algorithm = r.json.String(maxText) },
		"credWithUV":    func() { with = r.json.Base64URL(1, maxText) },
		"credWithoutUV": func() { without = r.json.Base64URL(1, maxText) },
	}, nil)
	if algorithm != hmacAlgorithm {
		return algorithm, nil
	}
	if len(with) != hmacSecret || len(without) != hmacSecret {
		r.json.Problem("secrets of %d and %d bytes, want %d", len(with), len(without), hmacSecret)
	}
	return algorithm, slices.Concat(with, without)
}

// largeBlob is DEFLATE data with its size before, which the data must not exceed.
func (r *reader) largeBlob(e *authenticator.Extras) {
	r.json.Object([]string{"uncompressedSize", "data"}, map[string]func(){
		"uncompressedSize": func() { e.LargeBlobSize = r.json.Uint(64) },
		"data":             func() { e.LargeBlob = r.json.Base64URL(1, maxLargeBlob) },
	}, nil)
	if e.LargeBlob == nil {
		return
	}
	e.TakesLargeBlob = true
	if err := checkBlob(e.LargeBlob, e.LargeBlobSize); err != nil {
		r.json.Problem("%s", err)
	}
}

// checkBlob refuses data that is not what it says, and does not inflate more of it
// than it says.
func checkBlob(data []byte, size uint64) error {
	if size > maxInflated {
		return fmt.Errorf("%d bytes before compression, at most %d are read", size, maxInflated)
	}
	from := bytes.NewReader(data)
	n, err := io.Copy(io.Discard, io.LimitReader(flate.NewReader(from), int64(size)+1))
	switch {
	case err != nil:
		return fmt.Errorf("not DEFLATE data: %w", err)
	case uint64(n) != size:
		return fmt.Errorf("inflates to other than %d bytes", size)
	case from.Len() > 0:
		return errors.New("something follows the DEFLATE data")
	}
	return nil
}

// Package webdriver reads and writes passkeys as the virtual authenticators of
// browsers know them: JSON with keys in PKCS #8, as WebDriver's Add Credential and
// Get Credentials have it (WebAuthn L3 §11.5, §11.6), and Chromium's DevTools
// Protocol, whose WebAuthn.Credential has the same members.
//
// It owns the text. A text is read wholly or not at all. It must never know a
// browser, nor how the text gets there.
package webdriver

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/jsondoc"
	"github.com/passkeylab/passkeylab/webauthn"
)

// MaxBytes is the longest text that is read.
const MaxBytes = 16 << 20

const (
	maxCredentials = 10_000
	maxRPID        = 253      // bytes of a domain (RFC 1035 §3.1)
	maxText        = 1024     // bytes of a name
	maxKey         = 8192     // bytes of PKCS #8
	maxUserHandle  = 64       // bytes (WebAuthn L3 §5.4.3)
	maxLargeBlob   = 64 << 10 // bytes before compression
)

// ErrText says that a text was refused. It comes as an [*Error].
var ErrText = jsondoc.ErrDocument

// Error lists everything that is wrong with a text.
type Error = jsondoc.Error

// Read reads an array of credentials. Where anything is wrong it returns an
// [*Error] that names all of it, and nothing else. Bytes may be in base64url, as
// WebDriver has them, or in base64, as DevTools has them.
func Read(text []byte) ([]*authenticator.Credential, error) {
	all := []*authenticator.Credential{}
	err := jsondoc.Read(text, MaxBytes, func(json *jsondoc.Reader) {
		r := reader{json: json, ids: make(map[string]bool)}
		json.Array(maxCredentials, func() { all = append(all, r.credential()) })
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

type reader struct {
	json *jsondoc.Reader
	ids  map[string]bool
}

func (r *reader) credential() *authenticator.Credential {
	c := new(authenticator.Credential)
	var blob []byte
	r.json.Object([]string{"credentialId", "isResidentCredential", "rpId", "privateKey", "signCount"}, map[string]func(){
		"credentialId":         func() { c.ID = r.id() },
		"isResidentCredential": func() { c.Discoverable = r.json.Bool() },
		"rpId":                 func() { c.RPID = r.rpID() },
		"privateKey":           func() { r.key(c) },
		"userHandle":           func() { c.User.ID = r.optional(0, maxUserHandle) },
		"signCount":            func() { c.SignCount = uint32(r.json.Uint(32)) },
		"largeBlob":            func() { blob = r.optional(0, maxLargeBlob) },
		"backupEligibility":    func() { c.BackupEligible = r.json.Bool() },
		"backupState":          func() { c.BackedUp = r.json.Bool() },
		"userName":             func() { c.User.Name = r.json.String(maxText) },
		"userDisplayName":      func() { c.User.DisplayName = r.json.String(maxText) },
	}, nil)
	switch {
	case c.Discoverable && len(c.User.ID) == 0:
		r.json.Problem("is resident and has no userHandle")
	case c.BackedUp && !c.BackupEligible:
		r.json.Problem("is backed up and not eligible for it (WebAuthn L3 §6.1.3)")
	}
	if blob != nil {
		c.Extras = &authenticator.Extras{TakesLargeBlob: true, LargeBlob: deflate(blob), LargeBlobSize: uint64(len(blob))}
	}
	return c
}

// optional reads bytes for which some writers put null.
func (r *reader) optional(least, most int) []byte {
	if r.json.Null() {
		return nil
	}
	return r.json.AnyBase64(least, most)
}

func (r *reader) id() []byte {
	id := r.json.AnyBase64(1, webauthn.MaxCredentialID)
	if id != nil && r.ids[string(id)] {
		r.json.Problem("another credential has this credentialId")
	}
	r.ids[string(id)] = true
	return id
}

func (r *reader) rpID() string {
	before := r.json.Problems()
	id := r.json.String(maxRPID)
	if id == "" && r.json.Problems() == before {
		r.json.Problem("is no RP ID")
	}
	return id
}

func (r *reader) key(c *authenticator.Credential) {
	der := r.json.AnyBase64(1, maxKey)
	if der == nil {
		return
	}
	if err := c.SetPKCS8(der); err != nil {
		r.json.Problem("%s", err)
	}
}

func deflate(blob []byte) []byte {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.DefaultCompression)
	if err == nil {
		_, err = w.Write(blob)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err) // a buffer takes everything
	}
	return out.Bytes()
}

// Note tells of a credential, or a part of one, that was not written.
type Note struct {
	RPID string
	ID   []byte
	What string
}

func (n Note) String() string { return fmt.Sprintf("credential %x for %q: %s", n.ID, n.RPID, n.What) }

// Report is what became of credentials that were to be written.
type Report struct {
	Written int
	LeftOut []Note // whole ones, whose key the format cannot carry
	Dropped []Note // parts of those that were written
}

// Write writes credentials as an array, indented, with bytes in base64url. Device-
// bound ones and those that count are among them: this is for moving devices into
// browsers, not passkeys between providers.
func Write(credentials ...*authenticator.Credential) ([]byte, Report, error) {
	var report Report
	out := []credentialJSON{}
	for _, c := range credentials {
		key, err := c.PortableKey()
		if err != nil {
			report.LeftOut = append(report.LeftOut, Note{c.RPID, c.ID, err.Error()})
			continue
		}
		out = append(out, credentialJSON{
			ID: c.ID, Resident: c.Discoverable, RPID: c.RPID, Key: key, UserHandle: c.User.ID, SignCount: c.SignCount, LargeBlob: report.blob(c),
			BackupEligible: c.BackupEligible, BackedUp: c.BackedUp, Name: c.User.Name, DisplayName: c.User.DisplayName,
		})
		report.Written++
		report.drop(c, key)
	}
	text, err := jsondoc.Write(out)
	if err != nil {
		return nil, Report{}, err
	}
	if _, err := Read(text); err != nil {
		return nil, Report{}, fmt.Errorf("webdriver: what was written cannot be read: %w", err)
	}
	return text, report, nil
}

// blob is the large blob as it was before compression.
func (r *Report) blob(c *authenticator.Credential) *encoded {
	if c.Extras == nil || c.Extras.LargeBlob == nil {
		return nil
	}
	plain, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(c.Extras.LargeBlob)), maxLargeBlob+1))
	if err == nil && len(plain) > maxLargeBlob {
		err = errors.New("is too long")
	}
	if err != nil {
		r.Dropped = append(r.Dropped, Note{c.RPID, c.ID, "its large blob: " + err.Error()})
		return nil
	}
	return (*encoded)(&plain)
}

// drop notes what the members have no room for.
func (r *Report) drop(c *authenticator.Credential, key []byte) {
	if c.Extras == nil {
		return
	}
	for what, lost := range map[string]bool{
		"its credBlob": len(c.Extras.CredBlob) > 0,
		"its key into the large-blob array of its device":   len(c.Extras.LargeBlobKey) > 0,
		"that it serves payments of third parties":          c.Extras.ThirdPartyPayment,
		"its level of credProtect":                          c.Extras.CredProtect > ctap.UserVerificationOptional,
		"its secrets for prf, which come out as other ones": !sameSecrets(c, key),
	} {
		if lost {
			r.Dropped = append(r.Dropped, Note{c.RPID, c.ID, what})
		}
	}
	slices.SortStableFunc(r.Dropped, func(a, b Note) int { return bytes.Compare([]byte(a.What), []byte(b.What)) })
}

// sameSecrets reports whether whoever reads the key derives the secrets that c has.
func sameSecrets(c *authenticator.Credential, key []byte) bool {
	read := &authenticator.Credential{Algorithm: c.Algorithm}
	if read.SetPKCS8(key) != nil {
		return false
	}
	with, without, err := c.HMACSecrets()
	readWith, readWithout, readErr := read.HMACSecrets()
	return err == nil && readErr == nil && bytes.Equal(with, readWith) && bytes.Equal(without, readWithout)
}

// encoded is written in base64url without padding.
type encoded []byte

// MarshalText implements encoding.TextMarshaler.
func (e encoded) MarshalText() ([]byte, error) {
	return base64.RawURLEncoding.AppendEncode(nil, e), nil
}

// credentialJSON has the members in the order of the text.
type credentialJSON struct {
	ID             encoded  `json:"credentialId"`
	Resident       bool     `json:"isResidentCredential"`
	RPID           string   `json:"rpId"`
	Key            encoded  `json:"privateKey"`
	UserHandle     encoded  `json:"userHandle,omitempty"`
	SignCount      uint32   `json:"signCount"`
	LargeBlob      *encoded `json:"largeBlob,omitempty"`
	BackupEligible bool     `json:"backupEligibility"`
	BackedUp       bool     `json:"backupState"`
	Name           string   `json:"userName,omitempty"`
	DisplayName    string   `json:"userDisplayName,omitempty"`
}

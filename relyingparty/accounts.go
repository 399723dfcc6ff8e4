package relyingparty

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/mail"
	"strings"
	"unicode"

	"github.com/passkeylab/passkeylab/internal/printable"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

const (
	maxEmail       = 254 // RFC 5321 §4.5.3.1.3
	userHandleSize = 32
	tokenSize      = 32
	recordIDSize   = 12 // behind "dev_" in the IDs of passkeys and second factors
)

// validEmail accepts a plain address: no display name, comment or quoting.
func validEmail(s string) bool {
	if len(s) > maxEmail || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return false
	}
	parsed, err := mail.ParseAddress(s)
	if err != nil || parsed.Address != s {
		return false
	}
	local, domain, _ := strings.Cut(s, "@")
	return len(local) <= 64 && !strings.ContainsAny(s, `"[]`) && !strings.Contains(domain, "@")
}

// checkEmail says what is wrong with an address that was typed; nil for nothing.
func checkEmail(email string) *problem {
	switch {
	case email == "":
		return fail(problemNoEmail)
	case !validEmail(email):
		return fail(problemInvalidEmail)
	}
	return nil
}

// emailKey is the form in which addresses are compared.
func emailKey(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// newUser makes an account that is not stored yet. handle may be given when a
// passkey was made for it already.
func (v *visit) newUser(n newcomer, handle []byte) (store.User, error) {
	id, err := v.site.draw(recordIDSize)
	if err != nil {
		return store.User{}, err
	}
	if handle == nil {
		if handle, err = v.drawHandle(n.name()); err != nil {
			return store.User{}, err
		}
	}
	profile, err := json.Marshal(n.profile)
	if err != nil {
		return store.User{}, err
	}
	return store.User{
		ID:       "auth0|" + hex.EncodeToString(id),
		Handle:   handle,
		Email:    n.email,
		EmailKey: emailKey(n.email),
		Created:  v.now,
		Profile:  profile,

		Identifiers: v.reserved(n),
	}, nil
}

// reserved are the names that an account is to be found by beside its email address.
func (v *visit) reserved(n newcomer) (all []store.Identifier) {
	for _, id := range v.policy.Tenant.identifiers().of(n) {
		if id.kind != store.ByEmail {
			all = append(all, store.Identifier{Kind: id.kind, Key: id.key})
		}
	}
	return all
}

// newPasskey makes the record of a freshly verified credential.
func (v *visit) newPasskey(userID string, c ceremony.Credential) (store.Passkey, error) {
	id, err := v.site.draw(recordIDSize)
	if err != nil {
		return store.Passkey{}, err
	}
	return store.Passkey{
		ID:             passkeyIDPrefix + "dev_" + encode(id),
		UserID:         userID,
		CredentialID:   c.ID,
		PublicKey:      c.PublicKey,
		SignCount:      c.SignCount,
		BackupEligible: c.BackupEligible,
		BackedUp:       c.BackedUp,
		UserVerified:   c.UserVerified,
		AAGUID:         c.AAGUID,
		Attachment:     c.Attachment,
		Transports:     storable(c.Transports),
		Attestation:    c.Attestation,
		RPID:           v.rp.id,
		Name:           suggestName(c, v.r.UserAgent()),
		UserAgent:      printable.Line(v.r.UserAgent()),
		Created:        v.now,
	}, nil
}

// storable keeps the transports that look like enumeration values; a client may send
// anything there (WebAuthn L3 §5.2.1.1 asks to keep even unknown values).
func storable(transports []string) []string {
	const most, longest = 8, 32
	var out []string
	for _, t := range transports {
		if len(out) < most && t != "" && len(t) <= longest && strings.Trim(t, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" {
			out = append(out, t)
		}
	}
	return out
}

func passkeyOf(p store.Passkey) Passkey {
	return Passkey{
		Credential:     recordOf(p),
		RegistrationID: p.ID,
		Name:           p.Name,
		RPID:           p.RPID,
		UserAgent:      p.UserAgent,
		Created:        p.Created,
		LastUsed:       p.LastUsed,
	}
}

func recordOf(p store.Passkey) ceremony.Credential {
	return ceremony.Credential{
		ID:             p.CredentialID,
		PublicKey:      p.PublicKey,
		SignCount:      p.SignCount,
		BackupEligible: p.BackupEligible,
		BackedUp:       p.BackedUp,
		UserVerified:   p.UserVerified,
		AAGUID:         p.AAGUID,
		Attachment:     p.Attachment,
		Transports:     p.Transports,
		Attestation:    p.Attestation,
	}
}

func deviceType(backupEligible bool) string {
	if backupEligible {
		return "multi_device"
	}
	return "single_device"
}

// draw returns n fresh random bytes.
func (s *Site) draw(n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(s.config.Random, b); err != nil {
		return nil, fmt.Errorf("relyingparty: draw random bytes: %w", err)
	}
	return b, nil
}

// drawHandle returns the user handle of a new account.
func (v *visit) drawHandle(email string) ([]byte, error) {
	drawn, err := v.site.draw(userHandleSize)
	if err != nil {
		return nil, err
	}
	return v.rp.pages.Handle(email, drawn), nil
}

// encode writes bytes as base64url without padding, as WebAuthn's JSON does.
func encode(b []byte) string {
	var room [64]byte // for most, so that only the text itself is allocated
	return string(base64.RawURLEncoding.AppendEncode(room[:0], b))
}

// strictBase64 is base64url without padding, and without bits to spare at the end.
var strictBase64 = base64.RawURLEncoding.Strict()

// drawToken returns an unguessable text.
func (s *Site) drawToken() (string, error) {
	b, err := s.draw(tokenSize)
	return encode(b), err
}

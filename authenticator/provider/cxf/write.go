package cxf

import (
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/jsondoc"
	"github.com/passkeylab/passkeylab/webauthn"
)

// Report is what became of passkeys that were to be exported. Exporters tell their
// users of what was left out (CXF 1.0 §3.3.11).
type Report struct {
	Written int
	LeftOut []Dropped // whole passkeys
	Dropped []Dropped // parts of those that were written

	written map[string]bool
}

// Write writes a document, indented. Passkeys that must not be exported are left
// out: with a counter above zero, not discoverable, or bound to their device; and
// so are those whose key the format cannot carry. An item without a passkey is
// left out too.
func Write(d *Document) ([]byte, Report, error) {
	report := Report{written: make(map[string]bool)}
	out := headerJSON{
		Version: versionJSON{1, 0}, Exporter: d.Exporter, Name: d.ExporterName,
		Time: uint64(max(d.Time.Unix(), 0)), Accounts: []accountJSON{},
	}
	for _, account := range d.Accounts {
		a := accountJSON{
			ID: account.ID, Username: account.Username, Email: account.Email, FullName: account.FullName,
			Collections: []struct{}{}, Items: []itemJSON{},
		}
		for _, item := range account.Items {
			if i := report.item(item); len(i.Credentials) > 0 {
				a.Items = append(a.Items, i)
			}
		}
		out.Accounts = append(out.Accounts, a)
	}
	text, err := jsondoc.Write(out)
	if err != nil {
		return nil, Report{}, err
	}
	if _, err := Read(text); err != nil {
		return nil, Report{}, fmt.Errorf("cxf: what was written cannot be read: %w", err)
	}
	return text, report, nil
}

func (r *Report) item(i Item) itemJSON {
	out := itemJSON{ID: i.ID, Created: i.Created, Modified: i.Modified, Title: i.Title, Subtitle: i.Subtitle}
	for _, c := range i.Passkeys {
		key, err := exportable(c)
		if err == nil && r.written[string(c.ID)] {
			err = errors.New("another one has the same ID")
		}
		if err != nil {
			r.LeftOut = append(r.LeftOut, Dropped{c.RPID, c.ID, err.Error()})
			continue
		}
		r.written[string(c.ID)] = true
		written := passkeyJSON{
			Type: typePasskey, ID: c.ID, RPID: c.RPID, Username: c.User.Name, DisplayName: c.User.DisplayName,
			UserHandle: c.User.ID, Key: key, Extensions: r.extensions(c),
		}
		out.Credentials = append(out.Credentials, written)
		r.Written++
	}
	if len(out.Credentials) > 0 {
		out.Scope = &scopeJSON{URLs: []string{"https://" + out.Credentials[0].RPID}, AndroidApps: []struct{}{}}
	}
	return out
}

// exportable returns the key of a passkey, or why it stays where it is.
func exportable(c *authenticator.Credential) (der []byte, err error) {
	switch {
	case c.SignCount != 0:
		return nil, fmt.Errorf("its counter stands at %d", c.SignCount)
	case !c.Discoverable:
		return nil, errors.New("it is not discoverable")
	case !c.BackupEligible:
		return nil, errors.New("it is bound to its device (BE is 0)")
	case len(c.ID) == 0 || len(c.ID) > webauthn.MaxCredentialID:
		return nil, fmt.Errorf("its ID has %d bytes", len(c.ID))
	case len(c.User.ID) == 0 || len(c.User.ID) > maxUserHandle:
		return nil, fmt.Errorf("its user handle has %d bytes", len(c.User.ID))
	case len(c.RPID) > maxRPID || !domain.MatchString(c.RPID):
		return nil, fmt.Errorf("%.40q is no RP ID", c.RPID)
	case len(c.User.Name) > maxText || len(c.User.DisplayName) > maxText:
		return nil, fmt.Errorf("its user's names have more than %d bytes", maxText)
	}
	return c.PortableKey()
}

// extensions is what of Extras the format knows.
func (r *Report) extensions(c *authenticator.Credential) *extensionsJSON {
	drop := func(what string) { r.Dropped = append(r.Dropped, Dropped{c.RPID, c.ID, what}) }
	var e extensionsJSON
	if with, without, err := c.HMACSecrets(); err == nil {
		e.HMAC = &hmacJSON{hmacAlgorithm, encoded(with), encoded(without)}
	} else {
		drop(err.Error())
	}
	if c.Extras == nil {
		return &e
	}
	e.Payments = c.Extras.ThirdPartyPayment
	if len(c.Extras.CredBlob) > maxCredBlob {
		drop(fmt.Sprintf("its credBlob of %d bytes", len(c.Extras.CredBlob)))
	} else {
		e.CredBlob = c.Extras.CredBlob
	}
	switch {
	case c.Extras.LargeBlob != nil:
		if err := checkBlob(c.Extras.LargeBlob, c.Extras.LargeBlobSize); err != nil || len(c.Extras.LargeBlob) > maxLargeBlob {
			drop(fmt.Sprintf("its large blob of %d bytes", len(c.Extras.LargeBlob)))
		} else {
			e.LargeBlob = &largeBlobJSON{c.Extras.LargeBlobSize, c.Extras.LargeBlob}
		}
	case c.Extras.TakesLargeBlob:
		drop("that it takes a large blob, of which none was written")
	}
	if c.Extras.CredProtect > ctap.UserVerificationOptional {
		drop(fmt.Sprintf("its level of credProtect, %d", c.Extras.CredProtect))
	}
	if len(c.Extras.LargeBlobKey) > 0 {
		drop("its key into the large-blob array of its device")
	}
	return &e
}

// encoded is written in base64url without padding.
type encoded []byte

// MarshalText implements encoding.TextMarshaler.
func (e encoded) MarshalText() ([]byte, error) {
	return base64.RawURLEncoding.AppendEncode(nil, e), nil
}

// The members, in the order of the text.
type (
	headerJSON struct {
		Version  versionJSON   `json:"version"`
		Exporter string        `json:"exporterRpId"`
		Name     string        `json:"exporterDisplayName"`
		Time     uint64        `json:"timestamp"`
		Accounts []accountJSON `json:"accounts"`
	}
	versionJSON struct {
		Major uint8 `json:"major"`
		Minor uint8 `json:"minor"`
	}
	accountJSON struct {
		ID          encoded    `json:"id"`
		Username    string     `json:"username"`
		Email       string     `json:"email"`
		FullName    string     `json:"fullName,omitempty"`
		Collections []struct{} `json:"collections"`
		Items       []itemJSON `json:"items"`
	}
	itemJSON struct {
		ID          encoded       `json:"id"`
		Created     int64         `json:"creationAt,omitempty"`
		Modified    int64         `json:"modifiedAt,omitempty"`
		Title       string        `json:"title"`
		Subtitle    string        `json:"subtitle,omitempty"`
		Scope       *scopeJSON    `json:"scope,omitempty"`
		Credentials []passkeyJSON `json:"credentials"`
	}
	scopeJSON struct {
		URLs        []string   `json:"urls"`
		AndroidApps []struct{} `json:"androidApps"`
	}
	passkeyJSON struct {
		Type        string          `json:"type"`
		ID          encoded         `json:"credentialId"`
		RPID        string          `json:"rpId"`
		Username    string          `json:"username"`
		DisplayName string          `json:"userDisplayName"`
		UserHandle  encoded         `json:"userHandle"`
		Key         encoded         `json:"key"`
		Extensions  *extensionsJSON `json:"fido2Extensions,omitempty"`
	}
	extensionsJSON struct {
		HMAC      *hmacJSON      `json:"hmacCredentials,omitempty"`
		CredBlob  encoded        `json:"credBlob,omitempty"`
		LargeBlob *largeBlobJSON `json:"largeBlob,omitempty"`
		Payments  bool           `json:"payments,omitempty"`
	}
	hmacJSON struct {
		Algorithm string  `json:"algorithm"`
		WithUV    encoded `json:"credWithUV"`
		WithoutUV encoded `json:"credWithoutUV"`
	}
	largeBlobJSON struct {
		Size uint64  `json:"uncompressedSize"`
		Data encoded `json:"data"`
	}
)

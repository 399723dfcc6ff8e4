package relyingparty

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/passkeylab/passkeylab/internal/printable"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// profile is what an account says of its user beyond the email address.
type profile struct {
	Name        string            `json:"name,omitempty"`
	GivenName   string            `json:"given_name,omitempty"`
	FamilyName  string            `json:"family_name,omitempty"`
	Nickname    string            `json:"nickname,omitempty"`
	Picture     string            `json:"picture,omitempty"`
	Username    string            `json:"username,omitempty"`
	PhoneNumber string            `json:"phone_number,omitempty"`
	Metadata    map[string]string `json:"user_metadata,omitempty"`
}

// profileOf reads the profile of an account.
func profileOf(u store.User) (p profile, err error) {
	if u.Profile == nil {
		return p, nil
	}
	if err := json.Unmarshal(u.Profile, &p); err != nil {
		return p, fmt.Errorf("relyingparty: profile of %s: %w", u.ID, err)
	}
	return p, nil
}

// newcomer is somebody who has no account yet.
type newcomer struct {
	email   string
	profile profile
}

// displayName is the name, or what the user logs in with.
func (n newcomer) displayName() string { return cmp.Or(n.profile.Name, n.name()) }

// name is what the user is known by: the email address, or else another identifier.
func (n newcomer) name() string {
	return cmp.Or(n.email, n.profile.PhoneNumber, n.profile.Username)
}

// newcomerJSON is "user_profile" as it is sent: a member that is there may not be
// empty.
type newcomerJSON struct {
	Email       *string `json:"email"`
	PhoneNumber *string `json:"phone_number"`
	Username    *string `json:"username"`
	Name        *string `json:"name"`
	GivenName   *string `json:"given_name"`
	FamilyName  *string `json:"family_name"`
	Nickname    *string `json:"nickname"`
	Picture     *string `json:"picture"`
}

const (
	maxPicture       = 2048
	maxMetadata      = 10
	maxMetadataValue = 500 // characters; the documentation says only how many members there may be
)

// readNewcomer reads "user_profile" and "user_metadata". What signing up asks for has to
// be there, and something that can have a passkey.
func (i Identifiers) readNewcomer(userProfile, metadata json.RawMessage) (*newcomer, error) {
	if userProfile == nil {
		return nil, badRequest("user_profile is required")
	}
	var in newcomerJSON
	if err := decodeObject(userProfile, &in, true); err != nil {
		return nil, err
	}
	n := new(newcomer)
	if in.Email != nil {
		if n.email = *in.Email; !validEmail(n.email) {
			return nil, badRequest("user_profile.email is no email address")
		}
	}
	for _, m := range []struct {
		name  string
		given *string
		into  *string
		valid func(string) bool
	}{
		{"phone_number", in.PhoneNumber, &n.profile.PhoneNumber, phoneForm.MatchString},
		{"username", in.Username, &n.profile.Username, i.validUsername},
		{"name", in.Name, &n.profile.Name, upTo(300)},
		{"given_name", in.GivenName, &n.profile.GivenName, upTo(150)},
		{"family_name", in.FamilyName, &n.profile.FamilyName, upTo(150)},
		{"nickname", in.Nickname, &n.profile.Nickname, upTo(300)},
		{"picture", in.Picture, &n.profile.Picture, validPicture},
	} {
		if m.given == nil {
			continue
		}
		if !m.valid(*m.given) {
			return nil, badRequest("user_profile.%s is not valid", m.name)
		}
		*m.into = *m.given
	}
	switch p := i.missing(*n); {
	case p == nil:
	case p.key == problemNoEmail:
		return nil, badRequest("user_profile.email is required")
	case p.key == problemNoPhone:
		return nil, badRequest("user_profile.phone_number is required")
	case p.key == problemNoUsername:
		return nil, badRequest("user_profile.username is required")
	default:
		return nil, badRequest("user_profile has nothing that identifies users of this connection")
	}
	if !i.mayHavePasskey(*n) {
		return nil, badRequest("Who is known by a username alone cannot have a passkey; user_profile needs an email or a phone_number that identifies users.")
	}
	var err error
	n.profile.Metadata, err = readMetadata(metadata)
	return n, err
}

func readMetadata(raw json.RawMessage) (map[string]string, error) {
	if raw == nil {
		return nil, nil
	}
	var all map[string]string
	if err := decodeObject(raw, &all, true); err != nil {
		return nil, badRequest("user_metadata must be an object of strings").because(err)
	}
	if len(all) > maxMetadata {
		return nil, badRequest("user_metadata has more than %d members", maxMetadata)
	}
	for _, value := range all {
		if utf8.RuneCountInString(value) > maxMetadataValue {
			return nil, badRequest("a value of user_metadata has more than %d characters", maxMetadataValue)
		}
	}
	return all, nil
}

// upTo accepts printable text of 1 to most characters.
func upTo(most int) func(string) bool {
	return func(s string) bool {
		return s != "" && utf8.RuneCountInString(s) <= most && s == printable.Only(s) && strings.TrimSpace(s) != ""
	}
}

func validPicture(s string) bool {
	u, err := url.Parse(s)
	return err == nil && len(s) <= maxPicture && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

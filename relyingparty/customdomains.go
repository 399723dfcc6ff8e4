package relyingparty

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// customDomainJSON is a domain in the Management API. Certificates and DNS are the
// product's affair; every domain here is ready.
type customDomainJSON struct {
	ID           string  `json:"custom_domain_id"`
	Domain       string  `json:"domain"`
	Primary      bool    `json:"primary"`
	Default      bool    `json:"is_default"`
	Status       string  `json:"status"`
	Type         string  `json:"type"`
	RelyingParty *string `json:"relying_party_identifier"` // null: the whole domain
}

func (s *Site) customDomainOf(d *domain) customDomainJSON {
	first := d == s.primary()
	out := customDomainJSON{ID: d.id, Domain: d.name, Primary: first, Default: first, Status: "ready", Type: "self_managed_certs"}
	if given := d.rp.Load().given; given != "" {
		out.RelyingParty = &given
	}
	return out
}

func listCustomDomains(v *visit) error {
	all := make([]customDomainJSON, len(v.site.domains))
	for i, d := range v.site.domains {
		all[i] = v.site.customDomainOf(d)
	}
	return v.answer(http.StatusOK, all)
}

func (v *visit) customDomain() (*domain, error) {
	for _, d := range v.site.domains {
		if d.id == v.r.PathValue("id") {
			return d, nil
		}
	}
	return nil, &apiProblem{status: http.StatusNotFound, code: "inexistent_custom_domain", text: "The custom domain does not exist."}
}

func getCustomDomain(v *visit) error {
	d, err := v.customDomain()
	if err != nil {
		return err
	}
	return v.answer(http.StatusOK, v.site.customDomainOf(d))
}

// customDomainPatch is the body of a change: what may be changed is the RP ID.
type customDomainPatch struct {
	RelyingParty json.RawMessage `json:"relying_party_identifier"`
}

func patchCustomDomain(v *visit) error {
	d, err := v.customDomain()
	if err != nil {
		return err
	}
	var patch customDomainPatch
	if err := v.decodeStrict(&patch); err != nil {
		return err
	}
	var given *string
	if patch.RelyingParty == nil || json.Unmarshal(patch.RelyingParty, &given) != nil || given != nil && *given == "" {
		return badRequest("relying_party_identifier must be a domain name, or null for the whole domain")
	}
	changed, err := v.site.changeRPID(d, given, v.site.keepRPID)
	if err != nil && changed == nil {
		return err
	}
	if err != nil {
		return badRequest("relying_party_identifier: %s", strings.TrimPrefix(err.Error(), "relyingparty: ")).because(err)
	}
	if !v.site.serves(changed.From) {
		counts, err := v.site.store.PasskeysByRPID()
		if err != nil {
			return err
		}
		changed.Unusable = counts[changed.From]
	}
	v.before = func() error {
		return v.record(EventManagement, subject{}, Details{Request: v.requestDetails(), RelyingParty: changed})
	}
	return v.answer(http.StatusOK, v.site.customDomainOf(d))
}

// changeRPID has passkeys under a domain be for another RP ID; nil for the domain's own
// name. Without an answer, it was not for the RP ID that it failed.
func (s *Site) changeRPID(d *domain, given *string, keep func(*domain, *string) error) (*RelyingPartyDetails, error) {
	s.changing.Lock()
	defer s.changing.Unlock()
	changed := &RelyingPartyDetails{Domain: d.name, From: d.rp.Load().id}
	rp, err := s.relyingPartyOf(d, textOf(given))
	if err != nil {
		return changed, err
	}
	if err := keep(d, given); err != nil {
		return nil, err
	}
	d.rp.Store(rp)
	changed.To = rp.id
	return changed, nil
}

// textOf is a text that may be missing.
func textOf(given *string) string {
	if given == nil {
		return ""
	}
	return *given
}

// rpIDSetting is the key of a domain's RP ID in the database.
func rpIDSetting(d *domain) string { return "custom-domain/" + d.id + "/relying-party-identifier" }

// keepRPID stores what the Management API has changed. The caller holds changing.
func (s *Site) keepRPID(d *domain, given *string) error {
	value, err := json.Marshal(given)
	if err != nil {
		return err
	}
	if err := s.store.SetSetting(rpIDSetting(d), value); err != nil {
		return err
	}
	s.settled[rpIDSetting(d)] = value
	return nil
}

// loadRPIDs applies what is stored and has not been applied yet, but for the domains whose
// RP ID is configured. The caller holds changing, or is the only one there is.
func (s *Site) loadRPIDs() error {
	for _, d := range s.domains {
		value, err := s.store.Setting(rpIDSetting(d))
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if bytes.Equal(value, s.settled[rpIDSetting(d)]) {
			continue
		}
		s.settled[rpIDSetting(d)] = value
		var given *string
		if err := json.Unmarshal(value, &given); err != nil {
			return fmt.Errorf("relyingparty: stored setting %s: %w", rpIDSetting(d), err)
		}
		if d.configured {
			s.config.Logger.Warn("the configuration overrules what the Management API has stored",
				"setting", rpIDSetting(d), "stored", textOf(given), "used", d.rp.Load().id)
			continue
		}
		if err := s.setRPID(d, textOf(given)); err != nil {
			return fmt.Errorf("%w; what the Management API has stored does not go with the configuration", err)
		}
	}
	return nil
}

// ErrNoSuchDomain says that the site is not reached under a name.
var ErrNoSuchDomain = errors.New("relyingparty: the site has no such domain")

// SetRPID changes the RP ID of the domain that a host names, as in the Host header, from
// the next request on; "" stands for the host itself. Passkeys for another RP ID stay on
// record and cannot be used there any more.
func (s *Site) SetRPID(host, rpID string) error {
	d := s.domainOf(host)
	if d == nil {
		return ErrNoSuchDomain
	}
	_, err := s.changeRPID(d, &rpID, func(*domain, *string) error { return nil })
	return err
}

// usable are those of an account's passkeys that can be used where the visit is.
func (v *visit) usable(keys []store.Passkey) []store.Passkey {
	var here []store.Passkey
	for _, k := range keys {
		if k.RPID == v.rp.id {
			here = append(here, k)
		}
	}
	return here
}

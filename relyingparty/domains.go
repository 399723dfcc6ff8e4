package relyingparty

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// CustomDomain is one of the names that a site is reached under. Passkeys are for an
// RP ID, so that users enrol for each domain by itself, unless two share one.
type CustomDomain struct {
	// Host is a name, "login.acme.test" or "login.acme.test:4433". The scheme is that of
	// BaseURL, and so is the port where there is none.
	Host string
	// RPID is the relying party identifier there; "" for the host itself. It must be the
	// host or a registrable suffix of it, unless the domain is Related.
	RPID string
	// Related says that RPID is that of another domain, which vouches for this one at
	// /.well-known/webauthn (WebAuthn L3 §5.11): its passkeys can be used here, too.
	Related bool
}

// domain is one of the site's names.
type domain struct {
	address
	id         string                       // in the Management API
	configured bool                         // with an RP ID, which holds against what is stored
	related    bool                         // to the domain that its RP ID belongs to
	rp         atomic.Pointer[relyingParty] // can be changed while the site runs
}

// relyingParty is whom passkeys under a domain are for.
type relyingParty struct {
	id            string
	given         string               // what was configured; "" for the name of the domain
	pages, native *ceremony.Ceremonies // native are those of the APIs: the same, with the RP ID for a name
}

// domainID is the same for a host in every run.
func domainID(host string) string {
	sum := sha256.Sum256([]byte(host))
	return "cd_" + hex.EncodeToString(sum[:8])
}

// openDomains makes the domain of BaseURL, which comes first, and the others.
func (s *Site) openDomains(primary address) error {
	hosts := map[string]bool{s.config.TenantDomain: true}
	scheme, _, _ := strings.Cut(primary.origin, "://")
	for _, c := range append([]CustomDomain{{Host: primary.host, RPID: s.config.RPID}}, s.config.Domains...) {
		where, err := parseAddress(scheme + "://" + c.Host)
		if err == nil && where.host == where.name && !strings.Contains(c.Host, ":") {
			where, err = parseAddress(scheme + "://" + c.Host + strings.TrimPrefix(primary.host, primary.name))
		}
		if err != nil {
			return fmt.Errorf("relyingparty: Domains: %q is no host; give it as login.acme.test or login.acme.test:4433", c.Host)
		}
		if hosts[where.host] {
			return fmt.Errorf("relyingparty: Domains: %s is there twice", where.host)
		}
		hosts[where.host] = true
		d := &domain{address: where, id: domainID(where.host), configured: c.RPID != "", related: c.Related}
		if err := s.setRPID(d, c.RPID); err != nil {
			return err
		}
		s.domains = append(s.domains, d)
	}
	return s.checkDocuments()
}

// setRPID has passkeys under a domain be for an RP ID from now on; "" for its own name.
func (s *Site) setRPID(d *domain, given string) error {
	rp, err := s.relyingPartyOf(d, given)
	if err == nil {
		d.rp.Store(rp)
	}
	return err
}

// relyingPartyOf checks an RP ID, and makes the ceremonies for it.
func (s *Site) relyingPartyOf(d *domain, given string) (*relyingParty, error) {
	rp := &relyingParty{id: given, given: given}
	if given == "" {
		rp.id = d.name
	}
	check := func() error { return checkRPID(rp.id, d.name) }
	if d.related {
		check = func() error { return s.checkRelated(d, rp.id) }
	}
	if err := check(); err != nil {
		return nil, err
	}
	var wrong [2]error
	rp.pages, wrong[0] = s.newCeremonies(d, rp.id, s.config.Client)
	rp.native, wrong[1] = s.newCeremonies(d, rp.id, rp.id)
	return rp, errors.Join(wrong[:]...)
}

func (s *Site) newCeremonies(d *domain, rpID, name string) (*ceremony.Ceremonies, error) {
	return ceremony.New(ceremony.Config{
		RPID:     rpID,
		RPName:   name,
		Origin:   d.origin,
		Clock:    s.config.Clock,
		Random:   s.config.Random,
		Metadata: s.metadata,
		Seams:    CeremonySeams(s.config.Seams),
	})
}

// primary is the domain of BaseURL.
func (s *Site) primary() *domain { return s.domains[0] }

// Domains are the names that the site is reached under, with the RP ID that each has now;
// that of BaseURL comes first.
func (s *Site) Domains() []CustomDomain {
	all := make([]CustomDomain, len(s.domains))
	for i, d := range s.domains {
		all[i] = CustomDomain{Host: d.host, RPID: d.rp.Load().id, Related: d.related}
	}
	return all
}

// domainOf finds a domain by a Host header, default port or not; nil for none.
func (s *Site) domainOf(host string) *domain {
	host = strings.ToLower(host)
	for _, d := range s.domains {
		port := ":80"
		if d.secure {
			port = ":443"
		}
		if host == d.host || host == d.host+port {
			return d
		}
	}
	return nil
}

// serves reports whether passkeys for an RP ID can be used under any domain.
func (s *Site) serves(rpID string) bool {
	for _, d := range s.domains {
		if d.rp.Load().id == rpID {
			return true
		}
	}
	return false
}

// issuer names a domain in tokens. It ends in a slash, as the product's does.
func (d *domain) issuer() string { return d.origin + "/" }

// Audiences of the site's own APIs. Tokens for them are good on the domain that they
// were given on.
func (d *domain) audienceUserinfo() string    { return d.issuer() + "userinfo" }
func (d *domain) audienceSelfService() string { return d.issuer() + "me/" }
func (d *domain) audienceFactors() string     { return d.issuer() + "mfa/" }

// audienceManagement is the same on every domain.
func (s *Site) audienceManagement() string { return s.primary().issuer() + "api/v2/" }

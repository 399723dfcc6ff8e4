package relyingparty

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// Related origins (WebAuthn L3 §5.11): an RP ID says at /.well-known/webauthn which other
// origins may use its passkeys. Those are the domains that are [CustomDomain.Related].

const (
	pathRelated = "/.well-known/webauthn"
	// mostRelated bounds the document, in bytes; browsers read no more.
	mostRelated = 256 << 10
	// takenLabels is how many registrable origin labels every browser takes.
	takenLabels = 5
)

// relatedJSON is the document.
type relatedJSON struct {
	Origins []string `json:"origins"`
}

// relatedTo are the origins that may use an RP ID's passkeys besides its own, in the
// order of the configuration.
func (s *Site) relatedTo(rpID string) []string {
	var all []string
	for _, d := range s.domains {
		if d.related && d.rp.Load().id == rpID {
			all = append(all, d.origin)
		}
	}
	return all
}

// checkRelated refuses what no browser could follow: a related domain needs https, and
// an RP ID that is that of a domain of its own, where the document is asked for.
func (s *Site) checkRelated(d *domain, rpID string) error {
	if !d.secure {
		return fmt.Errorf("relyingparty: Domains: %s cannot be related without https", d.host)
	}
	for _, other := range s.domains {
		if !other.related && other.rp.Load().id == rpID {
			return nil
		}
	}
	return fmt.Errorf("relyingparty: Domains: %s is related to the RP ID %q, which no domain before it has", d.host, rpID)
}

// checkDocuments refuses documents that browsers would not read to the end, and warns of
// entries that they pass over.
func (s *Site) checkDocuments() error {
	for _, d := range s.domains {
		origins := s.relatedTo(d.rp.Load().id)
		text, err := json.Marshal(relatedJSON{origins})
		if err != nil || len(text) > mostRelated {
			return fmt.Errorf("relyingparty: Domains: %d related origins make a document of %d bytes; browsers read %d", len(origins), len(text), mostRelated)
		}
	}
	if late := s.passedOver(); len(late) > 0 {
		s.config.Logger.Warn("browsers need not take more than five related labels", "passed over", strings.Join(late, " "))
	}
	return nil
}

// passedOver are the related origins whose label is one too many for some browsers.
func (s *Site) passedOver() (late []string) {
	seen := map[string]map[string]bool{} // labels by RP ID
	for _, d := range s.domains {
		if !d.related {
			continue
		}
		rpID, label := d.rp.Load().id, registrableLabel(d.name)
		if seen[rpID] == nil {
			seen[rpID] = map[string]bool{}
		}
		if !seen[rpID][label] && len(seen[rpID]) == takenLabels {
			late = append(late, d.origin)
			continue
		}
		seen[rpID][label] = true
	}
	return late
}

// registrableLabel is the first label of the registrable domain.
func registrableLabel(name string) string {
	domain, err := publicsuffix.EffectiveTLDPlusOne(name)
	if err != nil {
		return name
	}
	label, _, _ := strings.Cut(domain, ".")
	return label
}

// asksRelated reports whether a request is for the document of one of our RP IDs. It
// comes to the default port of the RP ID, which need not be where the site is.
func (s *Site) asksRelated(r *http.Request) bool {
	return r.URL.Path == pathRelated && s.relatedTo(hostName(r.Host)) != nil
}

func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(host)
}

// showRelated serves the document of the RP ID that a request names. Anybody may have it.
func (s *Site) showRelated(w http.ResponseWriter, r *http.Request) {
	origins := s.relatedTo(hostName(r.Host))
	text, err := json.Marshal(relatedJSON{origins})
	if origins == nil || err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(text) // whoever asked may have gone
}

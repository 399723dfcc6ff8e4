package relyingparty

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// Tenant is how the rest of a tenant is set up, as far as passkeys depend on it. The
// site is the same whatever stands here; what cannot go together with passkeys is
// refused, as the product's own dashboard does.
type Tenant struct {
	UniversalLogin      bool // the new one, not the classic
	IdentifierFirst     bool
	CustomLoginPage     bool
	RequiresUsername    bool
	FlexibleIdentifiers bool
	Identifiers         Identifiers // with FlexibleIdentifiers
	OwnDatabase         bool        // accounts are kept in a database of the customer's
	ImportMode          bool        // and are imported from there
	Password            bool        // can be logged in with
}

// Requirement is one line of the checklist that passkeys have to pass.
type Requirement struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Met      bool   `json:"met"`
	Required bool   `json:"required"`         // passkeys cannot be on without it; otherwise a piece of advice
	Reason   string `json:"reason,omitempty"` // why it is not met
}

// Readiness is the checklist for passkeys.
func (t Tenant) readiness() []Requirement {
	must := func(id, title string, met bool, reason string) Requirement {
		r := Requirement{ID: id, Title: title, Met: met, Required: true}
		if !met {
			r.Reason = reason
		}
		return r
	}
	return []Requirement{
		must("new-universal-login", "New Universal Login is enabled", t.UniversalLogin,
			"Passkeys need the New Universal Login experience."),
		must("identifier-first", "Identifier First is enabled", t.IdentifierFirst,
			"Passkeys need the Identifier First authentication profile."),
		must("no-custom-login-page", "The custom login page is disabled", !t.CustomLoginPage,
			"Passkeys cannot be used on a custom login page."),
		must("no-required-username", "No username is required", !t.RequiresUsername || t.FlexibleIdentifiers,
			"The connection requires a username; enable Flexible Identifiers, or do not require one."),
		must("identifier-with-passkeys", "Email addresses or phone numbers identify users", t.identifiers().withPasskeys(),
			"Who is known by a username alone cannot have a passkey; make email or phone_number an active identifier."),
		must("no-own-database", "Users are kept in or imported to the tenant", !t.OwnDatabase || t.ImportMode,
			"The connection uses its own database; enable Import Users (import_mode)."),
		must("password-enabled", "Passwords are enabled", t.Password,
			"Passkeys need another way in beside them: passwords must stay enabled."),
	}
}

// unready is why passkeys cannot be on, nil when they can.
func (t Tenant) unready() error {
	var why []string
	for _, r := range t.readiness() {
		if r.Required && !r.Met {
			why = append(why, r.Reason)
		}
	}
	if why == nil {
		return nil
	}
	return &unreadyError{why}
}

// unreadyError says which requirements are not met.
type unreadyError struct{ why []string }

func (e *unreadyError) Error() string {
	return "relyingparty: passkeys cannot be enabled: " + strings.Join(e.why, " ")
}

// Readiness is the checklist that passkeys have to pass on this site, with advice on
// its RP IDs.
func (s *Site) Readiness() []Requirement {
	return append(s.Policy().Tenant.readiness(), s.narrowRPIDs(), s.relatedLabels(), s.unusablePasskeys())
}

// narrowRPIDs advises against RP IDs that every site under a registered name shares.
func (s *Site) narrowRPIDs() Requirement {
	advice := Requirement{ID: "narrow-rp-id", Title: "The RP ID is no bare registrable domain", Met: true}
	for _, d := range s.domains {
		if id := d.rp.Load().id; bareDomain(id) {
			advice.Met = false
			advice.Reason = fmt.Sprintf("Every site under %s could use the passkeys; prefer a name such as auth.%s.", id, id)
		}
	}
	return advice
}

// relatedLabels advises against related origins that browsers pass over.
func (s *Site) relatedLabels() Requirement {
	advice := Requirement{ID: "related-labels", Title: "No more related origins than browsers take", Met: true}
	if late := s.passedOver(); len(late) > 0 {
		advice.Met = false
		advice.Reason = fmt.Sprintf("Browsers need not take more than five different registrable labels: %s may be passed over.", strings.Join(late, " "))
	}
	return advice
}

// unusablePasskeys tells what a change of RP ID has left behind.
func (s *Site) unusablePasskeys() Requirement {
	advice := Requirement{ID: "rp-id-kept", Title: "No passkey is for an RP ID that no domain has", Met: true}
	counts, err := s.store.PasskeysByRPID()
	if err != nil {
		advice.Met, advice.Reason = false, "The passkeys cannot be counted: "+err.Error()
		return advice
	}
	var left []string
	for _, id := range slices.Sorted(maps.Keys(counts)) {
		if !s.serves(id) {
			left = append(left, fmt.Sprintf("%d for %s", counts[id], id))
		}
	}
	if left != nil {
		advice.Met = false
		advice.Reason = "Passkeys cannot be used any more: " + strings.Join(left, ", ") + ". Their users have to enrol again."
	}
	return advice
}

// bareDomain reports a name that is registered as such: a public suffix and one label.
func bareDomain(name string) bool {
	registrable, err := publicsuffix.EffectiveTLDPlusOne(name)
	return err == nil && registrable == name
}

// unreadyText is why a policy is refused, as text for a program.
func unreadyText(err error) string {
	var unready *unreadyError
	if errors.As(err, &unready) {
		return strings.Join(unready.why, " ")
	}
	return strings.ReplaceAll(err.Error(), "relyingparty: ", "")
}

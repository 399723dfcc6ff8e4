package scenarios

import (
	"slices"

	"github.com/passkeylab/passkeylab"
)

// Suite is a part of the library: journeys whose IDs begin with its name.
type Suite struct {
	Name  string
	About string // one sentence
	all   []Scenario
}

// Suites returns the suites in the order in which they are told.
func Suites() []Suite {
	attestation, models := divide(slices.Concat(models, switched), "attestation")
	return []Suite{
		{"sign-up", "An account is made, with a passkey or without.", signUp},
		{"login", "Getting in and staying in, with more than one device, person or session.", login},
		{"autofill", "The browser offers passkeys in the email field.", autofill},
		{"button", "The user asks for a passkey by a button.", button},
		{"policy", "What the site's policy decides.", slices.Concat(policy, counters, factors)},
		{"identifier", "People who are called by a phone number or a username, and how many passkeys they may have.", identifiers},
		{"key", "Security keys that are plugged in.", key},
		{"pin", "Security keys that verify by PIN.", pin},
		{"hybrid", "Phones that scan a QR code.", phones},
		{"password", "Passwords beside passkeys, and their reset.", password},
		{"enrolment", "A passkey is added to an account.", enrolment},
		{"recovery", "The account is got back after something was lost.", recovery},
		{"loss", "Devices that are lost, stolen, sold or found again, and passkeys that are gone.", slices.Concat(loss, missing)},
		{"sync", "Passkeys that are on several devices.", syncing},
		{"provider", "Providers that flip flags, lag, disagree and settle conflicts.", providers},
		{"prf", "What is encrypted under a passkey.", notes},
		{"migration", "From one provider to another.", migration},
		{"enterprise", "Accounts and devices that an organisation manages.", enterprise},
		{"application", "Applications that have their users log in at the site, by redirect or with screens of their own.", applications},
		{"domains", "A site that has several names, or changes its RP ID.", domains},
		{"operator", "Whoever runs the site changes it by the Management API.", operators},
		{"signals", "What the site tells devices about passkeys.", signalled(signals)},
		{"upgrade", "Passkeys that are made beside a password, without asking.", upgrades},
		{"backup", "What policy says of passkeys that are synced or bound to a device, and of those backed up no longer.", divided(backups, "backup")},
		{"hints", "The site hints at a kind of device.", divided(backups, "hints")},
		{"related", "Other names of the site, which may use its passkeys.", related},
		{"phishing", "Look-alike sites and browsers that cheat.", phishing},
		{"faulty", "Devices with one fault each, which the site has to notice.", faulty},
		{"products", "The same journey with the devices of several makers.", products},
		{"attestation", "Devices that attest, in every format.", attestation},
		{"models", "A site that cares which models of authenticators are used.", models},
	}
}

// signalled are journeys that apply to sites that signal alone.
func signalled(all []Scenario) []Scenario {
	out := slices.Clone(all)
	for i, s := range out {
		out[i].Run = func(lab *passkeylab.Lab) {
			lab.SiteSignals()
			s.Run(lab)
		}
	}
	return out
}

// divided are the journeys of one suite.
func divided(all []Scenario, suite string) []Scenario {
	of, _ := divide(all, suite)
	return of
}

// divide separates the journeys of a suite from others.
func divide(all []Scenario, suite string) (of, others []Scenario) {
	for _, s := range all {
		if s.Suite() == suite {
			of = append(of, s)
		} else {
			others = append(others, s)
		}
	}
	return of, others
}

// Scenarios returns the suite's journeys in the order in which they are told.
func (s Suite) Scenarios() []Scenario { return slices.Clone(s.all) }

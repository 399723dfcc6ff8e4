package main

import "slices"

// campaignOf says what is mutated, and who is to notice.
type campaignOf struct {
	title        string
	suite        string // of the trials
	patterns     []string
	beside       map[string]string // files that are not mutated, with the reason
	only         []string          // files that are, where all others are not; nil for none
	others       string            // why those are not
	explanations []explanation
}

var campaigns = []campaignOf{{
	title:        "The authenticator",
	suite:        "authenticator",
	patterns:     []string{"./authenticator"},
	beside:       besideAuthenticator,
	explanations: ofAuthenticator,
}, {
	title:        "The relying party",
	suite:        "relying-party",
	patterns:     []string{"./relyingparty/ceremony"},
	only:         ofCeremonies,
	others:       "what pages, accounts and APIs do besides ceremonies, which tests and journeys hold and the judge of servers does not see",
	explanations: ofRelyingParty,
}}

// skips reports whether a file is left as it is.
func (of campaignOf) skips(file string) bool {
	return of.beside[file] != "" || of.only != nil && !slices.Contains(of.only, file)
}

// ofCeremonies are the files in which answers of authenticators are held to WebAuthn.
var ofCeremonies = []string{
	"backup.go", "backuppolicy.go", "ceremonies.go", "clientdata.go", "modelprovider.go", "modelverdict.go", "options.go", "otherkeys.go",
	"publickey.go", "responsejson.go", "responses.go", "statement.go", "statementdetails.go", "strictness.go", "verification.go",
	"verifylogin.go", "verifyregistration.go",
}

// besideAuthenticator are files that are not of what a device does when it is asked,
// with what holds them: no judge of devices could notice a mistake there.
var besideAuthenticator = map[string]string{
	"modelcheck.go":     "what a model may say is looked at before there is a device",
	"models.go":         "the models themselves, which any device may differ from",
	"filestore.go":      "a store in a file, which the tests kill and tear",
	"journal.go":        "a store in a file, which the tests kill and tear",
	"filesystem.go":     "a store in a file, which the tests kill and tear",
	"filelock_unix.go":  "a store in a file, which the tests kill and tear",
	"filelock_other.go": "a store in a file, which the tests kill and tear",
	"passkeys.go":       "what a maker or owner does to a device, without CTAP",
	"pkcs8.go":          "what a maker or owner does to a device, without CTAP",
	"publichalf.go":     "what a maker or owner does to a device, without CTAP",
	"scripteduser.go":   "the user and the clock are of the bench",
	"env.go":            "the user and the clock are of the bench",
	"seams.go":          "where faults and observers act, which there are none of",
	"stepnames.go":      "where faults and observers act, which there are none of",
	"rsakeys.go":        "RSA takes too long for thousands of trials",
	"rsaprimes.go":      "RSA takes too long for thousands of trials",
}

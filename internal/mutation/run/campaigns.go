package main

// campaignOf says what is mutated, and who is to notice.
type campaignOf struct {
	title        string
	suite        string // of the trials
	patterns     []string
	beside       map[string]string // files that are not mutated, with the reason
	explanations []explanation
}

var campaigns = []campaignOf{{
	title:        "The authenticator",
	suite:        "authenticator",
	patterns:     []string{"./authenticator"},
	beside:       besideAuthenticator,
	explanations: ofAuthenticator,
}}

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

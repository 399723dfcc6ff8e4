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
}, {
	title:        "The relying party",
	suite:        "relying-party",
	patterns:     []string{"./relyingparty/ceremony"},
	beside:       besideCeremonies,
	explanations: ofRelyingParty,
}}

// skips reports whether a file is left as it is.
func (of campaignOf) skips(file string) bool { return of.beside[file] != "" }

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

// besideCeremonies are files in which no answer of an authenticator is held to WebAuthn,
// with what holds them.
var besideCeremonies = map[string]string{
	"formatroots.go":    "the roots of a lab, which it takes once, as it starts",
	"hints.go":          "hints are read and checked before there is a ceremony, and may be left out of one",
	"metadata.go":       "how metadata are had, kept and renewed, which the tests hold against a service that fails in every way",
	"metadatasource.go": "how metadata are had, kept and renewed, which the tests hold against a service that fails in every way",
	"models.go":         "the rules for models themselves, which any relying party may have others of; the tests hold each to what it says",
	"reasons.go":        "words for people",
	"seams.go":          "where faults and observers act, which there are none of",
}

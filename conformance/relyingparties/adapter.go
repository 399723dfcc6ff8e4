package relyingparties

import (
	"net/http"
	"slices"

	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
)

// Adapter says by which requests a relying party is asked for options and given
// answers. [ReadAdapter] reads one from a file.
type Adapter struct {
	About        string  // what it is for
	Origin, RPID string  // in place of the site's; "" = those
	User         string  // how users are called, with the variable ${user}; "" = that alone
	Results      string  // what the member with extension results is called; "" = as in WebAuthn
	Switches     Choices // choices of the relying party
	Registration Flow
	Login        Flow
}

// Flow is how one kind of ceremony is carried out.
type Flow struct {
	Before  []Step // carried out in order before options are asked for, in the same session
	Options Step   // answered with the options
	// At is the path to the options within the answer, "publicKey"; "" = the answer itself.
	At     string
	Result Step // brings the answer, as the variable ${response}
}

// Step is one HTTP request. Texts may name variables, as ${csrf}: user, displayName,
// userVerification, attestation, origin, run and whatever steps before have saved. A
// text that is one variable and nothing else stands for its value, which may be an
// object; a member whose value is a variable that has none is left out.
type Step struct {
	Method  string // "" = POST
	URL     string // below the site's
	Headers []Field
	JSON    any     // the body in JSON, nil = none: text, bool, number, nil, a list or a forged object
	Form    []Field // in place of it, as forms are sent
	Save    []Save
	// Success is how a good answer is known. Without any condition it is a status from
	// 200 to 299.
	Success Success
}

// Field is a name and a text.
type Field struct{ Name, Value string }

// Save keeps part of an answer as a variable.
type Save struct {
	Variable string
	From     Source
	What     string // the path, the header's name, or a regular expression with one group
}

// Source is where in an answer something is looked for.
type Source uint8

// The sources.
const (
	FromJSON Source = iota
	FromHeader
	FromText
	FromCookie
)

// Success is what a good answer has, all of it.
type Success struct {
	Statuses []int  // one of these
	Path     string // JSON that has a value here; "" = no such condition
	Equals   string // and this one; "" = any but null, false, ""
}

// FIDO is the interface that the FIDO Alliance publishes for servers ("Conformance Test
// API").
func FIDO() *Adapter {
	ok := Success{Statuses: []int{http.StatusOK}, Path: "status", Equals: "ok"}
	return &Adapter{
		About:   "the FIDO server conformance interface",
		Results: "getClientExtensionResults",
		Registration: Flow{
			Options: Step{URL: "/attestation/options", Success: ok, JSON: forge.Object{
				{Name: "username", Value: "${user}"}, {Name: "displayName", Value: "${displayName}"},
				{Name: "authenticatorSelection", Value: "${authenticatorSelection}"}, {Name: "attestation", Value: "${attestation}"},
				{Name: "extensions", Value: "${extensions}"},
			}},
			Result: Step{URL: "/attestation/result", Success: ok, JSON: "${response}"},
		},
		Login: Flow{
			Options: Step{URL: "/assertion/options", Success: ok, JSON: forge.Object{
				{Name: "username", Value: "${user}"}, {Name: "userVerification", Value: "${userVerification}"},
				{Name: "extensions", Value: "${extensions}"},
			}},
			Result: Step{URL: "/assertion/result", Success: ok, JSON: "${response}"},
		},
	}
}

// isFIDO reports whether the interface itself can be judged, and not a stand-in.
func (a *Adapter) isFIDO() bool {
	fido := FIDO()
	return a.Registration.Options.URL == fido.Registration.Options.URL && a.Registration.Result.URL == fido.Registration.Result.URL &&
		a.Login.Options.URL == fido.Login.Options.URL && a.Login.Result.URL == fido.Login.Result.URL
}

// good reports whether an answer is a success.
func (s *Success) good(r *reply) bool {
	if len(s.Statuses) > 0 && !slices.Contains(s.Statuses, r.status) {
		return false
	}
	if len(s.Statuses) == 0 && (r.status < 200 || r.status > 299) {
		return false
	}
	if s.Path == "" {
		return true
	}
	value, there := at(r.value, s.Path)
	if !there || value == nil || value == false || value == "" {
		return false
	}
	return s.Equals == "" || s.Equals == textOf(value)
}

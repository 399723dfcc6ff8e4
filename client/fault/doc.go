// Package fault is the catalogue of clients that are wrong: each a documented value
// that makes package client wrong in one way, so that the judge of clients can be
// shown to notice.
//
// It owns what can go wrong between a page and an authenticator. It acts around the
// client, on what goes in and comes out, and on its checks through seams; it must
// never need a change in the behaviour that it spoils.
package fault

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/internal/nearest"
	"github.com/passkeylab/passkeylab/webauthn"
)

// Exchange carries one message to an authenticator and its answer back.
type Exchange func(ctx context.Context, request []byte) ([]byte, error)

// Fault is one way for a client to be wrong. Fields that are nil change nothing. A
// fault may remember what it saw, so a value is for one client.
type Fault struct {
	ID   string // permanent, "what/how"
	Spec string // the rule that it breaks
	Doc  string // one sentence

	Seams client.Seams // hand these to client.New

	// Creation and Request are what the client makes of the options of a page.
	Creation func(*webauthn.CreationOptions) error
	Request  func(*webauthn.RequestOptions) error
	// Caller is what it makes of the page itself.
	Caller func(*client.Caller)
	// Created and Asserted are what the page gets in place of a result; Thrown in
	// place of an error.
	Created  func(*webauthn.RegistrationResponse)
	Asserted func(*webauthn.AuthenticationResponse)
	Thrown   func(error) error
	// Again is asked after a failure whether the client tries once more.
	Again func(error) bool
	// Reach is what the client makes of the authenticators within its reach, of which
	// there is at least one. It may change them.
	Reach func([]client.Authenticator) []client.Authenticator
	// Related is what it makes of the RP IDs that vouch for other origins, Fetched what
	// it makes of what they answer.
	Related func(client.RelatedOrigins) client.RelatedOrigins
	Fetched func(*Document)

	// Random is what the client draws from, anew in each ceremony.
	Random func() io.Reader

	// Messages stands between the client and what carries its CTAP2 messages,
	// Commands the same for U2F.
	Messages func(Exchange) Exchange
	Commands func(Exchange) Exchange
	// Sent and Heard change the reports of CTAPHID; none is a report that is lost.
	Sent, Heard func(report []byte) [][]byte
}

// Document is the answer at /.well-known/webauthn.
type Document struct {
	Status int
	Type   string
	Body   []byte
}

// Group is the part of the ID that faults of one kind share.
func (f Fault) Group() string {
	for i := range f.ID {
		if f.ID[i] == '/' {
			return f.ID[:i]
		}
	}
	return f.ID
}

var groups = []func() []Fault{
	requestFaults, createFaults, conveyanceFaults, getFaults, listFaults, accountFaults, infoFaults,
	answerFaults, checkFaults, statusFaults, resultFaults,
	pinFaults, uvFaults, pageFaults, relatedFaults, extensionFaults, giftFaults, prfFaults, largeBlobFaults, u2fFaults, hidFaults,
	enterpriseFaults, appIDFaults, severalFaults,
}

// All returns every fault, sorted by ID. Each call returns values of their own.
func All() (all []Fault) {
	for _, group := range groups {
		all = append(all, group()...)
	}
	slices.SortFunc(all, func(a, b Fault) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// Lookup returns the fault with an ID, each time a value of its own. The error names
// the ID most like it.
func Lookup(id string) (Fault, error) {
	all := All()
	ids := make([]string, len(all))
	for i, f := range all {
		if f.ID == id {
			return f, nil
		}
		ids[i] = f.ID
	}
	if meant := nearest.Name(id, ids); meant != "" {
		return Fault{}, fmt.Errorf("no fault of a client is called %q: did you mean %q?", id, meant)
	}
	return Fault{}, fmt.Errorf("no fault of a client is called %q: `passkeylab faults --of client` lists them", id)
}

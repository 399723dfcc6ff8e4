// Package fault is the catalogue of mistakes that a relying party can make: each a
// documented value that makes a correct one wrong in exactly one way.
//
// It owns what can go wrong between the options that a relying party sends and the
// account that it lets somebody into. It acts through [relyingparty.Seams] alone and
// must never need a change in the behaviour it spoils; nor does it know who is to
// notice.
package fault

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/internal/nearest"
	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// Fault is one mistake. The absence of faults is correct behaviour.
//
// A fault may remember what it saw, so a value is for one relying party.
type Fault struct {
	ID   string // permanent, "rp/what/how"
	Spec string // the rule that it breaks
	Doc  string // one sentence
	// Strict says that it refuses or leaves out what has to be accepted; other faults
	// accept what has to be refused, or send what must not be sent.
	Strict bool
	// Doors are where it makes a difference; nil stands for all.
	Doors []ceremony.Door
	// Seams go to relyingparty.Config or conformanceapi.Config; those that act on
	// ceremonies alone, which they embed, to ceremony.Config as well.
	Seams relyingparty.Seams
}

// Group is the part of the ID that faults of one kind share, "rp/what".
func (f Fault) Group() string { return f.ID[:strings.LastIndexByte(f.ID, '/')] }

// At reports whether the fault makes a difference at a door.
func (f Fault) At(d ceremony.Door) bool { return f.Doors == nil || slices.Contains(f.Doors, d) }

// All returns every fault, sorted by ID. Each call returns values of their own.
func All() (all []Fault) {
	for _, g := range groups {
		all = append(all, g.make()...)
	}
	slices.SortFunc(all, func(a, b Fault) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// Lookup returns the fault with an ID, each time a value of its own. The error names
// the ID most like it.
func Lookup(id string) (Fault, error) {
	for _, g := range groups {
		if !strings.HasPrefix(id, g.Name+"/") {
			continue
		}
		for _, f := range g.make() {
			if f.ID == id {
				return f, nil
			}
		}
	}
	var ids []string
	for _, f := range All() {
		ids = append(ids, f.ID)
	}
	if meant := nearest.Name(id, ids); meant != "" {
		return Fault{}, fmt.Errorf("no fault of a relying party is called %q: did you mean %q?", id, meant)
	}
	return Fault{}, fmt.Errorf("no fault of a relying party is called %q: fault.All lists them", id)
}

// Group is a kind of faults.
type Group struct {
	Name  string // "rp/what"
	About string // one sentence
}

// Groups lists the kinds of faults in the order in which a response passes them.
func Groups() []Group {
	all := make([]Group, len(groups))
	for i, g := range groups {
		all[i] = g.Group
	}
	return all
}

// groups make the faults of one kind each, anew whenever they are asked.
var groups = []struct {
	Group
	make func() []Fault
}{
	{Group{"rp/options", "What is sent to the browser."}, optionsFaults},
	{Group{"rp/challenge", "Challenges, and what becomes of them."}, challengeFaults},
	{Group{"rp/json", "The JSON that a response comes in."}, jsonFaults},
	{Group{"rp/clientdata", "Client data as a text, and its type."}, clientDataFaults},
	{Group{"rp/origin", "Where a response was made."}, originFaults},
	{Group{"rp/authdata", "The layout of authenticator data, and the RP ID."}, authDataFaults},
	{Group{"rp/flags", "What the flags of authenticator data say."}, flagFaults},
	{Group{"rp/credential", "Whose credential it is, and which."}, credentialFaults},
	{Group{"rp/key", "Public keys and their algorithms."}, keyFaults},
	{Group{"rp/signature", "Signatures of assertions."}, signatureFaults},
	{Group{"rp/counter", "Signature counters."}, counterFaults},
	{Group{"rp/extensions", "What extensions answer."}, extensionFaults},
	{Group{"rp/object", "Attestation objects."}, objectFaults},
	{Group{"rp/attestation", "Attestation statements, whatever their format."}, statementFaults},
	{Group{"rp/packed", "Attestation statements of format packed."}, packedFaults},
	{Group{"rp/fido-u2f", "Attestation statements of format fido-u2f."}, u2fFaults},
	{Group{"rp/tpm", "Attestation statements of format tpm."}, tpmFaults},
	{Group{"rp/android-key", "Attestation statements of format android-key."}, androidKeyFaults},
	{Group{"rp/apple", "Attestation statements of format apple."}, appleFaults},
	{Group{"rp/android-safetynet", "Attestation statements of format android-safetynet."}, safetyNetFaults},
	{Group{"rp/compound", "Attestation statements of format compound."}, compoundFaults},
	{Group{"rp/metadata", "What metadata say of authenticator models. They act where there are rules for models."}, metadataFaults},
	{Group{"rp/interface", "Requests at the conformance interface, and how they are answered."}, interfaceFaults},
	{Group{"rp/list", "What the published test list for servers demands beyond WebAuthn Level 3. They act where that is held to."}, listFaults},
	{Group{"rp/state", "Accounts and sessions."}, stateFaults},
}

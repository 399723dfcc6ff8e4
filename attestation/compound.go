package attestation

import (
	"bytes"
	"errors"

	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// compound makes several statements at once (§8.9).
type compound struct {
	parts []Attester
	bend  bend[compoundDraft]
}

// compoundDraft is a compound statement being made.
type compoundDraft struct {
	about     *Subject
	makers    []part
	statement any // array of maps with the members fmt and attStmt
}

// part is one of the statements, and what it is to be about.
type part struct {
	maker Attester
	about *Subject
}

var errFewParts = errors.New("attestation: a compound statement has two parts at least, none of them compound")

// Compound returns an attester that makes a statement of every one of at least two
// others. Parts with certificates nest one level deeper than CTAP allows messages to
// (CTAP 2.3 §8), so that only platform authenticators can have them.
func Compound(parts ...Attester) (Attester, error) {
	if len(parts) < 2 {
		return nil, errFewParts
	}
	for _, p := range parts {
		if p.Format() == webauthn.FormatCompound {
			return nil, errFewParts
		}
	}
	return &compound{parts: parts}, nil
}

func (c *compound) Format() string { return webauthn.FormatCompound }

func (c *compound) Attest(about *Subject) (canon.Raw, error) {
	draft := compoundDraft{about: about}
	for _, p := range c.parts {
		draft.makers = append(draft.makers, part{p, about})
	}
	c.bend.shaped(&draft)
	made, err := draft.attest()
	if err != nil {
		return nil, err
	}
	draft.statement = made
	c.bend.spoiled(&draft)
	return encode(draft.statement)
}

// attest makes the parts.
func (d *compoundDraft) attest() ([]statement, error) {
	parts := make([]statement, len(d.makers))
	for i, p := range d.makers {
		made, err := p.maker.Attest(p.about)
		if err != nil {
			return nil, err
		}
		parts[i] = statement{"fmt": p.maker.Format(), "attStmt": made}
	}
	return parts, nil
}

func (c *compound) broken(b any) (Attester, bool) {
	bent, ok := b.(bend[compoundDraft])
	copied := *c
	copied.bend = bent
	return &copied, ok
}

// Steps of verifying compound statements.
const (
	compoundSyntax = "WebAuthn L3 §8.9, syntax"
	compoundPart   = "WebAuthn L3 §8.9 verification step 1"
)

// compoundDefects are those of compound statements.
var compoundDefects = []Defect{
	compoundDefect("empty", compoundSyntax, "The statement is an empty array.", bend[compoundDraft]{
		spoil: func(d *compoundDraft) { d.statement = []statement{} }}),
	compoundDefect("fmt-missing", compoundSyntax, "The first part does not say which format it has.", bend[compoundDraft]{
		spoil: func(d *compoundDraft) { delete(d.first(), "fmt") }}),
	compoundDefect("fmt-number", compoundSyntax, "The first part gives its format as a number.", bend[compoundDraft]{
		spoil: func(d *compoundDraft) { d.first()["fmt"] = 1 }}),
	compoundDefect("map", compoundSyntax, "The first part alone is the statement, without an array around it.", bend[compoundDraft]{
		spoil: func(d *compoundDraft) { d.statement = d.first() }}),
	compoundDefect("nested", compoundSyntax, "The first part is itself a compound statement.", bend[compoundDraft]{
		shape: func(d *compoundDraft) { d.makers[0].maker = &compound{parts: []Attester{None(), None()}} }}),
	compoundDefect("one-part", compoundSyntax, "The statement has one part, where two are the least.", bend[compoundDraft]{
		shape: func(d *compoundDraft) { d.makers = d.makers[:1] }}),
	compoundDefect("part-not-map", compoundSyntax, "The first part is a text string.", bend[compoundDraft]{
		spoil: func(d *compoundDraft) { d.statement = []any{"none", d.first()} }}),
	compoundDefect("part-of-other-client-data", compoundPart, "The first part that attests anything is about other client data, the others are whole.", bend[compoundDraft]{
		shape: func(d *compoundDraft) {
			other := *d.about
			other.ClientDataHash = bitFlipped(bytes.Clone(d.about.ClientDataHash))
			for i := range d.makers {
				if d.makers[i].maker.Format() != webauthn.FormatNone {
					d.makers[i].about = &other
					return
				}
			}
		}}),
	compoundDefect("part-unknown", compoundPart, "The first part has a format that nobody knows.", bend[compoundDraft]{
		spoil: func(d *compoundDraft) { d.first()["fmt"] = "passkeylab-unknown" }}),
	compoundDefect("statement-missing", compoundSyntax, "The first part has no statement.", bend[compoundDraft]{
		spoil: func(d *compoundDraft) { delete(d.first(), "attStmt") }}),
}

// first is the first part, made.
func (d *compoundDraft) first() statement { return d.statement.([]statement)[0] }

func compoundDefect(what, spec, doc string, b bend[compoundDraft]) Defect {
	return Defect{ID: webauthn.FormatCompound + "/" + what, Format: webauthn.FormatCompound, Spec: spec, Doc: doc, bend: b}
}

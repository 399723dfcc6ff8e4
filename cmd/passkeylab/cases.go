package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/authenticators"
	"github.com/passkeylab/passkeylab/conformance/clients"
	"github.com/passkeylab/passkeylab/conformance/relyingparties"
)

type casesVerb struct {
	Match []string `arg:"" optional:"" name:"pattern" help:"Cases to list, such as 'makecredential' or '*/token/*'."`
	Of    string   `help:"What the cases are of: authenticator, client or rp." default:"authenticator" enum:"authenticator,client,rp"`
	JSON  bool     `help:"Print one array of objects."`
}

// listedCase is a case as --json prints it.
type listedCase struct {
	ID       string            `json:"id"`
	Document string            `json:"document"`
	Section  string            `json:"section"`
	Step     string            `json:"step,omitempty"`
	Level    conformance.Level `json:"level"`
	Doc      string            `json:"doc"`
	Needs    []string          `json:"needs"`
	Catches  []string          `json:"catches"`
	Twin     string            `json:"twin,omitempty"`
}

// suites are all cases, by what they are of.
var suites = map[string]func() []conformance.Case{
	"authenticator": authenticators.Cases, "client": clients.Cases, "rp": relyingparties.Cases,
}

func (v *casesVerb) Run(c *console) error {
	chosen, err := conformance.Select(suites[v.Of](), conformance.Selection{Match: v.Match, Level: conformance.May})
	if err != nil {
		return err
	}
	if !v.JSON {
		return writeCases(c.out, chosen)
	}
	list := make([]listedCase, len(chosen))
	for i, s := range chosen {
		list[i] = listedCase{
			ID: s.ID, Document: s.Spec.Document, Section: s.Spec.Section, Step: s.Spec.Step, Level: s.Level, Doc: s.Doc,
			Needs: []string{}, Catches: append([]string{}, s.Catches...), Twin: s.Twin,
		}
		for _, need := range s.Needs {
			list[i].Needs = append(list[i].Needs, need.Name)
		}
	}
	encoder := json.NewEncoder(c.out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(list)
}

func writeCases(w io.Writer, cases []conformance.Case) error {
	for i := range cases {
		if _, err := fmt.Fprintf(w, "%s  %s\n    %s\n", cases[i].ID, cases[i].Requirement(), cases[i].Doc); err != nil {
			return err
		}
	}
	return nil
}

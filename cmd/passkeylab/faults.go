package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/passkeylab/passkeylab/authenticator/fault"
)

type faultsVerb struct {
	Name string `arg:"" optional:"" name:"id" help:"One fault, such as signature/bit-flip, or a group of them, such as signature."`
	JSON bool   `help:"Print one array of objects."`
}

// described is a fault as --json prints it.
type described struct {
	ID    string `json:"id"`
	Group string `json:"group"`
	Spec  string `json:"spec"`
	Doc   string `json:"doc"`
}

func (v *faultsVerb) Run(c *console) error {
	chosen, err := v.choose()
	if err != nil {
		return err
	}
	list := make([]described, len(chosen))
	for i, f := range chosen {
		list[i] = described{ID: f.ID, Group: f.Group(), Spec: f.Spec, Doc: f.Doc}
	}
	if v.JSON {
		encoder := json.NewEncoder(c.out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(list)
	}
	return writeFaults(c.out, list)
}

// choose takes a name for a group where there is one of that name.
func (v *faultsVerb) choose() ([]fault.Fault, error) {
	if v.Name == "" {
		return fault.All(), nil
	}
	var group []fault.Fault
	for _, f := range fault.All() {
		if f.Group() == v.Name {
			group = append(group, f)
		}
	}
	if len(group) > 0 {
		return group, nil
	}
	one, err := fault.Lookup(v.Name)
	return []fault.Fault{one}, err
}

func writeFaults(w io.Writer, list []described) error {
	for _, f := range list {
		if _, err := fmt.Fprintf(w, "%s  (%s)\n    %s\n", f.ID, f.Spec, f.Doc); err != nil {
			return err
		}
	}
	return nil
}

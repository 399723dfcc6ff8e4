package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/passkeylab/passkeylab/authenticator/fault"
	clientfault "github.com/passkeylab/passkeylab/client/fault"
)

type faultsVerb struct {
	Name string `arg:"" optional:"" name:"id" help:"One fault, such as signature/bit-flip, or a group of them, such as signature."`
	Of   string `help:"Whose faults: device, which has those of client data too, or client." default:"device" enum:"device,client"`
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
	list, err := v.choose()
	if err != nil {
		return err
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
func (v *faultsVerb) choose() ([]described, error) {
	all, lookup := v.catalogue()
	if v.Name == "" {
		return all, nil
	}
	group := slices.DeleteFunc(slices.Clone(all), func(d described) bool { return d.Group != v.Name })
	if len(group) > 0 {
		return group, nil
	}
	if err := lookup(v.Name); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(d described) bool { return d.ID != v.Name }), nil
}

// catalogue is all of one kind, and what says why a name is none.
func (v *faultsVerb) catalogue() (all []described, lookup func(id string) error) {
	if v.Of == "client" {
		for _, f := range clientfault.All() {
			all = append(all, described{ID: f.ID, Group: f.Group(), Spec: f.Spec, Doc: f.Doc})
		}
		return all, func(id string) error { _, err := clientfault.Lookup(id); return err }
	}
	for _, f := range fault.All() {
		all = append(all, described{ID: f.ID, Group: f.Group(), Spec: f.Spec, Doc: f.Doc})
	}
	return all, func(id string) error { _, err := fault.Lookup(id); return err }
}

func writeFaults(w io.Writer, list []described) error {
	for _, f := range list {
		if _, err := fmt.Fprintf(w, "%s  (%s)\n    %s\n", f.ID, f.Spec, f.Doc); err != nil {
			return err
		}
	}
	return nil
}

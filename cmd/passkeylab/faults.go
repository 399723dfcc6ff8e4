package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/authenticator/fault"
	clientfault "github.com/passkeylab/passkeylab/client/fault"
	"github.com/passkeylab/passkeylab/internal/nearest"
	rpfault "github.com/passkeylab/passkeylab/relyingparty/fault"
)

type faultsVerb struct {
	Name string `arg:"" optional:"" name:"id" help:"One fault, such as signature/bit-flip, or a group of them, such as signature, rp (those of relying parties) or rp/origin."`
	Of   string `help:"Whose faults: device, which has those of client data too, client, or rp. By default those of devices and of relying parties." default:"" enum:",device,client,rp"`
	JSON bool   `help:"Print one array of objects."`
}

// described is a fault as --json prints it.
type described struct {
	ID    string `json:"id"`
	Of    string `json:"of"` // as --of has it
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
	all := v.catalogue()
	if v.Name == "" {
		return all, nil
	}
	chosen := slices.DeleteFunc(slices.Clone(all), func(f described) bool {
		return f.ID != v.Name && f.Group != v.Name && !strings.HasPrefix(f.Group, v.Name+"/")
	})
	if len(chosen) > 0 {
		return chosen, nil
	}
	ids := make([]string, len(all))
	for i, f := range all {
		ids[i] = f.ID
	}
	whose := map[string]string{"client": " of a client", "rp": " of a relying party"}[v.Of]
	if meant := nearest.Name(v.Name, ids); meant != "" {
		return nil, fmt.Errorf("no fault%s is called %q: did you mean %q?", whose, v.Name, meant)
	}
	return nil, fmt.Errorf("no fault%s is called %q: passkeylab faults lists them", whose, v.Name)
}

// catalogue is all that are asked for.
func (v *faultsVerb) catalogue() (all []described) {
	if v.Of == "client" {
		for _, f := range clientfault.All() {
			all = append(all, described{f.ID, "client", f.Group(), f.Spec, f.Doc})
		}
		return all
	}
	if v.Of != "rp" {
		for _, f := range fault.All() {
			all = append(all, described{f.ID, "device", f.Group(), f.Spec, f.Doc})
		}
	}
	if v.Of != "device" {
		for _, f := range rpfault.All() {
			all = append(all, described{f.ID, "rp", f.Group(), f.Spec, f.Doc})
		}
	}
	return all
}

func writeFaults(w io.Writer, list []described) error {
	for _, f := range list {
		if _, err := fmt.Fprintf(w, "%s  (%s)\n    %s\n", f.ID, f.Spec, f.Doc); err != nil {
			return err
		}
	}
	return nil
}

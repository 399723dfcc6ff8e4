package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/passkeylab/passkeylab/authenticator/profile"
)

type profilesVerb struct {
	Names []string `arg:"" optional:"" name:"name" help:"Profiles to describe, each fact with its source. A FILE.json that describes one is a name, too."`
	JSON  bool     `help:"Print one array of objects."`
}

func (v *profilesVerb) Run(c *console) error {
	chosen := profile.All()
	if len(v.Names) > 0 {
		chosen = nil
	}
	for _, name := range v.Names {
		p, err := profileOf(name)
		if err != nil {
			return err
		}
		chosen = append(chosen, p)
	}
	switch {
	case v.JSON:
		encoder := json.NewEncoder(c.out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(chosen)
	case len(v.Names) == 0:
		return writeProfiles(c.out, chosen)
	}
	for i, p := range chosen {
		if i > 0 {
			fmt.Fprintln(c.out)
		}
		if err := describe(c.out, p); err != nil {
			return err
		}
	}
	return nil
}

// columns of the list beside ID and name.
var listedFacts = []string{"attachment", "attestation", "backupEligible", "backedUp", "userVerification"}

// writeProfiles prints one line for each. What is unknown is a question mark.
func writeProfiles(w io.Writer, all []profile.Profile) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tNAME\tATTACHMENT\tATTESTATION\tBE\tBS\tUV")
	for _, p := range all {
		facts := make(map[string]string)
		for _, f := range p.Facts() {
			facts[f.Name] = f.Value
		}
		if a, known := p.Attestation.Value(); known {
			facts["attestation"] = a.Brief()
		}
		fmt.Fprintf(table, "%s\t%s", p.ID, p.Name)
		for _, name := range listedFacts {
			if facts[name] == "" {
				facts[name] = "?"
			}
			fmt.Fprintf(table, "\t%s", facts[name])
		}
		fmt.Fprintln(table)
	}
	return table.Flush()
}

// describe prints every fact with its source below it.
func describe(w io.Writer, p profile.Profile) error {
	fmt.Fprintf(w, "%s: %s\n", p.ID, p.Name)
	if p.About != "" {
		fmt.Fprintln(w, p.About)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "kind\t%s\n", p.Kind)
	for _, f := range p.Facts() {
		if f.Source == "" {
			fmt.Fprintf(table, "%s\tunknown\n", f.Name)
		} else {
			fmt.Fprintf(table, "%s\t%s\n\t  %s\n", f.Name, f.Value, f.Source)
		}
	}
	for _, q := range p.Quirks {
		fmt.Fprintf(table, "quirk\t%s\n\t  %s\n", q.Text, q.Source)
		if q.Fault != "" {
			fmt.Fprintf(table, "\t  rehearsed by fault %s\n", q.Fault)
		}
	}
	for _, d := range p.Differs {
		fmt.Fprintf(table, "lab differs\t%s: %s\n", d.Fact, d.Why)
	}
	return table.Flush()
}

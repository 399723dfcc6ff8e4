package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/scenarios"
)

type scenariosVerb struct {
	Patterns []string `arg:"" optional:"" name:"pattern" help:"Journeys to list, such as 'autofill' or 'button/two-*'."`
	JSON     bool     `help:"Print one array of objects."`
}

// listed is a journey as --json prints it.
type listed struct {
	ID       string            `json:"id"`
	Story    string            `json:"story"`
	Covers   []string          `json:"covers"`
	Links    []passkeylab.Link `json:"links"`
	Embedded bool              `json:"embedded"`          // cannot visit a site elsewhere
	Product  string            `json:"product,omitempty"` // the profile whose devices it is made with
}

func (v *scenariosVerb) Run(c *console) error {
	chosen, err := scenarios.Match(v.Patterns...)
	if err != nil {
		return err
	}
	list := make([]listed, len(chosen))
	for i, s := range chosen {
		list[i] = listed{ID: s.ID, Story: s.Story, Covers: s.Covers, Embedded: s.Needs.Embedded, Product: s.Product}
		for _, link := range passkeylab.Links() {
			if s.NotOn(link) == "" {
				list[i].Links = append(list[i].Links, link)
			}
		}
	}
	if v.JSON {
		encoder := json.NewEncoder(c.out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(list)
	}
	return writeList(c.out, list)
}

func writeList(w io.Writer, list []listed) error {
	for _, l := range list {
		if _, err := fmt.Fprintf(w, "%s  %s\n    %s\n", l.ID, l.Links, l.Story); err != nil {
			return err
		}
	}
	return nil
}

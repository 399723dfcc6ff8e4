package main

import "github.com/passkeylab/passkeylab/internal/doctor"

type doctorVerb struct {
	JSON bool `help:"Print one array of objects."`
}

func (v *doctorVerb) Run(c *console) error {
	checks := doctor.Run(c)
	write := doctor.WriteText
	if v.JSON {
		write = doctor.WriteJSON
	}
	if err := write(c.out, checks); err != nil {
		return err
	}
	if !doctor.Able(checks) {
		return &verdictError{exitBroken}
	}
	return nil
}

package main

import (
	"context"
	"errors"

	"github.com/passkeylab/passkeylab/internal/doctor"
	"github.com/passkeylab/passkeylab/transport/usbkey"
)

type doctorVerb struct {
	JSON bool `help:"Print one array of objects."`
}

func (v *doctorVerb) Run(c *console) error {
	checks := append(doctor.Run(c), usbKeyCheck(c))
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

// usbKeyCheck plugs a key in, which package doctor is too far below to do.
func usbKeyCheck(ctx context.Context) doctor.Check {
	check := doctor.Check{ID: "usb-key", What: "virtual USB keys, for exec", State: doctor.OK, Detail: "a process with a /dev of its own finds its key there"}
	if err := usbkey.Check(ctx); err != nil {
		check.State, check.Detail = doctor.Limited, err.Error()
		if refused := new(usbkey.UnavailableError); errors.As(err, &refused) {
			check.Detail, check.Mend = refused.Cause.Error(), refused.Mend
		}
	}
	return check
}

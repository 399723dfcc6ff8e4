package main

import (
	"fmt"

	"github.com/passkeylab/passkeylab/authenticator/fault"
	"github.com/passkeylab/passkeylab/client"
)

// faults looks up what --fault names, anew for each device.
func (f deviceFlags) faults() (faults []fault.Fault, err error) {
	for _, id := range f.Fault {
		one, err := fault.Lookup(id)
		if err != nil {
			return nil, fmt.Errorf("--fault: %w", err)
		}
		if inClient(one.Client) {
			return nil, fmt.Errorf("--fault %s: that is a fault of a client, and this is a device", id)
		}
		faults = append(faults, one)
	}
	return faults, nil
}

// inClient reports whether a fault acts in a client.
func inClient(s client.Seams) bool {
	return s.RPID != nil || s.ClientData != nil || s.ClientDataJSON != nil || s.Registration != nil || s.Authentication != nil
}

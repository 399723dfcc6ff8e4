package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/profile"
	"github.com/passkeylab/passkeylab/ctap/hid"
	"github.com/passkeylab/passkeylab/transport"
	"github.com/passkeylab/passkeylab/transport/control"
)

// deviceFlags say what virtual authenticators are like, for the verbs that run
// them.
type deviceFlags struct {
	PIN   string   `help:"Give the device this PIN, unless it has it already." placeholder:"PIN"`
	Store string   `help:"Keep what the device remembers in this file; in memory by default." type:"path" placeholder:"FILE"`
	Fault []string `help:"Give the device a fault of those that passkeylab faults lists. Repeatable." sep:"none" placeholder:"ID"`
	controlFlags
}

// chosen is the device of a --profile: one that the lab knows, or that a file
// describes.
type chosen struct {
	profile profile.Profile
	model   authenticator.Model
}

func choose(word string) (chosen, error) {
	p, err := profileOf(word)
	if err != nil {
		return chosen{}, fmt.Errorf("--profile: %w", err)
	}
	model, err := p.AttestedBy(makers())
	return chosen{p, model}, err
}

// makers vouch for the devices of every verb, so that a relying party which trusts
// their roots, by the metadata of passkeylab mds, knows the products of all. Anybody can
// make their keys.
func makers() *attestation.Makers {
	return attestation.NewMakers([]byte("passkeylab's command line, for tests only"), makersSince)
}

var makersSince = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// profileOf takes what ends like a file for one.
func profileOf(word string) (profile.Profile, error) {
	if strings.EqualFold(filepath.Ext(word), ".json") {
		return profile.ReadFile(word)
	}
	return profile.Lookup(word)
}

// virtual is a device that a verb runs, behind CTAPHID.
type virtual struct {
	name       string
	server     *transport.HIDServer
	user       *control.User
	lamp       *control.Lamp
	clock      *control.Clock
	store      authenticator.Store
	closeStore func() error
}

// powerUp makes a device. Close it.
func (f deviceFlags) powerUp(c *console, what chosen) (_ *virtual, err error) {
	faults, err := f.faults()
	if err != nil {
		return nil, err
	}
	user, err := f.user()
	if err != nil {
		return nil, err
	}
	store, closeStore, err := f.open()
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, closeStore())
		}
	}()
	clock := new(control.Clock)
	device, err := authenticator.New(what.model, authenticator.Env{
		Store: store, User: transport.Attend(user), Clock: clock, Random: rand.Reader,
	})
	if err != nil {
		return nil, err
	}
	if err := givePIN(c, device, store, f.PIN); err != nil {
		return nil, fmt.Errorf("--pin: %w", err)
	}
	var speaking []hid.Seams
	for _, one := range faults {
		speaking = append(speaking, one.HID)
	}
	lamp := new(control.Lamp)
	server, err := transport.NewHIDServer(winking{device, lamp}, transport.Speaking(speaking...), transport.Timed(clock))
	if err != nil {
		return nil, err
	}
	for _, one := range faults { // from here on: it has its PIN, and was asked what it speaks
		device.Attach(one.Seams)
	}
	return &virtual{what.profile.ID, server, user, lamp, clock, store, closeStore}, nil
}

func (v *virtual) close() error {
	v.server.Close()
	return v.closeStore()
}

// open opens the store and says how to close it.
func (f deviceFlags) open() (authenticator.Store, func() error, error) {
	if f.Store == "" {
		return authenticator.NewMemoryStore(), func() error { return nil }, nil
	}
	store, err := authenticator.OpenFileStore(f.Store)
	if err != nil {
		return nil, nil, err
	}
	return store, store.Close, nil
}

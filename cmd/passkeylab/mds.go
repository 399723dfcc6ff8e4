package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/passkeylab/passkeylab/attestation/mds"
	"github.com/passkeylab/passkeylab/authenticator/profile"
)

type mdsVerb struct {
	Listen string   `help:"Address to listen on, a loopback address. Port 0 takes a free one." default:"127.0.0.1:0" placeholder:"HOST:PORT"`
	Root   string   `help:"Write the certificate that relying parties are to trust into this file, PEM." type:"path" placeholder:"FILE" required:""`
	Secret string   `help:"Make the keys of this text, so that they are the same each time. By default they are made anew." placeholder:"TEXT"`
	Model  []string `help:"Publish metadata of what passkeylab device can be, by the same names. With =STATUS, such as security-key=REVOKED, the model has that status." placeholder:"MODEL[=STATUS]"`
	Entry  []string `help:"Publish the entry in this file, JSON as in a BLOB." type:"existingfile" placeholder:"FILE"`
	Fault  []string `help:"Publish with these faults; docs/metadata.md lists them." placeholder:"ID"`
}

func (v *mdsVerb) Run(c *console) (err error) {
	entries, err := v.entries(c)
	if err != nil {
		return err
	}
	var faults []mds.Fault
	for _, id := range v.Fault {
		f, err := mds.FaultByID(id)
		if err != nil {
			return fmt.Errorf("--fault: %w", err)
		}
		faults = append(faults, f)
	}
	service, err := mds.StartLocal(v.Listen, mds.Config{Secret: []byte(cmp.Or(v.Secret, rand.Text())), Clock: time.Now}, nil)
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	defer func() { err = errors.Join(err, service.Close()) }()
	service.Publish(entries...)
	service.Break(faults...)
	if err := os.WriteFile(v.Root, service.RootPEM(), 0o644); err != nil {
		return fmt.Errorf("--root: %w", err)
	}
	fmt.Fprintf(c.out, "metadata:       %s/\nto believe it:  passkeylab serve --attestation known --mds %s/ --mds-root %s\n", service.URL, service.URL, v.Root)
	<-c.Done()
	return nil
}

func (v *mdsVerb) entries(ctx context.Context) (all []mds.Entry, err error) {
	for _, name := range v.Model {
		e, err := modelEntry(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("--model: %w", err)
		}
		all = append(all, e)
	}
	for _, file := range v.Entry {
		e, err := readEntry(file)
		if err != nil {
			return nil, fmt.Errorf("--entry %s: %w", file, err)
		}
		all = append(all, e)
	}
	return all, nil
}

// modelEntry is the entry of what passkeylab device can be, by its own word.
func modelEntry(ctx context.Context, word string) (mds.Entry, error) {
	name, status, _ := strings.Cut(word, "=")
	report := mds.StatusReport{Status: mds.Status(cmp.Or(status, string(mds.NotFIDOCertified))), EffectiveDate: mds.On(time.Now())}
	if !slices.Contains(mds.Statuses(), report.Status) {
		return mds.Entry{}, fmt.Errorf("no status is called %q: use one of %q", status, mds.Statuses())
	}
	p, err := profileOf(name)
	if err != nil {
		return mds.Entry{}, err
	}
	makers := makers()
	model, err := p.AttestedBy(makers)
	if err != nil {
		return mds.Entry{}, err
	}
	statement, err := profile.Metadata(ctx, p.Name, model, makers)
	if err != nil {
		return mds.Entry{}, fmt.Errorf("%s: %w", name, err)
	}
	return mds.EntryOf(statement, report), nil
}

// readEntry refuses members that an entry does not have: they are spelled wrong.
func readEntry(file string) (mds.Entry, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return mds.Entry{}, err
	}
	var e mds.Entry
	err = readStrict(data, &e)
	return e, err
}

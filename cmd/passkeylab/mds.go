package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/passkeylab/passkeylab/attestation/mds"
	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
)

type mdsVerb struct {
	Listen string   `help:"Address to listen on, a loopback address. Port 0 takes a free one." default:"127.0.0.1:0" placeholder:"HOST:PORT"`
	Root   string   `help:"Write the certificate that relying parties are to trust into this file, PEM." type:"path" placeholder:"FILE" required:""`
	Secret string   `help:"Make the keys of this text, so that they are the same each time. By default they are made anew." placeholder:"TEXT"`
	Model  []string `help:"Publish metadata of these profiles of passkeylab device. With =STATUS, such as security-key=REVOKED, the model has that status." placeholder:"MODEL[=STATUS]"`
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

// modelEntry is the entry of a model that passkeylab device can be, by its own word.
func modelEntry(ctx context.Context, name string) (mds.Entry, error) {
	profile, word, _ := strings.Cut(name, "=")
	status := mds.Status(cmp.Or(word, string(mds.NotFIDOCertified)))
	model, is := profiles[profile]
	switch {
	case !is:
		return mds.Entry{}, fmt.Errorf("no profile is called %q: use one of %q", profile, slices.Sorted(maps.Keys(profiles)))
	case !slices.Contains(mds.Statuses(), status):
		return mds.Entry{}, fmt.Errorf("no status is called %q: use one of %q", status, mds.Statuses())
	}
	m := model()
	device, err := authenticator.New(m, authenticator.Env{
		Store: authenticator.NewMemoryStore(), User: new(authenticator.ScriptedUser), Clock: authenticator.SystemClock{}, Random: rand.Reader,
	})
	if err != nil {
		return mds.Entry{}, err
	}
	info, err := ctap.Call(ctx, device, new(ctap.GetInfoRequest))
	if err != nil {
		return mds.Entry{}, err
	}
	statement := mds.Key(m.AAGUID, "passkeylab "+m.Name)
	if m.BackupEligible {
		statement = mds.Provider(m.AAGUID, "passkeylab "+m.Name)
	}
	return mds.EntryOf(statement.Answering(info), mds.StatusReport{Status: status, EffectiveDate: mds.On(time.Now())}), nil
}

// readEntry refuses members that an entry does not have: they are spelled wrong.
func readEntry(file string) (mds.Entry, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return mds.Entry{}, err
	}
	var e mds.Entry
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	err = d.Decode(&e)
	return e, err
}

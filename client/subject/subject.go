// Package subject hands our own client to the judge, as a target in this process.
//
// It owns the wiring between the client, its CTAPHID and the judge's scripted
// authenticator. It must never know a case.
package subject

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/client/fault"
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/clients"
	"github.com/passkeylab/passkeylab/ctap/hid"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/transport"
	"github.com/passkeylab/passkeylab/webauthn"
)

// Target makes clients of ours.
type Target struct {
	// Faults are the IDs of faults that the clients have.
	Faults []string
}

var _ conformance.Several = Target{}

// Several reports that clients do not know of each other.
func (Target) Several() bool { return true }

// Fresh implements [conformance.Target].
func (t Target) Fresh(_ context.Context, s uint64) (conformance.Subject, error) {
	c := &ours{random: seed.Stream(s, "client")}
	for _, id := range t.Faults {
		f, err := fault.Lookup(id)
		if err != nil {
			return nil, err
		}
		c.faults = append(c.faults, f)
	}
	return c, nil
}

// ours is one client.
type ours struct {
	random io.Reader
	faults []fault.Fault
}

var _ clients.Client = (*ours)(nil)

// Close implements [conformance.Subject].
func (*ours) Close() error { return nil }

// Features implements [clients.Client].
func (*ours) Features() []clients.Feature {
	return []clients.Feature{
		clients.ServesPages, clients.OverHID, clients.SpeaksU2F, clients.TypesPIN, clients.TypesAnyPIN, clients.SetsPIN, clients.VerifiesBuiltIn,
		clients.FindsAccounts, clients.Cancels, clients.ConveysAttestation, clients.AsksEnterprise, clients.GivesEnterprise, clients.ReachesSeveral, clients.KeepsTime, clients.AsksRelated,
		clients.HasPRF, clients.HasPRFAtOnce, clients.HasCredProtect, clients.HasCredProps, clients.HasCredBlob, clients.HasMinPIN, clients.HasLargeBlob,
		clients.HasAppID, clients.HasAppIDExcl,
	}
}

// lifetime is how long a request may take: the shortest that a case needs in which a
// device falls silent.
const lifetime = 30 * time.Second

// Perform implements [clients.Client].
func (c *ours) Perform(ctx context.Context, device *clients.Device, r *clients.Request) (*clients.Result, error) {
	var reach []client.Authenticator
	for _, d := range append([]*clients.Device{device}, r.Others...) {
		plugged, unplug, err := c.plug(ctx, d)
		defer unplug()
		if err != nil {
			return c.thrown(err), nil
		}
		reach = append(reach, plugged)
	}
	asked, withdraw := context.WithCancel(ctx)
	defer withdraw()
	if r.Cancel != nil {
		go func() {
			select {
			case <-r.Cancel:
				withdraw()
			case <-asked.Done():
			}
		}()
	}
	browser, err := c.browser(reach, r)
	if err != nil {
		return nil, err
	}
	return c.carryOut(asked, browser, r)
}

// plug puts a device within reach, until unplug is called.
func (c *ours) plug(ctx context.Context, device *clients.Device) (one client.Authenticator, unplug func(), err error) {
	near, far := newCable()
	served := make(chan error, 1)
	serving, stop := context.WithCancel(ctx)
	go func() { served <- device.Serve(serving, far) }()
	unplug = func() {
		stop()
		near.Close()
		<-served
	}
	link, err := transport.OpenHID(ctx, c.spoiledLink(near), c.random)
	if err != nil {
		return one, unplug, err
	}
	one.Name = "scripted"
	if link.Info().Capabilities&hid.CanCBOR != 0 {
		one.Transport = exchanger{c.spoiledMessages(link.Exchange)}
	}
	if link.Info().Capabilities&hid.NoMsg == 0 {
		one.U2F = commander{c.spoiledCommands(link.ExchangeAPDU)}
	}
	pull := unplug
	return one, func() { link.Close(); pull() }, nil
}

// browser is the client with devices within its reach.
func (c *ours) browser(reach []client.Authenticator, r *clients.Request) (*client.Client, error) {
	config := client.Config{
		Random: c.random, PIN: typist{r}, Enterprise: managed, RelatedOrigins: c.spoiledRelated(r),
		Timeouts: client.Timeouts{Min: time.Second, Max: lifetime, Default: lifetime},
	}
	var seams []client.Seams
	for _, f := range c.faults {
		seams = append(seams, f.Seams)
		if f.Reach != nil {
			reach = f.Reach(reach)
		}
		if f.Random != nil {
			config.Random = f.Random()
		}
	}
	config.Authenticators = client.Attached(reach...)
	return client.New(config, seams...)
}

// managed is what whoever manages the client says of enterprise attestation.
func managed(rpID string) client.Enterprise {
	if rpID == "example.com" {
		return client.VendorFacilitated
	}
	return client.NoEnterprise
}

// typist is a user who types what the case says.
type typist struct{ r *clients.Request }

// PIN implements [client.PINEntry].
func (t typist) PIN(_ context.Context, prompt client.PINPrompt) (string, error) {
	pin := t.r.PIN
	if prompt.Reason == client.PINSet || prompt.Reason == client.PINChange {
		pin = t.r.NewPIN
	}
	if pin == "" || prompt.Refused != "" {
		return "", client.ErrCancelled
	}
	return pin, nil
}

// carryOut asks the client as a page would.
func (c *ours) carryOut(ctx context.Context, browser *client.Client, r *clients.Request) (*clients.Result, error) {
	result, err := c.attempt(ctx, browser, r)
	for _, f := range c.faults {
		if err != nil && f.Again != nil && f.Again(err) {
			result, err = c.attempt(ctx, browser, r)
		}
	}
	if err == nil {
		return result, nil
	}
	return c.thrown(err), nil
}

// thrown is what the page gets to see of an error.
func (c *ours) thrown(err error) *clients.Result {
	for _, f := range c.faults {
		if f.Thrown != nil && err != nil {
			err = f.Thrown(err)
		}
	}
	if err == nil {
		return &clients.Result{}
	}
	return failure(err)
}

func (c *ours) attempt(ctx context.Context, browser *client.Client, r *clients.Request) (*clients.Result, error) {
	caller := client.Caller{Origin: r.Origin}
	for _, f := range c.faults {
		if f.Caller != nil {
			f.Caller(&caller)
		}
	}
	if r.Create {
		return c.create(ctx, browser, caller, r)
	}
	return c.get(ctx, browser, caller, r)
}

func (c *ours) create(ctx context.Context, browser *client.Client, caller client.Caller, r *clients.Request) (*clients.Result, error) {
	options := creationOptions(r)
	for _, f := range c.faults {
		if f.Creation == nil {
			continue
		}
		if err := f.Creation(options); err != nil {
			return nil, err
		}
	}
	made, err := browser.Create(ctx, caller, options)
	if err != nil {
		return nil, err
	}
	for _, f := range c.faults {
		if f.Created != nil {
			f.Created(made)
		}
	}
	object, err := webauthn.ParseAttestationObject(made.Response.AttestationObject)
	if err != nil {
		return nil, err
	}
	return &clients.Result{
		ClientData: made.Response.ClientDataJSON, CredentialID: made.RawID, AuthData: object.AuthData, Format: object.Format, Statement: object.Statement,
		Extensions: outputs(made.ClientExtensionResults),
	}, nil
}

func (c *ours) get(ctx context.Context, browser *client.Client, caller client.Caller, r *clients.Request) (*clients.Result, error) {
	options := requestOptions(r)
	for _, f := range c.faults {
		if f.Request == nil {
			continue
		}
		if err := f.Request(options); err != nil {
			return nil, err
		}
	}
	got, err := browser.Get(ctx, caller, options)
	if err != nil {
		return nil, err
	}
	for _, f := range c.faults {
		if f.Asserted != nil {
			f.Asserted(got)
		}
	}
	return &clients.Result{
		ClientData: got.Response.ClientDataJSON, CredentialID: got.RawID, AuthData: got.Response.AuthenticatorData,
		Signature: got.Response.Signature, UserHandle: got.Response.UserHandle, Extensions: outputs(got.ClientExtensionResults),
	}, nil
}

func outputs(all map[string]json.RawMessage) map[string]any {
	read := map[string]any{}
	for id, text := range all {
		var v any
		if json.Unmarshal(text, &v) == nil {
			read[id] = v
		}
	}
	return read
}

func failure(err error) *clients.Result {
	result := &clients.Result{Error: "Error", Detail: err.Error()}
	var thrown *webauthn.DOMException
	if errors.As(err, &thrown) {
		result.Error, result.Detail = thrown.Name, thrown.Message
		if thrown.Cause != nil {
			result.Detail += " (" + thrown.Cause.Error() + ")"
		}
	}
	return result
}

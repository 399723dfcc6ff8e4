package passkeylab

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/fault"
	"github.com/passkeylab/passkeylab/browser"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/report"
	"github.com/passkeylab/passkeylab/webauthn"
)

// mirrors stand our devices in for each other with Chromium's own virtual
// authenticators, in one tab. What a device holds is copied in; what changes
// there is copied out at once, so the device stays the truth.
//
// Chromium's authenticators answer at once or never. So they are left without
// presence, and a request that waits behind the email field waits, until the
// user presses something or picks a passkey.
type mirrors struct {
	tab    *browser.Tab
	device *Device
	popup  bool // Chromium shows its own interface
	all    []*mirror
}

// mirror is one device and its image.
type mirror struct {
	device  *Device
	virtual *browser.VirtualAuthenticator
}

// build plugs in an image of the device and of every key that is plugged into
// it. With popup, Chromium shows its own interface instead of deciding for the
// user.
func (m *mirrors) build(ctx context.Context, popup bool) error {
	if err := m.tab.UseRealUI(ctx, popup); err != nil { // takes away the images of before
		return err
	}
	m.popup, m.all = popup, nil
	for _, d := range append([]*Device{m.device}, m.device.plugged...) {
		if err := m.plug(ctx, d); err != nil {
			return fmt.Errorf("copying %s into Chromium: %w", d.name, err)
		}
	}
	return nil
}

func (m *mirrors) plug(ctx context.Context, d *Device) error {
	transport := webauthn.TransportUSB
	if d.model.Platform {
		transport = webauthn.TransportInternal
	}
	virtual, err := m.tab.AddVirtualAuthenticator(ctx, browser.VirtualOptions{
		Transport: transport, ResidentKeys: d.model.ResidentKeys,
		UserVerification: d.model.UV >= authenticator.UVConfigured, UserVerified: true,
		BackupEligible: d.model.BackupEligible, BackedUp: d.model.BackedUp, Untouched: true,
	}, m.events(d))
	if err != nil {
		return err
	}
	m.all = append(m.all, &mirror{d, virtual})
	return m.all[len(m.all)-1].reconcile(ctx)
}

// reconcile makes the image hold what the device holds: passkeys can come to a
// device and go from it without the browser.
func (m *mirror) reconcile(ctx context.Context) error {
	held, err := m.device.authenticator.Credentials(ctx)
	if err != nil {
		return err
	}
	shown, err := m.virtual.Credentials(ctx)
	if err != nil {
		return err
	}
	missing := map[string]*authenticator.Credential{}
	for _, c := range held {
		missing[string(c.ID)] = c
	}
	for _, c := range shown {
		if same := missing[string(c.ID)]; same != nil && same.User.Name == c.UserName && same.User.DisplayName == c.DisplayName {
			delete(missing, string(c.ID))
		} else if err := m.virtual.RemoveCredential(ctx, c.ID); err != nil {
			return err
		}
	}
	for _, c := range missing {
		if err := m.add(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

func (m *mirror) add(ctx context.Context, c *authenticator.Credential) error {
	key, err := c.PKCS8()
	if err != nil {
		return err
	}
	return m.virtual.AddCredential(ctx, browser.Credential{
		ID: c.ID, RPID: c.RPID, PrivateKey: key, UserHandle: c.User.ID, UserName: c.User.Name,
		DisplayName: c.User.DisplayName, SignCount: c.SignCount, Resident: c.Discoverable,
		BackupEligible: c.BackupEligible, BackedUp: c.BackedUp,
	})
}

// events copies what changes in Chromium to the device. They arrive while the
// page waits, and no prompt of the device is open, so nothing here blocks.
func (m *mirrors) events(d *Device) browser.VirtualEvents {
	ctx := d.lab.t.Context()
	tell := func(what string, c browser.Credential, err error) {
		text := fmt.Sprintf("credential %x of %s, signature counter %d", c.ID, c.UserName, c.SignCount)
		if err != nil {
			text += "\ncould not be copied to the device: " + err.Error()
		}
		d.lab.record.message(report.Message{From: "Chromium's virtual authenticator", To: d.name, Layer: "CDP", Name: what, Decoded: text})
	}
	return browser.VirtualEvents{
		Added: func(c browser.Credential) {
			made, err := imported(c)
			if err == nil {
				err = d.authenticator.Import(ctx, made)
			}
			tell("credentialAdded", c, err)
		},
		Asserted: func(c browser.Credential) {
			tell("credentialAsserted", c, d.authenticator.SetSignCount(ctx, c.ID, c.SignCount))
		},
		Updated: func(c browser.Credential) {
			tell("credentialUpdated", c, d.signalledByChromium(ctx, func(held *authenticator.Credential) error {
				if held.User.Name == c.UserName && held.User.DisplayName == c.DisplayName {
					return nil // Chromium tells of every signal
				}
				return d.rename(ctx, held, c.UserName, c.DisplayName)
			}, c.ID))
		},
		Deleted: func(id []byte) {
			tell("credentialDeleted", browser.Credential{ID: id}, d.signalledByChromium(ctx, func(*authenticator.Credential) error {
				return d.authenticator.Delete(ctx, id)
			}, id))
		},
	}
}

// signalledByChromium does to a passkey of the device what Chromium has done to its
// image because a site has signalled. A real key would have heard nothing: the image
// gets back what it had before it is used again.
func (d *Device) signalledByChromium(ctx context.Context, do func(*authenticator.Credential) error, id []byte) error {
	if !d.model.Platform {
		return errKeysHearNothing
	}
	held, err := d.authenticator.Credentials(ctx)
	if err != nil {
		return err
	}
	for _, c := range held {
		if bytes.Equal(c.ID, id) {
			return do(c)
		}
	}
	return nil // the image was made to follow the device
}

var errKeysHearNothing = errors.New("security keys do not hear signals")

// imported is a credential of Chromium's as one of ours.
func imported(c browser.Credential) (*authenticator.Credential, error) {
	made := &authenticator.Credential{
		ID: c.ID, RPID: c.RPID, SignCount: c.SignCount, Discoverable: c.Resident,
		User:           ctap.UserEntity{ID: c.UserHandle, Name: c.UserName, DisplayName: c.DisplayName},
		BackupEligible: c.BackupEligible, BackedUp: c.BackedUp,
	}
	return made, made.SetPKCS8(c.PrivateKey)
}

// A virtual authenticator with presence answers whatever has reached it, and a request
// behind the email field may reach it late: Chromium fetches what vouches for a related
// origin first. So what a page asks for is held back in it: requests behind the field
// until the hand is off the device, so that one that is put up again at once is not
// answered, and all others until the hand is on it. All can be aborted meanwhile. Another
// document holds nothing.
const (
	holdRequests = `(() => {
		document.release?.();
		const {credentials} = navigator;
		const asked = Promise.withResolvers(), touched = Promise.withResolvers(), released = Promise.withResolvers();
		document.asked = asked.promise;
		document.touch = touched.resolve;
		document.release = () => {
			for (const name of ["get", "create"]) delete credentials[name];
			touched.resolve();
			released.resolve();
		};
		for (const name of ["get", "create"]) {
			const ask = credentials[name];
			credentials[name] = async (options) => {
				const {mediation, signal} = options ?? {};
				if (!signal?.aborted && (name === "get" || mediation !== "conditional")) {
					if (mediation !== "conditional") asked.resolve();
					const aborted = new Promise((resolve) => signal?.addEventListener("abort", resolve));
					await Promise.race([mediation === "conditional" ? released.promise : touched.promise, aborted]);
				}
				return ask.call(credentials, options);
			};
		}
	})()`
	requestAsked    = `document.asked`
	touchRequest    = `document.touch?.()`
	releaseRequests = `document.release?.()`
	// Chromium takes up what a page asks in its order, so an answer to this says that a
	// request that was aborted before is gone.
	goneBefore = `PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable()`
)

// during has the user touch the device that they reach for once the page asks for a
// passkey, while something goes on in it.
func (m *mirrors) during(ctx context.Context, something func(ctx context.Context) error) error {
	reached := m.reached()
	if err := m.ready(ctx, reached); err != nil {
		return err
	}
	doing, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	watching, stop := context.WithCancel(ctx)
	touched := make(chan error, 1)
	go func() {
		err := m.touch(watching, reached)
		if watching.Err() != nil {
			err = nil // nothing was asked for, or this came too late to matter
		}
		if err != nil {
			fail(err)
		}
		touched <- err
	}()
	err := something(doing)
	stop()
	if trouble := <-touched; trouble != nil {
		return trouble
	}
	if trouble := m.rest(ctx); err == nil {
		err = trouble
	}
	return err
}

// ready has the image that the user reaches for be what the device is, and what the page
// asks for wait.
func (m *mirrors) ready(ctx context.Context, reached *Device) error {
	if err := m.tab.Eval(ctx, holdRequests, nil); err != nil {
		return err
	}
	image := m.image(reached)
	if image == nil {
		return nil
	}
	if err := image.reconcile(ctx); err != nil {
		return err
	}
	if err := image.virtual.SetFaults(ctx, faultsOf(image.device)); err != nil {
		return err
	}
	return image.virtual.SetUserVerified(ctx, image.device.verifies(ctx))
}

// touch waits until the page asks, has the image that the user reaches for act, and all
// others stay dead.
func (m *mirrors) touch(ctx context.Context, reached *Device) error {
	for _, step := range []string{requestAsked, goneBefore} {
		if err := m.tab.Eval(ctx, step, nil); err != nil {
			return err
		}
	}
	if err := m.hands(ctx, func(d *Device) bool { return d == reached }); err != nil {
		return err
	}
	return m.tab.Eval(ctx, touchRequest, nil)
}

// rest takes presence away again, so that a request that the page puts up by
// itself waits for the user.
func (m *mirrors) rest(ctx context.Context) error {
	if err := m.hands(ctx, func(*Device) bool { return false }); err != nil {
		return err
	}
	return m.tab.Eval(ctx, releaseRequests, nil)
}

// hands has the images of some devices be touched, and no others.
func (m *mirrors) hands(ctx context.Context, on func(*Device) bool) error {
	for _, image := range m.all {
		if err := image.virtual.SetAutomaticPresence(ctx, on(image.device)); err != nil {
			return err
		}
	}
	return nil
}

func (m *mirrors) image(d *Device) *mirror {
	for _, image := range m.all {
		if image.device == d {
			return image
		}
	}
	return nil
}

// reached is the device that the user touches: the one named, otherwise the one
// with the browser on it.
func (m *mirrors) reached() *Device {
	for _, key := range m.device.plugged {
		if m.device.person.uses(key.name) {
			return key
		}
	}
	return m.device
}

// verifies asks the device's user for a gesture, as often as the device would,
// and tells whether they were verified.
func (d *Device) verifies(ctx context.Context) bool {
	prompt := authenticator.Prompt{Kind: authenticator.ConfirmUse, Verify: true}
	for range max(1, d.model.UVAttempts) {
		gesture, err := d.person.Answer(ctx, prompt)
		if err != nil {
			return false
		}
		if gesture.Verified {
			return true
		}
	}
	return false
}

// faultsOf are the faults of the device that Chromium's authenticator can have.
func faultsOf(d *Device) browser.Faults {
	return browser.Faults{
		BadSignature: d.has(fault.SignatureBitFlip),
		NoUP:         d.has(fault.UPMissing),
		NoUV:         d.has(fault.UVMissing),
	}
}

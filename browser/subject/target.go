package subject

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/clients"
)

// Link is how Chromium reaches the judge's authenticator.
type Link string

// The links.
const (
	USB    Link = "usb"    // it is a security key at the USB
	Hybrid Link = "hybrid" // it is in a phone that scans a QR code
)

// features are what Chromium on Linux can do over a link, as far as it can be driven.
// docs/aiming-at-your-client.md tells what is missing, and why.
var features = map[Link][]clients.Feature{
	USB: {
		clients.ServesPages, clients.OverHID, clients.SpeaksU2F, clients.TypesPIN, clients.SetsPIN, clients.VerifiesBuiltIn,
		clients.FindsAccounts, clients.Cancels, clients.ConveysAttestation, clients.AsksEnterprise, clients.ReachesSeveral, clients.AsksRelated,
		clients.HasPRF, clients.HasPRFAtOnce, clients.HasCredProtect, clients.HasCredProps, clients.HasCredBlob, clients.HasMinPIN, clients.HasLargeBlob,
		clients.HasAppID, clients.HasAppIDExcl,
	},
	Hybrid: {
		clients.ServesPages, clients.OverHybrid, clients.VerifiesBuiltIn, clients.FindsAccounts, clients.Cancels, clients.ConveysAttestation, clients.AsksEnterprise, clients.AsksRelated,
		clients.HasPRF, clients.HasPRFAtOnce, clients.HasCredProps,
	},
}

// Target is Chromium with a window: a page of it has the authenticator of the case
// within its reach. Cases at the same time have a browser each, cases after each other
// the same one. One that ends is replaced. Close it.
type Target struct {
	link Link
	name string

	mu    sync.Mutex
	desks []*desk
	free  []*desk // those of them that no case has
}

var (
	_ conformance.Several = (*Target)(nil)
	_ io.Closer           = (*Target)(nil)
)

// Open starts a Chromium, and what is around it. ctx limits the start only. The error
// wraps [usbkey.ErrUnavailable], or browser.IsMissing knows it, where the machine
// lacks something.
func Open(ctx context.Context, link Link) (_ *Target, err error) {
	t := &Target{link: link}
	first, err := t.desk(ctx)
	if err != nil {
		return nil, err
	}
	t.leave(first)
	version, err := first.browser.Version(ctx)
	if err != nil {
		return nil, errors.Join(err, t.Close())
	}
	t.name = version + " over " + string(link)
	return t, nil
}

// Name is the product and its version, and the link.
func (t *Target) Name() string { return t.name }

// Several reports that browsers do not know of each other.
func (*Target) Several() bool { return true }

// Fresh implements [conformance.Target].
func (t *Target) Fresh(ctx context.Context, _ uint64) (conformance.Subject, error) {
	d, err := t.desk(ctx)
	if err != nil {
		return nil, err
	}
	return &visit{desk: d, target: t}, nil
}

// desk is one that no case has, until it leaves it.
func (t *Target) desk(ctx context.Context) (*desk, error) {
	t.mu.Lock()
	if n := len(t.free); n > 0 {
		d := t.free[n-1]
		t.free = t.free[:n-1]
		t.mu.Unlock()
		return d, nil
	}
	t.mu.Unlock()
	d, err := openDesk(ctx, t.link)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.desks = append(t.desks, d)
	return d, nil
}

// leave gives a desk back. One whose browser has ended is thrown away.
func (t *Target) leave(d *desk) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if d.browser.Ended() == nil {
		t.free = append(t.free, d)
		return
	}
	t.desks = slices.DeleteFunc(t.desks, func(other *desk) bool { return other == d })
	_ = d.close() // of which there is little left
}

// Close ends the browsers, and what is around them.
func (t *Target) Close() (err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, d := range t.desks {
		err = errors.Join(err, d.close())
	}
	t.desks, t.free = nil, nil
	return err
}

// visit is Chromium in one case.
type visit struct {
	*desk
	target *Target
}

var _ clients.Client = (*visit)(nil)

// Features implements [clients.Client].
func (v *visit) Features() []clients.Feature { return features[v.target.link] }

// Close implements [conformance.Subject]. The browser stays for another case.
func (v *visit) Close() error {
	v.target.leave(v.desk)
	return nil
}

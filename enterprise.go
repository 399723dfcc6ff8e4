package passkeylab

import (
	"fmt"
	"slices"
	"sync"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// CompanyKey adds a security key that a company has bought for its people: its maker
// has made it identify itself, by the serial number in its certificate, to these
// relying parties and to no others (CTAP 2.3 §7.1). To those it attests by its batch.
// Like every key it has no browser: [Device.Plug] it into a device that does.
func (l *Lab) CompanyKey(name, serial string, rpIDs ...string) *Device {
	l.t.Helper()
	makers, model := l.stage.makersAt(l.options.start), authenticator.SecurityKey()
	model.Algorithms = []webauthn.Algorithm{webauthn.ES256}
	product := attestation.Product{AAGUID: model.AAGUID, Transports: model.Transports}
	batch, err := makers.Attester(webauthn.FormatPacked, product)
	l.must("a new device", err)
	product.Serial = []byte(serial)
	one, err := makers.Attester(webauthn.FormatPacked, product)
	l.must("a new device", err)
	model.Attesters, model.Enterprise = []attestation.Attester{batch}, authenticator.EnterpriseFeatures{RPIDs: rpIDs, Attester: one}

	store := authenticator.NewMemoryStore()
	enabled := authenticator.Change{Settings: &authenticator.Settings{Enterprise: true}} // by the company
	l.must("a new device", store.Commit(l.t.Context(), enabled))
	return l.deviceWith(name, model, store)
}

// identified are the relying parties that a device has identified itself to.
type identified struct {
	mu    sync.Mutex
	rpIDs []string
}

// noteIdentified remembers the relying parties that have got enterprise attestation.
func (d *Device) noteIdentified(req ctap.Request, resp any, err error) (any, error) {
	asked, creates := req.(*ctap.MakeCredentialRequest)
	made, ok := resp.(*ctap.MakeCredentialResponse)
	if creates && ok && err == nil && made.EnterpriseAttestation {
		d.identified.mu.Lock()
		defer d.identified.mu.Unlock()
		d.identified.rpIDs = append(d.identified.rpIDs, asked.RP.ID)
	}
	return resp, err
}

// ManagedFor has the company that manages the browser on the device let these relying
// parties ask for enterprise attestation.
func (d *Device) ManagedFor(rpIDs ...string) {
	d.enterprise = func(rpID string) client.Enterprise {
		if slices.Contains(rpIDs, rpID) {
			return client.VendorFacilitated
		}
		return client.NoEnterprise
	}
	d.lab.record.step(fmt.Sprintf("the browser on %s is managed: %v may ask which key it is", d.name, rpIDs), nil)
}

// HasIdentifiedTo checks which relying parties a key of [Lab.CompanyKey] has identified
// itself to so far.
func (l *Lab) HasIdentifiedTo(d *Device, rpIDs ...string) {
	l.t.Helper()
	what := fmt.Sprintf("%s has identified itself to %v", d.name, rpIDs)
	d.identified.mu.Lock()
	got := slices.Clone(d.identified.rpIDs)
	d.identified.mu.Unlock()
	if !slices.Equal(got, rpIDs) {
		l.fail(what, what, fmt.Sprintf("it has to %v", got))
	}
	l.record.step(what, nil)
}

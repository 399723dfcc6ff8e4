package attestation

import (
	"crypto/x509"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/webauthn"
)

// Makers are those whose devices a lab has: for every format the authorities in the
// shape of the real ones, and attesters below them. All of them are the lab's own, and
// named so. It is safe for concurrent use.
type Makers struct {
	ca *CA

	mu    sync.Mutex
	known map[string]*Authority
}

// NewMakers returns the makers that belong to a secret, with authorities as of now.
// Nothing is made before it is asked for: an RSA key takes a while.
func NewMakers(secret []byte, now time.Time) *Makers {
	return &Makers{ca: NewCA(secret, now), known: map[string]*Authority{}}
}

// Product is a kind of device, as far as attestation tells one from another. Formats
// use the fields that they have a place for.
type Product struct {
	AAGUID     webauthn.AAGUID
	Name       string             // common name of the certificate; "" = one by the AAGUID
	Line       string             // packed, fido-u2f: see [DeviceTypeExtension]; "" = no such extension
	Transports []string           // likewise: see [TransportsExtension]; nil = no such extension
	Firmware   int64              // packed: see [FirmwareExtension]; 0 = no such extension
	Serial     []byte             // packed: of a device with enterprise attestation; nil = basic attestation
	Algorithm  webauthn.Algorithm // packed: of the batch key; 0 = ES256. tpm: of the attestation key; 0 = RS1
	Chained    bool               // packed: an intermediate stands between the certificate and the root

	Level        SecurityLevel // android-key
	Vendor       TPMVendor     // tpm; zero = Nuvoton
	Certificates int           // android-key: so many in x5c, 2 to 5; 0 = 5, as on today's phones
}

// house is how a format's statements are made under a lab's authorities.
type house struct {
	attester func(*Makers, Product) (Attester, error)
	root     func(*Makers) (*Authority, error) // nil = none to trust
}

// houses has one for every format. It is filled here, as compound goes back to it.
var houses map[string]house

func init() {
	houses = map[string]house{
		webauthn.FormatAndroidKey:       {(*Makers).androidKey, (*Makers).androidRoot},
		webauthn.FormatAndroidSafetyNet: {(*Makers).safetyNet, (*Makers).webRoot},
		webauthn.FormatApple:            {(*Makers).apple, (*Makers).appleRoot},
		webauthn.FormatCompound:         {(*Makers).compound, nil},
		webauthn.FormatFIDOU2F:          {(*Makers).fidoU2F, (*Makers).keyRoot},
		webauthn.FormatNone:             {func(*Makers, Product) (Attester, error) { return None(), nil }, nil},
		webauthn.FormatPacked:           {(*Makers).packed, (*Makers).keyRoot},
		webauthn.FormatTPM:              {(*Makers).tpm, (*Makers).tpmRoot},
	}
}

func houseOf(format string) (house, error) {
	h, ok := houses[format]
	if !ok {
		return h, fmt.Errorf("attestation: nobody makes statements of format %q: take one of %q", format, slices.Sorted(maps.Keys(houses)))
	}
	return h, nil
}

// Formats are those that makers have attesters for, sorted.
func (m *Makers) Formats() []string {
	return slices.Sorted(maps.Keys(houses))
}

// Attester returns one that makes a product's statements of a format.
func (m *Makers) Attester(format string, p Product) (Attester, error) {
	h, err := houseOf(format)
	if err != nil {
		return nil, err
	}
	return h.attester(m, p)
}

// Roots returns what to trust for statements of a format: for compound, what to trust
// for its parts; for none, nothing.
func (m *Makers) Roots(format string) ([]*x509.Certificate, error) {
	formats := []string{format}
	if format == webauthn.FormatCompound {
		formats = compoundFormats
	}
	var roots []*x509.Certificate
	for _, format := range formats {
		h, err := houseOf(format)
		if err != nil {
			return nil, err
		}
		if h.root == nil {
			continue
		}
		root, err := h.root(m)
		if err != nil {
			return nil, err
		}
		roots = append(roots, root.certificate)
	}
	return roots, nil
}

// authority makes an authority once.
func (m *Makers) authority(id string, create func() (*Authority, error)) (*Authority, error) {
	m.mu.Lock()
	known := m.known[id]
	m.mu.Unlock()
	if known != nil {
		return known, nil
	}
	made, err := create() // twice at worst, and the same both times
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.known[id] = made
	return made, nil
}

// compoundFormats are the parts of compound statements: what a phone could say of a
// credential that its key store keeps.
var compoundFormats = []string{webauthn.FormatAndroidKey, webauthn.FormatPacked}

func (m *Makers) compound(p Product) (Attester, error) {
	var parts []Attester
	for _, format := range compoundFormats {
		part, err := m.Attester(format, p)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	return Compound(parts...)
}

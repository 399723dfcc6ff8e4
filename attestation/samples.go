package attestation

import (
	"fmt"

	"github.com/passkeylab/passkeylab/webauthn"
)

// Sample is one way of attesting.
type Sample struct {
	Name       string // the format, and what is special
	Attester   Attester
	Enterprise bool // its certificates name one device
	Software   bool // it is android-key of keys that no hardware protects
}

// Samples returns one of each way of attesting that the makers know, of a model of
// security key or phone, for whoever wants to try them all: first every format as it is
// usual, then what differs within one.
func (m *Makers) Samples(model webauthn.AAGUID) ([]Sample, error) {
	usual := Product{
		AAGUID: model, Line: "1.3.6.1.4.1.41482.1.7", Transports: []string{webauthn.TransportUSB, webauthn.TransportNFC},
		Firmware: 0x050701, Level: TrustedEnvironment,
	}
	type variant struct {
		format, what string
		change       func(*Product)
	}
	var variants []variant
	for _, format := range m.Formats() {
		variants = append(variants, variant{format, "", func(*Product) {}})
	}
	variants = append(variants,
		variant{webauthn.FormatPacked, ", chained", func(p *Product) { p.Chained = true }},
		variant{webauthn.FormatPacked, ", enterprise", func(p *Product) { p.Serial = []byte("17339872") }},
		variant{webauthn.FormatAndroidKey, ", StrongBox", func(p *Product) { p.Level, p.Certificates = StrongBox, 4 }},
		variant{webauthn.FormatAndroidKey, ", software", func(p *Product) { p.Level = SoftwareLevel }},
		variant{webauthn.FormatAndroidKey, ", two certificates", func(p *Product) { p.Certificates = 2 }},
		variant{webauthn.FormatAndroidKey, ", three certificates", func(p *Product) { p.Certificates = 3 }},
	)
	for _, algorithm := range []webauthn.Algorithm{webauthn.RS256, webauthn.ES256} {
		variants = append(variants, variant{webauthn.FormatTPM, ", " + algorithm.String(), func(p *Product) { p.Algorithm = algorithm }})
	}
	for _, algorithm := range []webauthn.Algorithm{webauthn.ES384, webauthn.ES512, webauthn.RS256, webauthn.RS1, webauthn.EdDSA} {
		variants = append(variants, variant{webauthn.FormatPacked, ", " + algorithm.String(), func(p *Product) { p.Algorithm = algorithm }})
	}
	samples := make([]Sample, 0, len(variants)+1)
	for _, v := range variants {
		p := usual
		v.change(&p)
		attester, err := m.Attester(v.format, p)
		if err != nil {
			return nil, fmt.Errorf("%s%s: %w", v.format, v.what, err)
		}
		samples = append(samples, Sample{
			Name: v.format + v.what, Attester: attester,
			Enterprise: p.Serial != nil, Software: v.format == webauthn.FormatAndroidKey && p.Level == SoftwareLevel,
		})
	}
	return append(samples, Sample{Name: webauthn.FormatPacked + ", self", Attester: PackedSelf()}), nil
}

// Of returns the first sample that can have the defect, with the defect.
func (d Defect) Of(samples []Sample) (Sample, error) {
	for _, s := range samples {
		if broken, err := d.Break(s.Attester); err == nil {
			s.Attester = broken
			return s, nil
		}
	}
	return Sample{}, fmt.Errorf("attestation: no sample can have the defect %q", d.ID)
}

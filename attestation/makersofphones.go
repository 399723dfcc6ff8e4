package attestation

import (
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/passkeylab/passkeylab/webauthn"
)

// Makers of phones, and the services that vouch for them.

func (m *Makers) appleRoot() (*Authority, error) {
	return m.authority("apple", func() (*Authority, error) {
		return m.ca.Root(appleName("Passkeylab Test WebAuthn Root CA"), webauthn.ES384)
	})
}

func (m *Makers) apple(Product) (Attester, error) {
	issuer, err := m.authority("apple/1", func() (*Authority, error) {
		root, err := m.appleRoot()
		if err != nil {
			return nil, err
		}
		return root.Intermediate(appleName("Passkeylab Test WebAuthn CA 1"), webauthn.ES384, nil)
	})
	if err != nil {
		return nil, err
	}
	return Apple(issuer, AppleOptions{Algorithm: true, Subject: named(
		attribute{Type: unit, Value: "AAA Certification"}, attribute{Type: organization, Value: labOrganization}, attribute{Type: province, Value: "California"},
	)}), nil
}

func appleName(common string) name {
	return named(attribute{Type: commonName, Value: common}, attribute{Type: organization, Value: labOrganization}, attribute{Type: province, Value: "California"})
}

// androidRoot is named by a serial number alone, as the one of Android's key store is.
func (m *Makers) androidRoot() (*Authority, error) {
	return m.authority("android", func() (*Authority, error) {
		serial := serialOf([]byte("android root"), m.ca.secret)
		return m.ca.Root(named(attribute{Type: serialNumber, Value: hex.EncodeToString(serial.Bytes()[:8])}), webauthn.RS256)
	})
}

// androidAuthority is one below another, for a time. Paths below it may have so many
// more authorities.
func (m *Makers) androidAuthority(id string, above *Authority, called name, algorithm webauthn.Algorithm, from, to time.Time, more int) (*Authority, error) {
	return m.authority(id, func() (*Authority, error) {
		return above.Intermediate(called, algorithm, func(t *x509.Certificate) {
			t.NotBefore, t.NotAfter = from, to
			t.MaxPathLen, t.MaxPathLenZero = more, more == 0
		})
	})
}

// Lives of the authorities that phones are given.
const (
	provisioningDays = 14 // after which a phone is given a new one
	deviceDays       = 28
	regionDays       = 70
)

func (m *Makers) androidKey(p Product) (Attester, error) {
	o := AndroidKeyOptions{Level: p.Level, Root: p.Certificates == 0 || p.Certificates >= 4}
	device := hex.EncodeToString(serialOf([]byte(p.Name), p.AAGUID[:], []byte{byte(p.Level)}, m.ca.secret).FillBytes(make([]byte, 16)))
	switch p.Certificates {
	case 0, 5:
		return AndroidKey(func(at time.Time) (*Authority, error) { return m.remotelyProvisioned(device, p.Level, at) }, o), nil
	case 2, 3, 4:
		issuer, err := m.factoryProvisioned(device, p.Level, p.Certificates > 2)
		if err != nil {
			return nil, err
		}
		return AndroidKey(Provisioned(issuer), o), nil
	}
	return nil, fmt.Errorf("attestation: Product.Certificates: chains of Android have 2 to 5 certificates, not %d", p.Certificates)
}

// factoryProvisioned is an authority that left the factory with the phone: below
// another one, or directly below the root.
func (m *Makers) factoryProvisioned(device string, level SecurityLevel, deep bool) (*Authority, error) {
	root, err := m.androidRoot()
	if err != nil {
		return nil, err
	}
	from, to := root.certificate.NotBefore, root.certificate.NotAfter
	id := "android/factory"
	upper, err := m.androidAuthority(id, root, named(attribute{Type: commonName, Value: "Passkeylab Test Attestation Batch"}), webauthn.ES384, from, to, 1)
	if err != nil || !deep {
		return upper, err
	}
	return m.androidAuthority(id+"/"+device, upper, deviceName(device, level), webauthn.ES256, from, to, 0)
}

// remotelyProvisioned is an authority that the phone was given lately (Remote Key
// Provisioning), two authorities below the root.
func (m *Makers) remotelyProvisioned(device string, level SecurityLevel, at time.Time) (*Authority, error) {
	root, err := m.androidRoot()
	if err != nil {
		return nil, err
	}
	const period = provisioningDays * 24 * time.Hour
	given := at.UTC().Truncate(period)
	upper, err := m.androidAuthority("android/2", root, androidName("Passkeylab Test Droid CA2"), webauthn.ES384, root.certificate.NotBefore, root.certificate.NotAfter, 2)
	if err != nil {
		return nil, err
	}
	id := "android/3/" + given.Format(time.DateOnly)
	region, err := m.androidAuthority(id, upper, androidName("Passkeylab Test Droid CA3"), webauthn.ES256, given.AddDate(0, 0, -provisioningDays), given.AddDate(0, 0, regionDays-provisioningDays), 1)
	if err != nil {
		return nil, err
	}
	return m.androidAuthority(id+"/"+device, region, deviceName(device, level), webauthn.ES256, given.AddDate(0, 0, -1), given.AddDate(0, 0, deviceDays), 0)
}

func androidName(common string) name {
	return named(attribute{Type: organization, Value: labOrganization}, attribute{Type: commonName, Value: common})
}

// deviceName says which environment of a phone an authority is.
func deviceName(device string, level SecurityLevel) name {
	environments := map[SecurityLevel]string{SoftwareLevel: "Software", TrustedEnvironment: "TEE", StrongBox: "StrongBox"}
	return named(attribute{Type: commonName, Value: device}, attribute{Type: organization, Value: environments[level]})
}

// webRoot is one of those that certify web servers, and so Google's service.
func (m *Makers) webRoot() (*Authority, error) {
	return m.authority("web", func() (*Authority, error) {
		return m.ca.Root(named(
			attribute{Type: unit, Value: "Passkeylab Test Web Root CA - R2"}, attribute{Type: organization, Value: labOrganization},
		), webauthn.RS256)
	})
}

// webDistribution is where the revocation list of what certifies the service would be.
const webDistribution = "http://crl.passkeylab.test/web1.crl"

func (m *Makers) safetyNet(Product) (Attester, error) {
	issuer, err := m.authority("web/1", func() (*Authority, error) {
		root, err := m.webRoot()
		if err != nil {
			return nil, err
		}
		return root.Intermediate(named(
			attribute{Type: country, Value: "US"}, attribute{Type: organization, Value: labOrganization}, attribute{Type: commonName, Value: "Passkeylab Test Web CA 1"},
		), webauthn.RS256, func(t *x509.Certificate) {
			t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
			t.CRLDistributionPoints = []string{"http://crl.passkeylab.test/webroot.crl"}
		})
	})
	if err != nil {
		return nil, err
	}
	return SafetyNet(issuer, SafetyNetOptions{Distribution: []string{webDistribution}}), nil
}

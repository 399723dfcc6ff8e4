package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"slices"
	"time"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/subject"
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/authenticators"
	"github.com/passkeylab/passkeylab/conformance/relyingparties"
	"github.com/passkeylab/passkeylab/ctap"
	rp "github.com/passkeylab/passkeylab/relyingparty/subject"
	"github.com/passkeylab/passkeylab/webauthn"
)

// suites are what mutants are shown to, by name.
var suites = map[string]func() ([]suite, error){
	"authenticator": devices,
	"relying-party": servers,
}

// servers are our relying party by WebAuthn and with the strictest choices, which notice
// most, and then with what the rest depends on, where it does.
func servers() ([]suite, error) {
	usual := rp.Usual()
	var all []suite
	for _, one := range []struct {
		name   string
		target rp.Target
		match  []string
	}{
		{"by WebAuthn", usual[0], nil},
		{"strict", usual[5], nil},
		{"every algorithm", usual[2], []string{"algorithm/*", "registration/key/*", "options/params-*", "attestation/packed-self/*"}},
		{"lenient", usual[4], []string{"*/clientdata/cross-origin*", "*/clientdata/top-origin*", "login/counter/*", "*/authdata/*", "metadata/*"}},
		{"user handles", usual[6], []string{"login/userhandle/*", "login/user/*", "login/id/*"}},
		{"models", usual[7], []string{"metadata/*", "attestation/packed/*", "attestation/none/*", "session/*"}},
	} {
		cases, err := conformance.Select(relyingparties.Cases(), conformance.Selection{Level: conformance.May, Match: one.match})
		if err != nil {
			return nil, err
		}
		all = append(all, suite{one.name, one.target, slices.DeleteFunc(cases, func(c conformance.Case) bool {
			return one.target.Told(c.ID)
		})})
	}
	return all, nil
}

// devices are our five models, and some that have what these lack, the most telling
// first.
func devices() ([]suite, error) {
	cases := authenticators.Cases()
	key, err := maker()
	if err != nil {
		return nil, err
	}
	var all []suite
	add := func(name string, m authenticator.Model, changes ...func(*authenticator.Model)) {
		for _, change := range changes {
			change(&m)
		}
		all = append(all, suite{name, subject.Target{Model: m}, cases})
	}
	add("security key", authenticator.SecurityKey())
	add("PIN key", authenticator.PINKey())
	add("fingerprint key", authenticator.BioKey())
	add("phone", authenticator.Phone())
	add("laptop", authenticator.Laptop())
	add("attested key", authenticator.SecurityKey(), func(m *authenticator.Model) {
		m.AttestationFormats, m.Attestation = []string{webauthn.FormatFIDOU2F, webauthn.FormatPacked}, key
	})
	add("enterprise key", authenticator.PINKey(), func(m *authenticator.Model) {
		m.Enterprise.RPIDs, m.Enterprise.Platform, m.Enterprise.Key = []string{"example.com"}, true, key
	})
	add("key that stores and counts", authenticator.SecurityKey(), func(m *authenticator.Model) {
		m.NonDiscoverable, m.Counter = authenticator.Stored, authenticator.CounterPerCredential
		m.Versions, m.Previews, m.Capacity = []string{ctap.VersionFIDO20, ctap.VersionFIDO21, ctap.VersionFIDO23}, false, 12
	})
	add("key of many algorithms", authenticator.SecurityKey(), func(m *authenticator.Model) {
		m.Algorithms = []webauthn.Algorithm{webauthn.ES256, webauthn.EdDSA, webauthn.ES384, webauthn.ES512, webauthn.ES256K, webauthn.MLDSA44, webauthn.Ed448}
	})
	add("key that is always asked", authenticator.PINKey(), func(m *authenticator.Model) { m.AlwaysUv = authenticator.FactoryOn })
	add("key with a display and uvm", authenticator.SecurityKey(), func(m *authenticator.Model) {
		m.Display, m.Extensions = true, append(m.Extensions, ctap.ExtensionUVM)
	})
	return all, nil
}

// maker is a key that attests by a certificate.
func maker() (*authenticator.AttestationKey, error) {
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), bytes.Repeat([]byte{7}, 32))
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "maker"}, NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	return &authenticator.AttestationKey{Algorithm: webauthn.ES256, Private: bytes.Repeat([]byte{7}, 32), Certificates: [][]byte{certificate}}, err
}

package subject_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/subject"
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/authenticators"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
	"github.com/passkeylab/passkeylab/webauthn"
)

type change func(*authenticator.Model)

func changed(m authenticator.Model, changes ...change) authenticator.Model {
	for _, c := range changes {
		c(&m)
	}
	return m
}

func without(ids ...string) change {
	return func(m *authenticator.Model) {
		m.Extensions = slices.DeleteFunc(slices.Clone(m.Extensions), func(id string) bool { return slices.Contains(ids, id) })
	}
}

func versions(all ...string) change {
	return func(m *authenticator.Model) {
		m.Versions, m.Previews = all, slices.Contains(all, ctap.VersionFIDO21Pre)
	}
}

func noLargeBlobs(m *authenticator.Model) {
	m.MaxLargeBlobs = 0
	without(ctap.ExtensionLargeBlobKey)(m)
}

func noConfig(m *authenticator.Model) {
	m.Config, m.AlwaysUv, m.PIN.Complexity = authenticator.ConfigFeatures{}, authenticator.Lacking, authenticator.Lacking
	without(ctap.ExtensionMinPINLength, ctap.ExtensionPINComplexityPolicy)(m)
}

func noPIN(m *authenticator.Model) {
	m.PIN, m.Config.MinPINLength = authenticator.PINFeatures{}, false
	without(ctap.ExtensionMinPINLength, ctap.ExtensionPINComplexityPolicy)(m)
}

func noTokens(m *authenticator.Model) {
	m.PinUvAuthToken, m.CredMgmt, m.CredMgmtReadOnly = false, false, false
}

// maker signs attestations with a certificate.
func maker(t *testing.T) *authenticator.AttestationKey {
	t.Helper()
	private := bytes.Repeat([]byte{7}, 32)
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), private)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "maker"}, NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	return &authenticator.AttestationKey{Algorithm: webauthn.ES256, Private: private, Certificates: [][]byte{der}}
}

// oddModels are devices that differ from the usual ones in what they have, and keep
// to the specifications all the same.
func oddModels(t *testing.T) map[string]authenticator.Model {
	t.Helper()
	key, pinKey, bioKey := authenticator.SecurityKey, authenticator.PINKey, authenticator.BioKey
	two0 := []change{noConfig, noLargeBlobs, noTokens, versions(ctap.VersionFIDO20)}
	return map[string]authenticator.Model{
		"CTAP 2.0 with a PIN":            changed(pinKey(), two0...),
		"CTAP 2.0 and U2F":               changed(pinKey(), append(two0, versions(ctap.VersionU2FV2, ctap.VersionFIDO20))...),
		"CTAP 2.0 without a PIN":         changed(pinKey(), append(two0, noPIN, without(ctap.ExtensionCredProtect, ctap.ExtensionCredBlob), func(m *authenticator.Model) { m.MaxCredBlob = 0 })...),
		"CTAP 2.0 with a fingerprint":    changed(key(), append(two0, noPIN)...),
		"CTAP 2.1":                       changed(key(), versions(ctap.VersionFIDO20, ctap.VersionFIDO21)),
		"CTAP 2.3 alone":                 changed(key(), versions(ctap.VersionFIDO23)),
		"protocol one":                   changed(key(), versions(ctap.VersionFIDO20, ctap.VersionFIDO21), func(m *authenticator.Model) { m.Protocols = []pinuv.Protocol{pinuv.One} }),
		"protocol one preferred":         changed(key(), func(m *authenticator.Model) { m.Protocols = []pinuv.Protocol{pinuv.One, pinuv.Two} }),
		"protocol two":                   changed(pinKey(), func(m *authenticator.Model) { m.Protocols = []pinuv.Protocol{pinuv.Two} }),
		"no passkeys":                    changed(pinKey(), noLargeBlobs, versions(ctap.VersionFIDO20, ctap.VersionFIDO21), func(m *authenticator.Model) { m.ResidentKeys, m.CredMgmt, m.CredMgmtReadOnly = false, false, false }),
		"no management":                  changed(key(), versions(ctap.VersionFIDO20, ctap.VersionFIDO21), func(m *authenticator.Model) { m.CredMgmt, m.CredMgmtReadOnly = false, false }),
		"no read-only management":        changed(key(), func(m *authenticator.Model) { m.CredMgmtReadOnly = false }),
		"no configuration":               changed(key(), noConfig),
		"no large blobs":                 changed(key(), noLargeBlobs),
		"large blobs with passkeys":      changed(key(), noLargeBlobs, func(m *authenticator.Model) { m.Extensions = append(m.Extensions, ctap.ExtensionLargeBlob) }),
		"uvm":                            changed(key(), func(m *authenticator.Model) { m.Extensions = append(slices.Clone(m.Extensions), ctap.ExtensionUVM) }),
		"no extensions":                  changed(pinKey(), noConfig, noLargeBlobs, versions(ctap.VersionFIDO20, ctap.VersionFIDO21), func(m *authenticator.Model) { m.Extensions, m.MaxCredBlob = nil, 0 }),
		"a fingerprint and no PIN":       changed(key(), noPIN),
		"no ceremonies by PIN":           changed(key(), func(m *authenticator.Model) { m.PIN.NoMcGa = true }),
		"no ceremonies by PIN, or other": changed(pinKey(), func(m *authenticator.Model) { m.PIN.NoMcGa = true }),
		"no configuring by finger":       changed(key(), func(m *authenticator.Model) { m.Config.ByUV = false }),
		"no enrolling by finger":         changed(bioKey(), func(m *authenticator.Model) { m.Bio.ByUV = false }),
		"one sample":                     changed(bioKey(), func(m *authenticator.Model) { m.Bio.Samples, m.Bio.Templates = 1, 1 }),
		"verification for everything":    changed(key(), func(m *authenticator.Model) { m.MakeCredUVNotRqd = false }),
		"PIN for everything":             changed(pinKey(), func(m *authenticator.Model) { m.MakeCredUVNotRqd = false }),
		"always verified":                changed(key(), func(m *authenticator.Model) { m.AlwaysUv = authenticator.FactoryOn }),
		"always a PIN":                   changed(pinKey(), func(m *authenticator.Model) { m.AlwaysUv = authenticator.FactoryOn }),
		"always a PIN, for good":         changed(pinKey(), func(m *authenticator.Model) { m.AlwaysUv = authenticator.FixedOn }),
		"level 2 at least":               changed(key(), func(m *authenticator.Model) { m.CredProtect = 2 }),
		"level 3 at least":               changed(key(), func(m *authenticator.Model) { m.CredProtect = 3 }),
		"enterprise by its maker":        changed(key(), func(m *authenticator.Model) { m.Enterprise.RPIDs, m.Enterprise.Key = []string{"example.com"}, maker(t) }),
		"enterprise by its platform":     changed(pinKey(), func(m *authenticator.Model) { m.Enterprise.Platform, m.Enterprise.Key = true, maker(t) }),
		"attested":                       changed(key(), func(m *authenticator.Model) { m.Attestation = maker(t) }),
		"attested in two formats": changed(key(), func(m *authenticator.Model) {
			m.AttestationFormats, m.Attestation = []string{webauthn.FormatFIDOU2F, webauthn.FormatPacked}, maker(t)
		}),
		"not attested":    changed(pinKey(), func(m *authenticator.Model) { m.AttestationFormats = []string{webauthn.FormatNone} }),
		"vendor commands": changed(key(), func(m *authenticator.Model) { m.Config.Vendor = []uint64{1, 1 << 63} }),
		"a long touch":    changed(key(), func(m *authenticator.Model) { m.Config.LongTouch = authenticator.FactoryOn }),
		"no long touch":   changed(key(), func(m *authenticator.Model) { m.Config.LongTouch = authenticator.Lacking }),
		"complex PINs": changed(pinKey(), func(m *authenticator.Model) {
			m.PIN.Complexity, m.PIN.ComplexityURL = authenticator.FixedOn, "https://pin.test"
		}),
		"short of room":        changed(key(), func(m *authenticator.Model) { m.Capacity, m.MaxLargeBlobs, m.Config.MaxRPIDs = 5, 1024, 1 }),
		"long PINs":            changed(pinKey(), func(m *authenticator.Model) { m.PIN.MinLength, m.PIN.MaxLength = 6, 20 }),
		"few PINs":             changed(pinKey(), func(m *authenticator.Model) { m.PIN.Retries = 3 }),
		"five PINs":            changed(pinKey(), func(m *authenticator.Model) { m.PIN.Retries = 5 }),
		"nobody may know":      changed(key(), func(m *authenticator.Model) { m.Config.MaxRPIDs = 0 }),
		"the platform retries": changed(key(), func(m *authenticator.Model) { m.PlatformUVTries = 3 }),
		"one attempt":          changed(key(), func(m *authenticator.Model) { m.UVAttempts, m.UVRetries = 1, 1 }),
		"reset over USB":       changed(key(), func(m *authenticator.Model) { m.TransportsForReset = []string{webauthn.TransportUSB} }),
		"certified":            changed(key(), func(m *authenticator.Model) { m.Certifications = map[string]uint64{"FIDO": 3} }),
		"large messages":       changed(key(), func(m *authenticator.Model) { m.MaxMsgSize = 7609 }),
		"small messages":       changed(key(), func(m *authenticator.Model) { m.MaxMsgSize = 1024 }),
		"lists of any length":  changed(key(), func(m *authenticator.Model) { m.MaxCredentialCountInList = 0 }),
		"lists of one":         changed(key(), func(m *authenticator.Model) { m.MaxCredentialCountInList = 1 }),
		"no counter":           changed(key(), func(m *authenticator.Model) { m.Counter = authenticator.CounterZero }),
		"stored, with counters": changed(key(), versions(ctap.VersionFIDO20, ctap.VersionFIDO21, ctap.VersionFIDO23), func(m *authenticator.Model) {
			m.NonDiscoverable, m.Counter = authenticator.Stored, authenticator.CounterPerCredential
		}),
		"a display":        changed(key(), func(m *authenticator.Model) { m.Display = true }),
		"other algorithms": changed(key(), versions(ctap.VersionFIDO20, ctap.VersionFIDO21, ctap.VersionFIDO23), func(m *authenticator.Model) { m.Algorithms = []webauthn.Algorithm{webauthn.ES512, webauthn.EdDSA} }),
	}
}

// sameForAll are cases about the form of requests alone, which no model decides: the
// usual ones are judged by them.
func sameForAll(c conformance.Case) bool {
	for _, family := range []string{"/malformed/wrong-type", "/malformed/form/", "/malformed/truncated", "/malformed/not-", "/permission/protocol-1/"} {
		if strings.Contains(c.ID, family) {
			return true
		}
	}
	return false
}

// What is rare is not wrong.
func TestOddDevicesConform(t *testing.T) {
	t.Parallel()
	cases, err := conformance.Select(authenticators.Cases(), conformance.Selection{Level: conformance.May})
	require.NoError(t, err)
	cases = slices.DeleteFunc(cases, sameForAll)
	for name, model := range oddModels(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := conformance.Run(t.Context(), subject.Target{Model: model}, cases, conformance.Options{Seed: 1, Parallel: 1, Strict: true})
			for _, r := range out.Results {
				if r.Verdict == conformance.Fail || r.Verdict == conformance.Error || r.Verdict == conformance.Skipped {
					t.Errorf("%s: %s: %s (expected %s, seen %s)", r.Case.ID, r.Verdict, r.Reason, r.Expected, r.Seen)
				}
			}
		})
	}
}

package attestation

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"time"

	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// Provision returns the authority that certifies what a device makes at a time.
// Phones are given new ones every few weeks.
type Provision func(at time.Time) (*Authority, error)

// Provisioned is a device that was given its authority once and for all.
func Provisioned(a *Authority) Provision {
	return func(time.Time) (*Authority, error) { return a, nil }
}

// AndroidKeyOptions describe a device of Android and what it says about its keys
// (§8.4.1).
type AndroidKeyOptions struct {
	Level      SecurityLevel
	Root       bool   // the root closes x5c, as on real phones
	OSVersion  int64  // as in 150000 for Android 15; 0 = 150000
	PatchLevel int64  // year and month, as in 202605; 0 = of the ceremony
	BootKey    []byte // hash of the key that the system image is signed with; nil = one of the lab's
	App        App    // who asked for the key; the zero value is one of the system's
}

// androidKey has the key store certify each credential's key (§8.4).
type androidKey struct {
	options   AndroidKeyOptions
	provision Provision
	bend      bend[androidKeyDraft]
}

// androidKeyDraft is an android-key statement being made.
type androidKeyDraft struct {
	chained
	algorithm   webauthn.Algorithm // member alg
	message     []byte             // to be signed
	sign        func([]byte) ([]byte, error)
	description *keyDescription // nil = no such extension
}

// enforced is the list that the level of the key fills.
func (d *androidKeyDraft) enforced() authorizations {
	if d.description.level == SoftwareLevel {
		return d.description.software
	}
	return d.description.hardware
}

// AndroidKey returns an attester that signs with the credential's own key, for which
// the device's authority makes a certificate.
func AndroidKey(provision Provision, o AndroidKeyOptions) Attester {
	if o.OSVersion == 0 {
		o.OSVersion = 150000
	}
	if o.App.Package == "" {
		signer := sha256.Sum256([]byte("passkeylab, signer of system apps"))
		o.App = App{Package: "com.google.android.gms", Version: 252_000_000, Signer: signer[:]}
	}
	if o.BootKey == nil {
		sum := sha256.Sum256([]byte("passkeylab, verified boot key"))
		o.BootKey = sum[:]
	}
	return &androidKey{options: o, provision: provision}
}

func (a *androidKey) Format() string { return webauthn.FormatAndroidKey }

func (a *androidKey) Attest(about *Subject) (canon.Raw, error) {
	c, err := about.credential()
	if err != nil {
		return nil, err
	}
	issuer, err := a.provision(about.Time)
	if err != nil {
		return nil, err
	}
	draft := androidKeyDraft{algorithm: c.algorithm, message: about.message(), sign: about.Sign}
	draft.about, draft.leaf = about, keyStoreLeaf(issuer, c)
	if a.options.Root {
		draft.rearrange = func(x5c [][]byte, issuer *Authority) [][]byte { return append(x5c, issuer.RootOf().certificate.Raw) }
	}
	if draft.description, err = a.describe(about, c); err != nil {
		return nil, err
	}
	a.bend.shaped(&draft)
	if draft.description != nil {
		draft.leaf.template.ExtraExtensions = append(draft.leaf.template.ExtraExtensions, draft.description.extension())
	}
	x5c, err := draft.x5c()
	if err != nil {
		return nil, err
	}
	signature, err := draft.sign(draft.message)
	if err != nil {
		return nil, err
	}
	draft.statement = statement{"alg": int64(draft.algorithm), "sig": signature, "x5c": x5c}
	a.bend.spoiled(&draft)
	return draft.statement.encode()
}

// keyStoreLeaf is how Android's key store names every key, and how long it means it
// to be valid.
func keyStoreLeaf(issuer *Authority, c *credential) leaf {
	return leaf{&x509.Certificate{
		Subject: named(attribute{Type: commonName, Value: "Android Keystore Key"}), KeyUsage: x509.KeyUsageDigitalSignature,
		NotBefore: time.Unix(0, 0).UTC(), NotAfter: time.Date(2048, 1, 1, 0, 0, 0, 0, time.UTC),
	}, c.public, issuer}
}

// describe is what the key store says about a credential's key.
func (a *androidKey) describe(about *Subject, c *credential) (*keyDescription, error) {
	const monthsPerYear = 100 // in numbers such as 202605
	o := &a.options
	patch := o.PatchLevel
	if patch == 0 {
		patch = int64(about.Time.UTC().Year()*monthsPerYear) + int64(about.Time.UTC().Month())
	}
	d := &keyDescription{
		version: keyMintVersion, level: o.Level, keyMintVersion: keyMintVersion, keyMintLevel: o.Level, challenge: about.ClientDataHash,
		software: authorizations{tagCreated: integer(about.Time.UnixMilli()), tagApplicationID: o.App.encode()},
		hardware: authorizations{},
	}
	enforced := d.hardware
	if o.Level == SoftwareLevel {
		enforced = d.software
	}
	bootHash := sha256.Sum256(fmt.Append(nil, "passkeylab, system image ", o.OSVersion))
	for tag, value := range map[int][]byte{
		tagPurpose: integers(purposeSign), tagDigest: integers(digestSHA256), tagNoAuthRequired: asn1Null, tagOrigin: integer(originGenerated),
		tagRootOfTrust: rootOfTrust(o.BootKey, true, bootVerified, bootHash[:]), tagOSVersion: integer(o.OSVersion), tagOSPatchLevel: integer(patch),
		tagVendorPatch: integer(patch*monthsPerYear + 5), tagBootPatch: integer(patch*monthsPerYear + 5),
	} {
		enforced[tag] = value
	}
	return d, enforced.describeKey(c)
}

// describeKey adds what kind of key it is.
func (a authorizations) describeKey(c *credential) error {
	switch public := c.public.(type) {
	case *ecdsa.PublicKey:
		curves := map[elliptic.Curve]int64{elliptic.P256(): curveP256, elliptic.P384(): curveP384, elliptic.P521(): curveP521}
		a[tagAlgorithm], a[tagECCurve] = integer(algorithmEC), integer(curves[public.Curve])
		a[tagKeySize] = integer(int64(public.Curve.Params().BitSize))
	case *rsa.PublicKey:
		a[tagAlgorithm], a[tagKeySize] = integer(algorithmRSA), integer(int64(public.N.BitLen()))
		a[tagRSAExponent] = integer(int64(public.E))
	default:
		return fmt.Errorf("attestation: Android's key store has no keys of %s", c.algorithm)
	}
	return nil
}

func (a *androidKey) broken(b any) (Attester, bool) {
	bent, ok := b.(bend[androidKeyDraft])
	copied := *a
	copied.bend = bent
	return &copied, ok
}

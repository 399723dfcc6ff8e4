package attestation

import (
	"crypto/x509/pkix"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// SecurityLevel says where an Android device keeps a key (SecurityLevel of Android's
// key attestation).
type SecurityLevel int

// The levels.
const (
	SoftwareLevel SecurityLevel = iota
	TrustedEnvironment
	StrongBox
)

// Tags of an authorization list (Android's key attestation, "Schema").
const (
	tagPurpose         = 1
	tagAlgorithm       = 2
	tagKeySize         = 3
	tagDigest          = 5
	tagECCurve         = 10
	tagRSAExponent     = 200
	tagNoAuthRequired  = 503
	tagAllApplications = 600
	tagCreated         = 701
	tagOrigin          = 702
	tagRootOfTrust     = 704
	tagOSVersion       = 705
	tagOSPatchLevel    = 706
	tagApplicationID   = 709
	tagVendorPatch     = 718
	tagBootPatch       = 719
)

// Values in it.
const (
	purposeSign, purposeVerify      = 2, 3
	algorithmRSA, algorithmEC       = 1, 3
	digestSHA256                    = 4
	curveP256, curveP384, curveP521 = 1, 2, 3
	originGenerated, originImported = 0, 2
	keyMintVersion                  = 300
)

// authorizations are what a key may be used for and how it came to be: a value in DER
// for every tag.
type authorizations map[int][]byte

// keyDescription is what Android says about a key (KeyDescription in the schema).
type keyDescription struct {
	version        int64
	level          SecurityLevel
	keyMintVersion int64
	keyMintLevel   SecurityLevel
	challenge      []byte
	uniqueID       []byte
	software       authorizations
	hardware       authorizations
}

func (k *keyDescription) extension() pkix.Extension {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(k.version)
		b.AddASN1Enum(int64(k.level))
		b.AddASN1Int64(k.keyMintVersion)
		b.AddASN1Enum(int64(k.keyMintLevel))
		b.AddASN1OctetString(k.challenge)
		b.AddASN1OctetString(k.uniqueID)
		k.software.add(b)
		k.hardware.add(b)
	})
	return pkix.Extension{Id: oidAndroidKey, Value: b.BytesOrPanic()} // of lengths that are far below its limits
}

// add appends the list, in the order of tags.
func (a authorizations) add(b *cryptobyte.Builder) {
	tags := make([]int, 0, len(a))
	for tag := range a {
		tags = append(tags, tag)
	}
	slices.Sort(tags)
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, tag := range tags {
			addTagged(b, tag, a[tag])
		}
	})
}

// addTagged puts a context-specific tag around a value. Tags above 30 take more than
// one byte (X.690 §8.1.2.4), which cryptobyte does not write.
func addTagged(b *cryptobyte.Builder, tag int, value []byte) {
	const contextSpecific, constructed, long = 0x80, 0x20, 0x1f
	if tag < long {
		b.AddASN1(cbasn1.Tag(tag).Constructed().ContextSpecific(), func(b *cryptobyte.Builder) { b.AddBytes(value) })
		return
	}
	b.AddUint8(contextSpecific | constructed | long)
	b.AddUint8(0x80 | byte(tag>>7)) // two digits of base 128 are enough for tags below 16384
	b.AddUint8(byte(tag & 0x7f))
	addLength(b, len(value))
	b.AddBytes(value)
}

// addLength writes a definite length of at most 65535.
func addLength(b *cryptobyte.Builder, length int) {
	switch {
	case length < 0x80:
		b.AddUint8(byte(length))
	case length <= 0xff:
		b.AddUint8(0x81)
		b.AddUint8(byte(length))
	default:
		b.AddUint8(0x82)
		b.AddUint16(uint16(length))
	}
}

// integers encodes a SET OF INTEGER, whose elements are in ascending order.
func integers(values ...int64) []byte {
	var all []byte
	for _, v := range values {
		all = append(all, integer(v)...)
	}
	return tagged(cbasn1.SET, all)
}

var asn1Null = []byte{byte(cbasn1.NULL), 0}

// Values of verifiedBootState.
const (
	bootVerified   = 0
	bootUnverified = 2
)

// rootOfTrust describes how the device booted: with an image that the holder of key
// signed, or not.
func rootOfTrust(key []byte, locked bool, state int64, hash []byte) []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1OctetString(key)
		b.AddASN1Boolean(locked)
		b.AddASN1Enum(state)
		b.AddASN1OctetString(hash)
	})
	return b.BytesOrPanic()
}

// App is an Android application as attestations name it.
type App struct {
	Package string
	Version int64
	Signer  []byte // SHA-256 of its signing certificate
}

// encode is the AttestationApplicationId of an app, itself DER in an OCTET STRING.
func (a *App) encode() []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1OctetString([]byte(a.Package))
				b.AddASN1Int64(a.Version)
			})
		})
		b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) { b.AddASN1OctetString(a.Signer) })
	})
	return octets(b.BytesOrPanic())
}

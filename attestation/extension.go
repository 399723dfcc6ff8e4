package attestation

import (
	"crypto/x509/pkix"
	"encoding/asn1"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/passkeylab/passkeylab/webauthn"
)

// Extensions of attestation certificates.
var (
	oidAAGUID     = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 45724, 1, 1, 4}  // id-fido-gen-ce-aaguid
	oidSerial     = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 45724, 1, 1, 2}  // id-fido-gen-ce-sernum
	oidFirmware   = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 45724, 1, 1, 5}  // id-fido-gen-ce-fw-version
	oidTransports = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 45724, 2, 1, 1}  // id-fido-u2f-transports
	oidDeviceType = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 41482, 2}        // one maker's own: which product line
	oidAndroidKey = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 1, 17} // key attestation
	oidAppleNonce = asn1.ObjectIdentifier{1, 2, 840, 113635, 100, 8, 2}
)

// octets encodes an OCTET STRING.
func octets(value []byte) []byte { return tagged(cbasn1.OCTET_STRING, value) }

// tagged encodes a value with a tag around it.
func tagged(tag cbasn1.Tag, value []byte) []byte {
	var b cryptobyte.Builder
	b.AddASN1(tag, func(b *cryptobyte.Builder) { b.AddBytes(value) })
	return b.BytesOrPanic() // of lengths that are far below its limits
}

// integer encodes an INTEGER.
func integer(n int64) []byte {
	var b cryptobyte.Builder
	b.AddASN1Int64(n)
	return b.BytesOrPanic()
}

// aaguidExtension wraps the AAGUID in two OCTET STRINGs, of which this is the
// inner (WebAuthn L3 §8.2.1).
func aaguidExtension(id webauthn.AAGUID) pkix.Extension {
	return pkix.Extension{Id: oidAAGUID, Value: octets(id[:])}
}

// SerialExtension names one device, for enterprise attestation (WebAuthn L3 §8.2.2).
func SerialExtension(serial []byte) pkix.Extension {
	return pkix.Extension{Id: oidSerial, Value: octets(serial)}
}

// FirmwareExtension says which firmware a device has (WebAuthn L3 §8.2.1).
func FirmwareExtension(version int64) pkix.Extension {
	return pkix.Extension{Id: oidFirmware, Value: integer(version)}
}

// DeviceTypeExtension is what Yubico's certificates tell product lines by: the
// text of an object identifier, not encoded further.
func DeviceTypeExtension(line string) pkix.Extension {
	return pkix.Extension{Id: oidDeviceType, Value: []byte(line)}
}

// transportBits is where transports stand in the BIT STRING of the extension
// (FIDO U2F Authenticator Transports Extension §3).
var transportBits = map[string]int{webauthn.TransportBLE: 1, webauthn.TransportUSB: 2, webauthn.TransportNFC: 3, webauthn.TransportInternal: 4}

// TransportsExtension lists the transports of a device, webauthn.Transport….
// Those that the extension has no bit for are left out.
func TransportsExtension(transports ...string) pkix.Extension {
	const mostBits = 8
	var bits byte
	length := 0
	for _, transport := range transports {
		if bit, known := transportBits[transport]; known {
			bits |= 0x80 >> bit
			length = max(length, bit+1)
		}
	}
	value := []byte{byte(mostBits - length), bits}
	if length == 0 {
		value = []byte{0} // no bits, and none unused
	}
	return pkix.Extension{Id: oidTransports, Value: tagged(cbasn1.BIT_STRING, value)}
}

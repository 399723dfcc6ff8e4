package pinuv

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"

	"github.com/passkeylab/passkeylab/ctap"
)

// The functions below return what a pinUvAuthParam is over, for the commands
// that do not authenticate a clientDataHash. params is subCommandParams as it
// travels, empty where there is none.

// domainPrefix keeps these messages apart from any clientDataHash.
var domainPrefix = bytes.Repeat([]byte{0xff}, sha256.Size)

// BioEnrollmentMessage is that of authenticatorBioEnrollment (CTAP 2.3 §6.7).
func BioEnrollmentMessage(modality uint64, sub ctap.SubCommand, params []byte) []byte {
	return append([]byte{byte(modality), byte(sub)}, params...)
}

// CredentialManagementMessage is that of authenticatorCredentialManagement
// (§6.8).
func CredentialManagementMessage(sub ctap.SubCommand, params []byte) []byte {
	return append([]byte{byte(sub)}, params...)
}

// LargeBlobMessage is that of a write by authenticatorLargeBlobs (§6.10.2).
// offset is in bytes; its lower 32 bits are authenticated.
func LargeBlobMessage(offset uint64, fragment []byte) []byte {
	out := append(bytes.Clone(domainPrefix), byte(ctap.CommandLargeBlobs), 0)
	out = binary.LittleEndian.AppendUint32(out, uint32(offset))
	hash := sha256.Sum256(fragment)
	return append(out, hash[:]...)
}

// ConfigMessage is that of authenticatorConfig (§6.11).
func ConfigMessage(sub ctap.SubCommand, params []byte) []byte {
	out := append(bytes.Clone(domainPrefix), byte(ctap.CommandConfig), byte(sub))
	return append(out, params...)
}

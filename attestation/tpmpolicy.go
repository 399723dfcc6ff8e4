package attestation

import (
	"crypto"
	"encoding/binary"
)

// Commands that policies name (TPM_CC, TPM 2.0 Part 2, 6.5.2).
const (
	tpmActivateCredential = 0x147
	tpmCertify            = 0x148
	tpmObjectChangeAuth   = 0x150
	tpmPolicyAuthValue    = 0x16b
	tpmPolicyCommandCode  = 0x16c
	tpmPolicyOR           = 0x171
)

// windowsPolicy is the authPolicy of Windows' keys: the key's password, alone or for
// one of three commands, or for certification none (TPM 2.0 Part 3, 23.6, 23.11 and
// 23.17). With SHA-256 it is 9dffcbf3…, as in every statement of Windows Hello's.
func windowsPolicy(hash crypto.Hash) []byte {
	start := make([]byte, hash.Size())
	extend := func(policy []byte, command uint32, arguments ...byte) []byte {
		return digest(hash, append(binary.BigEndian.AppendUint32(policy[:len(policy):len(policy)], command), arguments...))
	}
	only := func(command uint32) []byte {
		return extend(start, tpmPolicyCommandCode, binary.BigEndian.AppendUint32(nil, command)...)
	}
	branches := extend(start, tpmPolicyAuthValue)
	for _, command := range []uint32{tpmObjectChangeAuth, tpmCertify, tpmActivateCredential} {
		branches = append(branches, extend(only(command), tpmPolicyAuthValue)...)
	}
	return extend(start, tpmPolicyOR, append(branches, only(tpmCertify)...)...)
}

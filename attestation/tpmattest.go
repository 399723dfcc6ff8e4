package attestation

import (
	"crypto"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/passkeylab/passkeylab/webauthn"
)

// Values of a TPMS_ATTEST (TPM 2.0 Part 2, 6.2 and 6.9).
const (
	tpmGenerated       = 0xff544347 // ÿTCG: made within a TPM
	tpmAttestCertify   = 0x8017
	tpmAttestQuote     = 0x8018
	tpmAttestCreation  = 0x801a
	tpmClockIsMonotone = 1 // TPMI_YES_NO safe
)

// tpmAttest is a TPMS_ATTEST that certifies a key (TPM 2.0 Part 2, 10.12.8 and
// 10.12.3). Where name or qualifiedName is nil it is computed; see [tpmDraft].
type tpmAttest struct {
	magic           uint32
	kind            uint16
	qualifiedSigner []byte
	extraData       []byte
	clock           uint64 // milliseconds that the TPM has been on
	resets          uint32
	restarts        uint32
	safe            byte
	firmware        uint64
	parent          []byte // qualified name; not in the structure
	name            []byte
	qualifiedName   []byte
	attested        []byte // in place of the two names
}

func (a *tpmAttest) encode() []byte {
	b := binary.BigEndian
	out := b.AppendUint32(make([]byte, 0, 256), a.magic)
	out = b.AppendUint16(out, a.kind)
	out = appendSized(out, a.qualifiedSigner)
	out = appendSized(out, a.extraData)
	out = b.AppendUint64(out, a.clock)
	out = b.AppendUint32(out, a.resets)
	out = b.AppendUint32(out, a.restarts)
	out = append(out, a.safe)
	out = b.AppendUint64(out, a.firmware)
	if a.attested != nil {
		return append(out, a.attested...)
	}
	return appendSized(appendSized(out, a.name), a.qualifiedName)
}

// tpmState is what a TPM says of itself in everything it attests. Verifiers may
// reckon with it, but §8.3 has them check none of it.
type tpmState struct {
	parent   []byte // qualified name of the key above attestation and credential keys
	clock    int64  // at the lab's time
	resets   uint32
	restarts uint32
	firmware uint64
}

// tpmClock bounds what a TPM's clock shows at the lab's time, in milliseconds: four
// years.
const tpmClock = 1 << 37

func drawTPMState(secret []byte, identity string) (tpmState, error) {
	b := binary.BigEndian
	drawn, err := hkdf.Key(sha256.New, secret, nil, "passkeylab attestation state of "+identity, sha256.Size+8+4+4+8)
	if err != nil {
		return tpmState{}, err
	}
	parent, rest := drawn[:sha256.Size], drawn[sha256.Size:]
	return tpmState{
		parent: append(b.AppendUint16(nil, tpmHashes[crypto.SHA256]), parent...),
		clock:  int64(b.Uint64(rest) % tpmClock),
		resets: b.Uint32(rest[8:]), restarts: b.Uint32(rest[12:]), firmware: b.Uint64(rest[16:]),
	}, nil
}

// attest begins a certification that is made elapsed after the lab's time.
func (s *tpmState) attest(signer []byte, elapsed time.Duration) tpmAttest {
	return tpmAttest{
		magic: tpmGenerated, kind: tpmAttestCertify, qualifiedSigner: signer,
		clock: uint64(max(0, s.clock+elapsed.Milliseconds())), resets: s.resets, restarts: s.restarts, safe: tpmClockIsMonotone,
		firmware: s.firmware, parent: s.parent,
	}
}

// qualifiedSigner is the qualified name of the attestation key.
func (t *tpm) qualifiedSigner() ([]byte, error) {
	key, err := t.key()
	if err != nil {
		return nil, err
	}
	area, err := aikArea(key.Algorithm, key.Public())
	if err != nil {
		return nil, err
	}
	return qualifiedName(area.nameAlg, t.state.parent, tpmName(area.nameAlg, area.encode())), nil
}

// aikArea describes an attestation key as Windows has it. Unlike a credential's it is
// bound to its scheme, as every key is that signs nothing but a TPM's own structures.
func aikArea(algorithm webauthn.Algorithm, public crypto.PublicKey) (tpmPublic, error) {
	area, err := describe(public)
	area.nameAlg, area.attributes = tpmHashes[crypto.SHA256], windowsAIK
	area.authPolicy, area.scheme = windowsPolicy(crypto.SHA256), tpmSchemes[algorithm]
	return area, err
}

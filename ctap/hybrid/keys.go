package hybrid

import (
	"crypto/ecdh"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/big"
)

// Purpose keeps what is derived from one secret apart.
type Purpose uint32

// The purposes. Those from PairedSecret on are an authenticator's own affair.
const (
	PurposeEIDKey Purpose = iota + 1
	PurposeTunnelID
	PurposePSK
	PurposePairedSecret
	PurposeIdentityKey
	PurposeContactSecret
)

// Derive is HKDF-SHA-256 with the purpose as info, n bytes long. It panics for
// more than 8160 bytes, which HKDF cannot give.
func Derive(n int, secret, salt []byte, purpose Purpose) []byte {
	return expand(n, secret, salt, binary.LittleEndian.AppendUint32(nil, uint32(purpose)))
}

func expand(n int, secret, salt, info []byte) []byte {
	out, err := hkdf.Key(sha256.New, secret, salt, string(info), n)
	if err != nil {
		panic("hybrid: " + err.Error()) // the lengths are constants of this package
	}
	return out
}

// Sizes in bytes.
const (
	QRSecretSize   = 16
	LinkSecretSize = 32
	LinkIDSize     = 8
	NonceSize      = 16 // of a client that asks for a linked authenticator
	pointSize      = 65 // of a public key, not compressed
	compressedSize = 33
)

// PSK is the secret that both sides bring to the handshake. Only those know it
// who have heard the advert. It prints as "(secret)".
type PSK [32]byte

// EIDKey encrypts and authenticates adverts: an AES-256 key, then an HMAC key. It
// prints as "(secret)".
type EIDKey [64]byte

// Format keeps the secret out of logs, whatever the verb.
func (PSK) Format(out fmt.State, _ rune) { redact(out) }

// Format keeps the secret out of logs, whatever the verb.
func (EIDKey) Format(out fmt.State, _ rune) { redact(out) }

func redact(out io.Writer) { _, _ = io.WriteString(out, "(secret)") }

// Root is the secret that a transaction starts from: that of a QR code, or of a
// link. It prints as "(secret)".
type Root struct{ secret, salt []byte }

// FromQR returns the root of a transaction that begins with a QR code.
func FromQR(secret [QRSecretSize]byte) Root { return Root{secret: secret[:]} }

// FromLink returns the root of a transaction with a linked authenticator. The
// nonce is what the client sent when it asked for it.
func FromLink(secret [LinkSecretSize]byte, nonce [NonceSize]byte) Root {
	return Root{secret: secret[:], salt: nonce[:]}
}

// Format keeps the secret out of logs, whatever the verb.
func (Root) Format(out fmt.State, _ rune) { redact(out) }

// EIDKey is what the advert is sealed with.
func (r Root) EIDKey() EIDKey {
	return EIDKey(Derive(len(EIDKey{}), r.secret, r.salt, PurposeEIDKey))
}

// TunnelID is the tunnel of a transaction that begins with a QR code. That of a
// linked one is given out by the tunnel service.
func (r Root) TunnelID() TunnelID {
	return TunnelID(Derive(len(TunnelID{}), r.secret, nil, PurposeTunnelID))
}

// PSK follows from what the advert said.
func (r Root) PSK(eid EID) PSK { return PSK(Derive(len(PSK{}), r.secret, eid[:], PurposePSK)) }

// maxDraws is how often a scalar is drawn anew before the source of randomness
// counts as broken. A working one misses the range once in 2³² draws.
const maxDraws = 16

// NewKey draws a P-256 key: 32 bytes of random, and 32 more while they are no
// scalar. The error is that of random, or says that it gives nothing usable.
func NewKey(random io.Reader) (*ecdh.PrivateKey, error) {
	var scalar [32]byte
	for range maxDraws {
		if _, err := io.ReadFull(random, scalar[:]); err != nil {
			return nil, fmt.Errorf("drawing a P-256 key: %w", err)
		}
		if key, err := ecdh.P256().NewPrivateKey(scalar[:]); err == nil {
			return key, nil
		}
	}
	return nil, fmt.Errorf("drawing a P-256 key: %d draws of randomness gave no scalar", maxDraws)
}

// errPoint says that bytes are no public key.
var errPoint = errors.New("not a point on P-256")

// compress returns the short form of a public key.
func compress(key *ecdh.PublicKey) []byte {
	point := key.Bytes()
	return append([]byte{2 + point[pointSize-1]&1}, point[1:compressedSize]...)
}

// decompress reads the short form of a public key.
func decompress(short []byte) (*ecdh.PublicKey, error) {
	if len(short) != compressedSize {
		return nil, fmt.Errorf("%w: %d bytes, want %d", errPoint, len(short), compressedSize)
	}
	x, y := elliptic.UnmarshalCompressed(elliptic.P256(), short)
	if x == nil {
		return nil, errPoint
	}
	return publicKey(append(coordinate([]byte{4}, x), coordinate(nil, y)...))
}

func coordinate(out []byte, n *big.Int) []byte {
	var fixed [32]byte
	return append(out, n.FillBytes(fixed[:])...)
}

// publicKey reads the long form of a public key.
func publicKey(point []byte) (*ecdh.PublicKey, error) {
	key, err := ecdh.P256().NewPublicKey(point)
	if err != nil || len(point) != pointSize {
		return nil, errPoint
	}
	return key, nil
}

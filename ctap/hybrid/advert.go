package hybrid

import (
	"crypto/aes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// UUIDs of the service data that carry adverts. The legacy one is still listened
// for by clients.
const (
	ServiceUUID       = "0000fff9-0000-1000-8000-00805f9b34fb"
	LegacyServiceUUID = "0000fde2-0000-1000-8000-00805f9b34fb"
)

// AdvertSize is the length of an advert in bytes.
const AdvertSize = aes.BlockSize + 4

// maxServiceData bounds the service data that is looked at, in bytes: what one
// structure of a Bluetooth advertisement holds.
const maxServiceData = 255

// Advert is what an authenticator sends by Bluetooth, so that only a client that
// is near can go on: an encrypted [EID] and the first bytes of its HMAC.
type Advert [AdvertSize]byte

// EID is what an advert says. Its first byte is reserved and zero.
type EID [aes.BlockSize]byte

// Places in an EID.
const (
	eidRouting = 11
	eidDomain  = 14
)

// ErrAdvert says that service data are no advert under a key.
var ErrAdvert = errors.New("not an advert of this transaction")

// NewEID returns the EID of a transaction that began with a QR code, with a fresh
// nonce. It fails where randomness does.
func NewEID(random io.Reader, routing RoutingID, domain Domain) (EID, error) {
	var e EID
	if _, err := io.ReadFull(random, e[1:eidRouting]); err != nil {
		return EID{}, fmt.Errorf("drawing the nonce of an advert: %w", err)
	}
	copy(e[eidRouting:], routing[:])
	binary.LittleEndian.PutUint16(e[eidDomain:], uint16(domain))
	return e, nil
}

// NewLinkedEID returns the EID of a transaction with a linked client, which is
// random: both sides have a tunnel already. It avoids what reads as an unknown
// domain, because some clients look at that all the same. It fails where
// randomness does.
func NewLinkedEID(random io.Reader) (EID, error) {
	var e EID
	for range maxDraws {
		if _, err := io.ReadFull(random, e[1:]); err != nil {
			return EID{}, fmt.Errorf("drawing an advert: %w", err)
		}
		if e.Domain().Known() {
			return e, nil
		}
	}
	return EID{}, fmt.Errorf("drawing an advert: %d draws of randomness gave none that is good", maxDraws)
}

// Routing tells the tunnel service where the tunnel is.
func (e EID) Routing() RoutingID { return RoutingID(e[eidRouting:eidDomain]) }

// Domain is the tunnel service's. Whether there is such a domain is for
// [Domain.Known] to say; in a linked transaction it means nothing.
func (e EID) Domain() Domain { return Domain(binary.LittleEndian.Uint16(e[eidDomain:])) }

// Seal encrypts an EID.
func (k EIDKey) Seal(e EID) (out Advert) {
	block, _ := aes.NewCipher(k[:32]) // 32 bytes are a key
	block.Encrypt(out[:], e[:])
	copy(out[aes.BlockSize:], k.tag(out[:aes.BlockSize]))
	return out
}

// Open decrypts service data. What follows the advert belongs to later versions
// and is passed over. The error is or wraps [ErrAdvert].
func (k EIDKey) Open(serviceData []byte) (e EID, err error) {
	if len(serviceData) < AdvertSize || len(serviceData) > maxServiceData {
		return EID{}, fmt.Errorf("%w: %d bytes, want %d to %d", ErrAdvert, len(serviceData), AdvertSize, maxServiceData)
	}
	ciphertext, tag := serviceData[:aes.BlockSize], serviceData[aes.BlockSize:AdvertSize]
	if !hmac.Equal(k.tag(ciphertext), tag) {
		return EID{}, ErrAdvert
	}
	block, _ := aes.NewCipher(k[:32]) // 32 bytes are a key
	block.Decrypt(e[:], ciphertext)
	if e[0] != 0 {
		return EID{}, fmt.Errorf("%w: the reserved byte is 0x%02x, want 0", ErrAdvert, e[0])
	}
	return e, nil
}

// tag is the part of the HMAC that an advert has.
func (k EIDKey) tag(ciphertext []byte) []byte {
	h := hmac.New(sha256.New, k[32:])
	h.Write(ciphertext)
	return h.Sum(nil)[:AdvertSize-aes.BlockSize]
}

// OpenAny tries keys in their order and returns which one service data are an
// advert under, or -1.
func OpenAny(serviceData []byte, keys ...EIDKey) (int, EID) {
	for i, key := range keys {
		if e, err := key.Open(serviceData); err == nil {
			return i, e
		}
	}
	return -1, EID{}
}

package hybrid

import (
	"crypto/ecdh"
	"errors"
	"fmt"
)

// HandshakeSize is the length in bytes of both messages of a handshake.
const HandshakeSize = pointSize + tagSize

// ErrHandshake says that the other side is not the one with the QR code or the
// link, or has not heard the same advert.
var ErrHandshake = errors.New("the handshake failed")

// Names and prologues tell the two kinds of handshake apart. After a QR code the
// authenticator knows the client's key (KN), with a link the client knows the
// authenticator's (NK).
const (
	nameQR     = "Noise_KNpsk0_P256_AESGCM_SHA256"
	nameLinked = "Noise_NKpsk0_P256_AESGCM_SHA256"

	prologueQR     = 1
	prologueLinked = 0
)

// start is what both sides do before the first message.
func start(name string, prologue byte, known *ecdh.PublicKey, psk PSK) symmetric {
	s := begin(name)
	s.mixHash([]byte{prologue})
	s.mixHash(known.Bytes())
	s.mixKeyAndHash(psk[:])
	return s
}

// mixEphemeral takes in a public key that has just been sent or received. With a
// preshared key it is key material too.
func (s *symmetric) mixEphemeral(point []byte) {
	s.mixHash(point)
	s.mixKey(point)
}

func (s *symmetric) mixAgreement(own *ecdh.PrivateKey, other *ecdh.PublicKey) error {
	shared, err := own.ECDH(other)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrHandshake, err)
	}
	s.mixKey(shared)
	return nil
}

// Initiator is a client between the two messages of a handshake.
type Initiator struct {
	symmetric symmetric
	ephemeral *ecdh.PrivateKey
	identity  *ecdh.PrivateKey // of the client; nil in a linked transaction
}

// InitiateQR begins the handshake with whoever has scanned the client's QR code.
// identity is the key in the code, ephemeral a fresh one (see [NewKey]). The
// message is for the authenticator.
func InitiateQR(psk PSK, identity, ephemeral *ecdh.PrivateKey) (*Initiator, []byte, error) {
	i := &Initiator{start(nameQR, prologueQR, identity.PublicKey(), psk), ephemeral, identity}
	message, err := i.message(nil)
	return i, message, err
}

// InitiateLinked begins the handshake with the authenticator that has the identity
// key of a link.
func InitiateLinked(psk PSK, authenticator *ecdh.PublicKey, ephemeral *ecdh.PrivateKey) (*Initiator, []byte, error) {
	i := &Initiator{start(nameLinked, prologueLinked, authenticator, psk), ephemeral, nil}
	message, err := i.message(authenticator)
	return i, message, err
}

// message is the client's. authenticator is nil after a QR code.
func (i *Initiator) message(authenticator *ecdh.PublicKey) ([]byte, error) {
	point := i.ephemeral.PublicKey().Bytes()
	i.symmetric.mixEphemeral(point)
	if authenticator != nil {
		if err := i.symmetric.mixAgreement(i.ephemeral, authenticator); err != nil {
			return nil, err
		}
	}
	return append(point, i.symmetric.sealEmpty()...), nil
}

// Finish takes the authenticator's answer. The error is or wraps [ErrHandshake].
func (i *Initiator) Finish(answer []byte) (*Session, error) {
	point, proof, err := cutMessage(answer)
	if err != nil {
		return nil, err
	}
	s := &i.symmetric
	s.mixEphemeral(point.Bytes())
	if err := s.mixAgreement(i.ephemeral, point); err != nil {
		return nil, err
	}
	if i.identity != nil {
		if err := s.mixAgreement(i.identity, point); err != nil {
			return nil, err
		}
	}
	if err := s.openEmpty(proof); err != nil {
		return nil, fmt.Errorf("%w: the authenticator's answer: %w", ErrHandshake, err)
	}
	own, other := s.split()
	return NewSession(own, other, s.hash), nil
}

// RespondQR answers the first message of a client whose QR code was scanned.
// client is the key in the code, ephemeral a fresh one. The error is or wraps
// [ErrHandshake].
func RespondQR(psk PSK, client *ecdh.PublicKey, ephemeral *ecdh.PrivateKey, message []byte) (answer []byte, _ *Session, _ error) {
	r := responder{symmetric: start(nameQR, prologueQR, client, psk), ephemeral: ephemeral}
	return r.respond(message, nil, client)
}

// RespondLinked answers the first message of a linked client. identity is the key
// whose public half the link has. The error is or wraps [ErrHandshake].
func RespondLinked(psk PSK, identity, ephemeral *ecdh.PrivateKey, message []byte) (answer []byte, _ *Session, _ error) {
	r := responder{symmetric: start(nameLinked, prologueLinked, identity.PublicKey(), psk), ephemeral: ephemeral}
	return r.respond(message, identity, nil)
}

// responder is an authenticator in a handshake.
type responder struct {
	symmetric
	ephemeral *ecdh.PrivateKey
}

// respond has either identity or client, by the kind of handshake.
func (r *responder) respond(message []byte, identity *ecdh.PrivateKey, client *ecdh.PublicKey) ([]byte, *Session, error) {
	point, proof, err := cutMessage(message)
	if err != nil {
		return nil, nil, err
	}
	r.mixEphemeral(point.Bytes())
	if identity != nil {
		if err := r.mixAgreement(identity, point); err != nil {
			return nil, nil, err
		}
	}
	if err := r.openEmpty(proof); err != nil {
		return nil, nil, fmt.Errorf("%w: the client's message: %w", ErrHandshake, err)
	}
	return r.answer(point, client)
}

func (r *responder) answer(point, client *ecdh.PublicKey) ([]byte, *Session, error) {
	own := r.ephemeral.PublicKey().Bytes()
	r.mixEphemeral(own)
	if err := r.mixAgreement(r.ephemeral, point); err != nil {
		return nil, nil, err
	}
	if client != nil {
		if err := r.mixAgreement(r.ephemeral, client); err != nil {
			return nil, nil, err
		}
	}
	answer := append(own, r.sealEmpty()...)
	clients, authenticators := r.split()
	return answer, NewSession(authenticators, clients, r.hash), nil
}

// cutMessage takes a message of a handshake apart.
func cutMessage(message []byte) (point *ecdh.PublicKey, proof []byte, err error) {
	if len(message) != HandshakeSize {
		return nil, nil, fmt.Errorf("%w: a message of %d bytes, want %d", ErrHandshake, len(message), HandshakeSize)
	}
	point, err = publicKey(message[:pointSize])
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrHandshake, err)
	}
	return point, message[pointSize:], nil
}

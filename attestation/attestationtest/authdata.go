package attestationtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/binary"
	"errors"
	"math/big"
	"slices"
)

var errAuthData = errors.New("authenticator data is not as §6.1 and §6.5.1 have it")

// authData is what formats look at in authenticator data.
type authData struct {
	rpIDHash     []byte
	aaguid       []byte
	credentialID []byte
	algorithm    int64
	public       crypto.PublicKey
	x, y         []byte // of an EC2 key
}

// Layout of authenticator data (§6.1, §6.5.1).
const (
	flagsAt       = 32
	attestedFlag  = 0x40
	extensionFlag = 0x80
	aaguidAt      = 37
	idLengthAt    = 53
	idAt          = 55
)

func parseAuthData(raw []byte) (*authData, error) {
	if len(raw) < idAt || raw[flagsAt]&attestedFlag == 0 {
		return nil, errAuthData
	}
	key := idAt + int(binary.BigEndian.Uint16(raw[idLengthAt:]))
	if len(raw) < key {
		return nil, errAuthData
	}
	d := &authData{rpIDHash: raw[:flagsAt], aaguid: raw[aaguidAt:idLengthAt], credentialID: raw[idAt:key]}
	var cose map[int64]any
	rest, err := strict.UnmarshalFirst(raw[key:], &cose)
	if err != nil || (len(rest) > 0) != (raw[flagsAt]&extensionFlag != 0) {
		return nil, errAuthData
	}
	return d, d.readKey(cose)
}

// Labels of COSE_Key and their values (RFC 9052 §7, RFC 9053 §7, RFC 8230 §4).
const (
	labelKeyType, labelAlgorithm      = 1, 3
	labelFirst, labelX, labelY        = -1, -2, -3
	keyTypeOKP, keyTypeEC, keyTypeRSA = 1, 2, 3
)

func (d *authData) readKey(cose map[int64]any) error {
	kind, _ := cose[labelKeyType].(int64)
	d.algorithm, _ = cose[labelAlgorithm].(int64)
	d.x, _ = cose[labelX].([]byte)
	d.y, _ = cose[labelY].([]byte)
	switch kind {
	case keyTypeEC:
		curves := map[int64]elliptic.Curve{1: elliptic.P256(), 2: elliptic.P384(), 3: elliptic.P521()}
		name, _ := cose[labelFirst].(int64)
		if curve := curves[name]; curve != nil {
			point := slices.Concat([]byte{4}, d.x, d.y)
			public, err := ecdsa.ParseUncompressedPublicKey(curve, point)
			if err != nil {
				return errAuthData
			}
			d.public = public
		}
	case keyTypeOKP:
		if len(d.x) == ed25519.PublicKeySize {
			d.public = ed25519.PublicKey(d.x)
		}
	case keyTypeRSA:
		n, _ := cose[labelFirst].([]byte)
		d.public = &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(d.x).Int64())}
	}
	if d.public == nil {
		return errAuthData
	}
	return nil
}

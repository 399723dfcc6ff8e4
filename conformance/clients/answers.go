package clients

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// plainInfo is what getInfo says of a key of CTAP 2.1 that verifies nobody.
func plainInfo() cbor.Map {
	return cbor.Map{
		{Key: infoVersions, Value: cbor.Array{"FIDO_2_0", "FIDO_2_1"}},
		{Key: infoAAGUID, Value: []byte("judge of clients")},
		{Key: infoOptions, Value: cbor.Map{{Key: "rk", Value: true}, {Key: "up", Value: true}, {Key: "plat", Value: false}}},
		{Key: infoMaxMsgSize, Value: 1200},
		{Key: infoMaxCount, Value: 8},
		{Key: infoMaxIDLength, Value: 64},
		{Key: infoTransports, Value: cbor.Array{"usb"}},
		{Key: infoAlgorithms, Value: cbor.Array{cbor.Map{{Key: "alg", Value: algES256}, {Key: "type", Value: "public-key"}}}},
	}
}

// with changes what getInfo says of one member, and withOption of one option.
func (s *script) with(member int, value any) { s.info = s.info.With(member, value) }

func (s *script) withOption(name string, value bool) {
	options, _ := s.info.Get(infoOptions)
	s.with(infoOptions, options.(cbor.Map).With(name, value))
}

func (s *script) option(name string) bool {
	all, _ := s.info.Get(infoOptions)
	options, _ := all.(cbor.Map)
	v, _ := options.Get(name)
	on, _ := v.(bool)
	return on
}

// authParts are authenticator data before they are encoded (WebAuthn L3 §6.1).
type authParts struct {
	rpIDHash []byte
	flags    byte
	count    uint32
	aaguid   []byte
	id       []byte
	key      any // COSE_Key
	outputs  cbor.Map
}

func (p *authParts) encode() []byte {
	out := append(bytes.Clone(p.rpIDHash), p.flags)
	out = binary.BigEndian.AppendUint32(out, p.count)
	if p.flags&flagAT != 0 {
		out = append(out, p.aaguid...)
		out = binary.BigEndian.AppendUint16(out, uint16(len(p.id)))
		out = append(append(out, p.id...), cbor.Encode(p.key)...)
	}
	if len(p.outputs) > 0 {
		out = append(out, cbor.Encode(p.outputs)...)
	}
	return out
}

// data encodes authenticator data as the script wants them.
func (d *Device) data(m *message, p *authParts) []byte {
	if len(p.outputs) > 0 {
		p.flags |= flagED
	}
	if m.silent() {
		return p.encode()
	}
	if d.script.parts != nil {
		d.script.parts(p)
	}
	if len(p.outputs) > 0 {
		p.flags |= flagED
	}
	out := p.encode()
	if d.script.authData != nil {
		out = d.script.authData(out)
	}
	return out
}

// coseKey is the public key of all credentials.
func (d *Device) coseKey() cbor.Map {
	point, _ := d.key.PublicKey.Bytes() // of a curve that has an encoding
	return cbor.Map{{Key: 1, Value: 2}, {Key: 3, Value: algES256}, {Key: -1, Value: 1}, {Key: -2, Value: point[1:33]}, {Key: -3, Value: point[33:]}}
}

func (d *Device) sign(message ...[]byte) []byte {
	hash := sha256.Sum256(bytes.Join(message, nil))
	signature, err := ecdsa.SignASN1(d.random, d.key, hash[:])
	if err != nil {
		return nil // which no client believes in, and no P-256 key leads to
	}
	return signature
}

func hashOf(s string) []byte { h := sha256.Sum256([]byte(s)); return h[:] }

// verified tells whether the user counts as verified, or with what the request fails.
func (d *Device) verified(m *message, paramAt, protocolAt int, hash []byte, permission int64) (bool, ctap.Status) {
	uv, _ := m.option("uv")
	if m.params.Has(paramAt) {
		param, _ := m.params.Get(paramAt)
		if b, _ := param.([]byte); len(b) == 0 { // a touch alone is asked for
			return false, ctap.PINNotSet
		}
		return d.checkParam(m, paramAt, protocolAt, hash, permission)
	}
	if uv && !d.script.option("uv") {
		return false, ctap.InvalidOption
	}
	return uv, ctap.OK
}

// make is authenticatorMakeCredential (§6.1).
func (d *Device) make(m *message) (ctap.Status, cbor.Map) {
	hash, rp, user := bytesAt(m.params, mcClientDataHash), mapAt(m.params, mcRP), mapAt(m.params, mcUser)
	rpID, _ := textIn(rp, "id")
	verified, status := d.verified(m, mcPinUvAuthParam, mcPinUvAuthProtocol, hash, permissionMake)
	if status != ctap.OK {
		return status, nil
	}
	resident, _ := m.option("rk")
	if d.script.strict && resident && !verified {
		return ctap.PUATRequired, nil
	}
	exclude, _ := m.params.Get(mcExclude)
	if d.find(rpID, exclude, verified) != nil {
		return ctap.CredentialExcluded, nil
	}
	id := make([]byte, 32)
	_, _ = d.random.Read(id) // of a stream that never fails
	userID, _ := user.Get("id")
	handle, _ := userID.([]byte)
	made := passkey{id: id, user: handle, rpID: rpID, resident: resident}
	outputs, answer := d.registered(m, &made)
	d.passkeys = append(d.passkeys, made)
	parts := &authParts{rpIDHash: hashOf(rpID), flags: flagUP | flagAT, count: 1, aaguid: bytesAt(d.script.info, infoAAGUID), id: id, key: d.coseKey(), outputs: outputs}
	if verified {
		parts.flags |= flagUV
	}
	authData := d.data(m, parts)
	statement := cbor.Map{{Key: "alg", Value: algES256}, {Key: "sig", Value: d.sign(authData, hash)}}
	return ctap.OK, append(cbor.Map{{Key: madeFormat, Value: "packed"}, {Key: madeAuthData, Value: authData}, {Key: madeStatement, Value: statement}}, answer...)
}

// find returns the first passkey that a list of descriptors names.
func (d *Device) find(rpID string, list any, verified bool) *passkey {
	descriptors, _ := list.(cbor.Array)
	for _, entry := range descriptors {
		descriptor, _ := entry.(cbor.Map)
		id, _ := descriptor.Get("id")
		for i := range d.passkeys {
			p := &d.passkeys[i]
			if b, _ := id.([]byte); p.of(rpID) && bytes.Equal(p.id, b) && (verified || !p.hidden) {
				return p
			}
		}
	}
	return nil
}

// assert is authenticatorGetAssertion (§6.2).
func (d *Device) assert(m *message) (ctap.Status, cbor.Map) {
	rpID, _ := textIn(m.params, gaRPID)
	hash := bytesAt(m.params, gaClientDataHash)
	verified, status := d.verified(m, gaPinUvAuthParam, gaPinUvAuthProtocol, hash, permissionGet)
	if status != ctap.OK {
		return status, nil
	}
	var found []passkey
	if list, given := m.params.Get(gaAllow); given {
		if one := d.find(rpID, list, verified); one != nil {
			found = append(found, *one)
		}
	} else {
		for _, p := range slices.Backward(d.passkeys) {
			if p.rpID == rpID && p.resident {
				found = append(found, p)
			}
		}
	}
	if len(found) == 0 {
		return ctap.NoCredentials, nil
	}
	d.queue = nil
	for i := range found {
		answer := d.assertion(m, &found[i], rpID, hash, verified)
		if i == 0 && len(found) > 1 {
			answer = answer.With(gotNumber, len(found))
		}
		d.queue = append(d.queue, answer)
	}
	return d.next()
}

// next is authenticatorGetNextAssertion (§6.3).
func (d *Device) next() (ctap.Status, cbor.Map) {
	if len(d.queue) == 0 {
		return ctap.NotAllowed, nil
	}
	answer := d.queue[0]
	d.queue = d.queue[1:]
	return ctap.OK, answer
}

func (d *Device) assertion(m *message, p *passkey, rpID string, hash []byte, verified bool) cbor.Map {
	parts := &authParts{rpIDHash: hashOf(rpID), count: 2, outputs: d.evaluated(m, p)}
	if !m.silent() {
		parts.flags |= flagUP
	}
	if verified {
		parts.flags |= flagUV
	}
	authData := d.data(m, parts)
	answer := cbor.Map{
		{Key: gotCredential, Value: cbor.Map{{Key: "id", Value: p.id}, {Key: "type", Value: "public-key"}}}, {Key: gotAuthData, Value: authData}, {Key: gotSignature, Value: d.sign(authData, hash)},
	}
	if p.resident {
		user := cbor.Map{{Key: "id", Value: p.user}}
		if verified && p.name != "" {
			user = append(user, cbor.Pair{Key: "name", Value: p.name})
		}
		answer = append(answer, cbor.Pair{Key: gotUser, Value: user})
	}
	if wantsBlobKey(m) && p.blobKey != nil {
		answer = append(answer, cbor.Pair{Key: gotBlobKey, Value: p.blobKey})
	}
	return answer
}

func bytesAt(m cbor.Map, key any) []byte {
	v, _ := m.Get(key)
	b, _ := v.([]byte)
	return b
}

func mapAt(m cbor.Map, key any) cbor.Map {
	v, _ := m.Get(key)
	inner, _ := v.(cbor.Map)
	return inner
}

func textIn(m cbor.Map, key any) (string, bool) {
	v, _ := m.Get(key)
	s, ok := v.(string)
	return s, ok
}

func intAt(m cbor.Map, key any) (int64, bool) {
	v, _ := m.Get(key)
	n, ok := v.(int64)
	return n, ok
}

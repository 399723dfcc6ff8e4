package clients

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"

	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/conformance/internal/pinuv"
	"github.com/passkeylab/passkeylab/ctap"
)

// Extensions by the names that authenticators know them by (CTAP 2.3 §12).
const (
	extCredProtect = "credProtect"
	extCredBlob    = "credBlob"
	extBlobKey     = "largeBlobKey"
	extMinPIN      = "minPinLength"
	extHMACSecret  = "hmac-secret"
	extHMACAtOnce  = "hmac-secret-mc"
)

// giveExtensions has the device list extensions.
func (d *Device) giveExtensions(ids ...any) { d.script.with(infoExtensions, cbor.Array(ids)) }

// registered carries out what the device lists of the extensions of a
// makeCredential. answer are members beside authData.
func (d *Device) registered(m *message, made *passkey) (outputs, answer cbor.Map) {
	for _, p := range mapAt(m.params, mcExtensions) {
		id, _ := p.Key.(string)
		if !d.lists(id) {
			continue
		}
		switch id {
		case extCredProtect, extHMACSecret:
			outputs = append(outputs, p)
		case extHMACAtOnce:
			input, _ := p.Value.(cbor.Map)
			if sealed := d.evaluate(input, made); sealed != nil {
				outputs = append(outputs, cbor.Pair{Key: id, Value: sealed})
			}
		case extCredBlob:
			outputs = append(outputs, cbor.Pair{Key: id, Value: true})
		case extMinPIN:
			outputs = append(outputs, cbor.Pair{Key: id, Value: 4})
		case extBlobKey:
			made.blobKey = hashOf(string(made.id))
			answer = append(answer, cbor.Pair{Key: madeBlobKey, Value: made.blobKey})
		}
	}
	return outputs, answer
}

// evaluated is the same for a getAssertion.
func (d *Device) evaluated(m *message, p *passkey) (outputs cbor.Map) {
	for _, in := range mapAt(m.params, gaExtensions) {
		id, _ := in.Key.(string)
		if !d.lists(id) {
			continue
		}
		switch id {
		case extHMACSecret:
			input, _ := in.Value.(cbor.Map)
			if sealed := d.evaluate(input, p); sealed != nil {
				outputs = append(outputs, cbor.Pair{Key: id, Value: sealed})
			}
		case extCredBlob:
			outputs = append(outputs, cbor.Pair{Key: id, Value: []byte("a blob")})
		}
	}
	return outputs
}

func (d *Device) lists(id string) bool {
	v, _ := d.script.info.Get(infoExtensions)
	all, _ := v.(cbor.Array)
	for _, e := range all {
		if e == id {
			return true
		}
	}
	return false
}

// Members of the input of hmac-secret (§12.7).
const (
	hmacKeyAgreement = 1
	hmacSaltEnc      = 2
	hmacSaltAuth     = 3
	hmacProtocol     = 4
)

// opened are the salts of an input of hmac-secret.
func (d *Device) opened(input cbor.Map) (salts []byte, secret pinuv.Secret, ok bool) {
	secret, err := d.secret(input, hmacProtocol, hmacKeyAgreement)
	if err != nil {
		return nil, secret, false
	}
	sealed := bytesAt(input, hmacSaltEnc)
	if !bytes.Equal(secret.Authenticate(sealed), bytesAt(input, hmacSaltAuth)) {
		return nil, secret, false
	}
	salts, err = secret.Decrypt(sealed)
	return salts, secret, err == nil && (len(salts) == 32 || len(salts) == 64)
}

func (d *Device) evaluate(input cbor.Map, p *passkey) []byte {
	salts, secret, ok := d.opened(input)
	if !ok {
		return nil
	}
	var out []byte
	for ; len(salts) > 0; salts = salts[32:] {
		for range max(d.script.evaluations, 1) {
			out = append(out, evaluation(p.id, salts[:32])...)
		}
	}
	return secret.Encrypt(out)
}

// evaluation is what the device makes of a salt.
func evaluation(id, salt []byte) []byte {
	h := hmac.New(sha256.New, id)
	h.Write(salt)
	return h.Sum(nil)
}

func wantsBlobKey(m *message) bool {
	v, _ := mapAt(m.params, gaExtensions).Get(extBlobKey)
	return v == true
}

// emptyBlobs is the array that a device has at first (§6.10).
var emptyBlobs = append([]byte{0x80}, hashOf("\x80")[:16]...)

// giveLargeBlobs lets the device have large blobs.
func (d *Device) giveLargeBlobs() {
	d.giveExtensions(extBlobKey)
	d.script.withOption("largeBlobs", true)
	d.script.with(infoMaxBlobs, 4096)
}

// largeBlobs is authenticatorLargeBlobs (§6.10).
func (d *Device) largeBlobs(m *message) (ctap.Status, cbor.Map) {
	offset, _ := intAt(m.params, blobOffset)
	if n, get := intAt(m.params, blobGet); get {
		if offset > int64(len(d.blobs)) {
			return ctap.InvalidParameter, nil
		}
		return ctap.OK, cbor.Map{{Key: blobConfig, Value: d.blobs[offset:min(int64(len(d.blobs)), offset+n)]}}
	}
	total, first := intAt(m.params, blobLength)
	if first != (offset == 0) {
		return ctap.InvalidParameter, nil
	}
	if first {
		d.fresh, d.total = make([]byte, 0, min(max(total, 0), 1<<16)), total
	}
	fragment := bytesAt(m.params, blobSet)
	if d.script.option("clientPin") || d.script.option("uv") {
		if _, status := d.checkParam(m, blobAuthParam, blobAuthProtocol, blobMessage(offset, fragment), permissionWriteBlobs); status != ctap.OK {
			return status, nil
		}
	}
	if offset != int64(len(d.fresh)) {
		return ctap.InvalidSeq, nil
	}
	d.fresh = append(d.fresh, fragment...)
	if int64(len(d.fresh)) < d.total {
		return ctap.OK, nil
	}
	if n := len(d.fresh) - 16; n >= 0 && bytes.Equal(hashOf(string(d.fresh[:n]))[:16], d.fresh[n:]) {
		d.blobs = d.fresh
		return ctap.OK, nil
	}
	return ctap.IntegrityFailure, nil
}

package fault

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

const answerSpec = "CTAP 2.3 §6"

func onCeremonies(change func(request members, answer []byte) []byte) func(Exchange) Exchange {
	return both(onAnswers(create, change), onAnswers(assert, change))
}

func answerFaults() []Fault {
	data := func(something func(*webauthn.AuthenticatorData) bool) func(Exchange) Exchange {
		look := func(m members) bool {
			raw, _ := m[key(2)].([]byte)
			parsed, err := webauthn.ParseAuthenticatorData(raw)
			return err == nil && something(parsed)
		}
		return both(refused(create, look), refused(assert, look))
	}
	idLonger := func(n int) func(*webauthn.AuthenticatorData) bool {
		return func(d *webauthn.AuthenticatorData) bool { return d.Attested != nil && len(d.Attested.CredentialID) > n }
	}
	more := func(last uint64) func(members) bool {
		return func(m members) bool {
			for k := range m {
				if n, ok := k.(uint64); !ok || n > last {
					return true
				}
			}
			return false
		}
	}
	return []Fault{
		{ID: "answer/everything-refused", Spec: answerSpec, Doc: "No answer is good enough.", Messages: onCeremonies(func(members, []byte) []byte { return []byte{byte(ctap.OperationDenied)} })},
		{ID: "answer/what-cannot-be-read-is-believed", Spec: answerSpec, Doc: "Where an answer says that all is well, what cannot be read of it is supposed.", Messages: believing},
		{ID: "answer/trailing-bytes-ignored", Spec: canonical, Doc: "What follows an answer, or authenticator data, is ignored.", Messages: onEvery(cutBehind)},
		{ID: "answer/form-ignored", Spec: canonical, Doc: "Answers that are not canonical are read all the same.", Messages: onEvery(func(answer []byte) []byte {
			if m, ok := readMembers(answer[1:]); ok {
				return append([]byte{0}, written(m)...)
			}
			return answer
		})},
		{ID: "answer/unknown-members-refused", Spec: canonical, Doc: "A member that the client does not know ends the request.", Messages: both(refused(create, more(6)), refused(assert, more(8)))},
		{ID: "answer/unknown-formats-refused", Spec: "WebAuthn L3 §6.5.3", Doc: "An attestation format that the client does not know ends the request.", Messages: refused(create, func(m members) bool {
			return !slices.Contains([]any{"packed", "none", "fido-u2f"}, m[key(1)])
		})},
		{ID: "answer/first-id-assumed", Spec: "CTAP 2.3 §6.2.2", Doc: "Where no credential is told, it is supposed to be the first of the list.", Messages: onMembers(assert, assumeID)},
		{ID: "answer/id-demanded", Spec: "CTAP 2.3 §6.2.2", Doc: "An answer that does not tell the credential ends the request.", Messages: refused(assert, func(m members) bool { return m[key(1)] == nil })},
		{ID: "answer/key-replaced", Spec: "WebAuthn L3 §6.5.1", Doc: "A public key that makes no sense is taken for one of ES256.", Messages: onData(func(b []byte) []byte { return replaceKey(b, false) })},
		{ID: "answer/long-id-cut", Spec: "WebAuthn L3 §4", Doc: "A credential ID that is too long is cut.", Messages: onData(cutID)},
		{ID: "answer/outputs-dropped", Spec: "WebAuthn L3 §9.5", Doc: "Extension outputs that make no sense are dropped.", Messages: onData(dropOutputs)},
		{ID: "answer/large-counters-refused", Spec: "WebAuthn L3 §6.1", Doc: "A counter above 31 bits ends the request.", Messages: data(func(d *webauthn.AuthenticatorData) bool { return d.SignCount > 1<<31 })},
		{ID: "answer/zero-counters-refused", Spec: "WebAuthn L3 §6.1", Doc: "A counter of zero ends the request.", Messages: data(func(d *webauthn.AuthenticatorData) bool { return d.SignCount == 0 })},
		{ID: "answer/long-ids-refused", Spec: "WebAuthn L3 §4", Doc: "A credential ID of more than 255 bytes ends the request.", Messages: data(idLonger(255))},
		{ID: "answer/backups-refused", Spec: "WebAuthn L3 §6.1.3", Doc: "Flag BE ends the request.", Messages: data(func(d *webauthn.AuthenticatorData) bool { return d.Flags&0x08 != 0 })},
		{ID: "answer/kilobytes-refused", Spec: "CTAP 2.3 §11.2.4", Doc: "An answer of more than 1024 bytes ends the request.", Messages: onEvery(shorterThan(1024))},
		{ID: "answer/long-ones-refused", Spec: "CTAP 2.3 §11.2.4", Doc: "An answer of more than 2048 bytes ends the request.", Messages: onEvery(shorterThan(2048))},
	}
}

// shorterThan refuses answers of more bytes.
func shorterThan(n int) func([]byte) []byte {
	return func(answer []byte) []byte {
		if len(answer) > n {
			return []byte{byte(ctap.Other)}
		}
		return answer
	}
}

// onEvery changes successful answers to the commands that ceremonies have.
func onEvery(change func(answer []byte) []byte) func(Exchange) Exchange {
	successful := func(_ members, answer []byte) []byte {
		if len(answer) < 2 || answer[0] != 0 {
			return answer
		}
		return change(answer)
	}
	return both(onAnswers(create, successful), onAnswers(assert, successful), onAnswers(getInfo, successful))
}

// onData changes authenticator data.
func onData(change func([]byte) []byte) func(Exchange) Exchange {
	at := func(_, answer members) {
		if raw, ok := answer[key(2)].([]byte); ok {
			answer[key(2)] = change(bytes.Clone(raw))
		}
	}
	return both(onMembers(create, at), onMembers(assert, at))
}

// cutBehind cuts what follows the item, and what follows authenticator data.
func cutBehind(answer []byte) []byte {
	if n, err := canon.Len(answer[1:]); err == nil {
		answer = answer[:1+n]
	}
	m, ok := readMembers(answer[1:])
	raw, isData := m[key(2)].([]byte)
	if !ok || !isData {
		return answer
	}
	for range 4 {
		if _, err := webauthn.ParseAuthenticatorData(raw); err == nil || len(raw) == 0 {
			break
		}
		raw = raw[:len(raw)-1]
	}
	m[key(2)] = raw
	return append([]byte{0}, written(m)...)
}

func assumeID(request, answer members) {
	if id, _ := inner(answer, key(1))["id"].([]byte); len(id) > 0 {
		return
	}
	answer[key(1)] = members{"type": "public-key", "id": []byte("supposed")}
	if list := entries(request, 3); len(list) > 0 {
		answer[key(1)] = list[0]
	}
}

// Offsets in authenticator data with a credential (WebAuthn L3 §6.1).
const (
	flagsAt    = 32
	idLengthAt = 53
	idAt       = 55
)

// afterID is where the public key begins.
func afterID(b []byte) (int, bool) {
	if len(b) < idAt || b[flagsAt]&0x40 == 0 {
		return 0, false
	}
	n := idAt + int(binary.BigEndian.Uint16(b[idLengthAt:]))
	return n, n <= len(b)
}

func replaceKey(b []byte, always bool) []byte {
	n, ok := afterID(b)
	if !ok {
		return b
	}
	if alg, _, err := webauthn.ParseCOSEKey(b[n:]); err == nil && alg != 0 && !always {
		return b
	}
	return append(b[:n:n], supposedKey()...)
}

func cutID(b []byte) []byte {
	n, ok := afterID(b)
	if !ok || n-idAt <= webauthn.MaxCredentialID {
		return b
	}
	out := bytes.Clone(b[:idAt+webauthn.MaxCredentialID])
	binary.BigEndian.PutUint16(out[idLengthAt:], webauthn.MaxCredentialID)
	return append(out, b[n:]...)
}

func dropOutputs(b []byte) []byte {
	n, ok := afterID(b)
	if !ok || b[flagsAt]&0x80 == 0 {
		return b
	}
	size, err := canon.Len(b[n:])
	if err != nil {
		return b
	}
	if _, isMap := readMembers(b[n+size:]); isMap {
		return b
	}
	b[flagsAt] &^= 0x80
	return b[:n+size]
}

// supposedKey is a key of ES256: the base point of P-256.
func supposedKey() []byte {
	x := []byte("\x6b\x17\xd1\xf2\xe1\x2c\x42\x47\xf8\xbc\xe6\xe5\x63\xa4\x40\xf2\x77\x03\x7d\x81\x2d\xeb\x33\xa0\xf4\xa1\x39\x45\xd8\x98\xc2\x96")
	y := []byte("\x4f\xe3\x42\xe2\xfe\x1a\x7f\x9b\x8e\xe7\xeb\x4a\x7c\x0f\x9e\x16\x2b\xce\x33\x57\x6b\x31\x5e\xce\xcb\xb6\x40\x68\x37\xbf\x51\xf5")
	return written(map[int]any{1: 2, 3: -7, -1: 1, -2: x, -3: y})
}

// supposed is what the client takes for the answer to a request.
func supposed(command ctap.Command, request members) []byte {
	switch command {
	case getInfo:
		return append([]byte{0}, written(members{
			key(1): []string{"FIDO_2_0", "FIDO_2_1"}, key(3): make([]byte, 16), key(4): map[string]bool{"rk": true, "up": true},
		})...)
	case create:
		rpID, _ := inner(request, key(2))["id"].(string)
		hash := sha256.Sum256([]byte(rpID))
		data := append(hash[:], 0x45)
		data = append(data, make([]byte, 4+16)...)
		data = append(data, 0, 8)
		data = append(append(data, "supposed"...), supposedKey()...)
		return append([]byte{0}, written(members{key(1): "none", key(2): data, key(3): members{}})...)
	case assert, next:
		rpID, _ := request[key(1)].(string)
		hash := sha256.Sum256([]byte(rpID))
		m := members{key(2): append(hash[:], 0x05, 0, 0, 0, 1), key(3): []byte("supposed")}
		assumeID(request, m)
		if len(entries(request, 3)) == 0 {
			m[key(4)] = members{"id": []byte("supposed")}
		}
		return append([]byte{0}, written(m)...)
	}
	return nil
}

// believing supposes what cannot be read of answers that are no refusals.
func believing(then Exchange) Exchange {
	var last members
	return func(ctx context.Context, request []byte) ([]byte, error) {
		answer, err := then(ctx, request)
		if err != nil || len(request) == 0 || len(answer) > 0 && answer[0] != 0 {
			return answer, err
		}
		command := ctap.Command(request[0])
		m, ok := parametersOf(command, request)
		if ok && silent(command, m) {
			return answer, nil
		}
		if command == assert {
			last = m
		}
		if command == next {
			m = last
		}
		if guess := supposed(command, m); guess != nil && !readable(command, answer) {
			return guess, nil
		}
		return answer, nil
	}
}

// readable reports whether the client can make sense of an answer.
func readable(command ctap.Command, answer []byte) bool {
	var data []byte
	switch command {
	case create:
		var r ctap.MakeCredentialResponse
		if ctap.DecodeResponse(answer, &r) != nil || len(r.Statement) > 0 && r.Statement[0]>>5 != 5 {
			return false
		}
		data = r.AuthData
	case assert, next:
		var r ctap.GetAssertionResponse
		if ctap.DecodeResponse(answer, &r) != nil {
			return false
		}
		data = r.AuthData
	default:
		return ctap.DecodeResponse(answer, new(ctap.GetInfoResponse)) == nil
	}
	d, err := webauthn.ParseAuthenticatorData(data)
	return err == nil && (command != create || d.Attested != nil)
}

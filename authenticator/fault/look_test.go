package fault_test

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fxamacker/cbor/v2"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

func asPanic(err error, target **authenticator.PanicError) bool { return errors.As(err, target) }

// members reads a map with integer keys, whatever its form.
func members(body []byte) map[int64]cbor.RawMessage {
	var all map[int64]cbor.RawMessage
	if _, err := cbor.UnmarshalFirst(body, &all); err != nil {
		return nil
	}
	return all
}

func bytesOf(item []byte) []byte {
	var b []byte
	if cbor.Unmarshal(item, &b) != nil {
		var s string
		if cbor.Unmarshal(item, &s) == nil {
			return []byte(s)
		}
	}
	return b
}

// form says whether an item keeps to the canonical form.
func form(item []byte) string {
	if len(item) == 0 {
		return "empty"
	}
	if err := canon.Check(item); err != nil {
		return err.Error()
	}
	return "canonical"
}

// keysOf lists the members of a map in their order.
func keysOf(body []byte) string {
	all := members(body)
	keys := make([]int, 0, len(all))
	for k := range all {
		keys = append(keys, int(k))
	}
	slices.Sort(keys)
	return fmt.Sprint(keys)
}

// typesOf lists the major types of some members.
func typesOf(body []byte) string {
	var types []string
	all := members(body)
	for _, key := range []int64{1, 2, 3, 4} {
		item := all[key]
		if len(item) > 0 {
			types = append(types, fmt.Sprintf("%d:%s", key, []string{"uint", "negative", "bytes", "text", "array", "map", "tag", "simple"}[item[0]>>5]))
		}
	}
	return strings.Join(types, " ")
}

// create makes a credential, notes all that can be seen of it, and returns the ID
// that it was told by.
func (w *world) create(what string, req *ctap.MakeCredentialRequest) (id []byte) {
	w.t.Helper()
	status, body := w.send(req)
	w.see(what+", status", "%s", status)
	w.see(what+", asked", "%s", w.asked())
	if status != "CTAP1_ERR_SUCCESS" {
		return nil
	}
	all := members(body)
	w.detail(what+", form", "%s", form(body))
	w.detail(what+", members", "%s of types %s", keysOf(body), typesOf(body))
	var format string
	_ = cbor.Unmarshal(all[1], &format)
	w.detail(what+", format", "%q", format)
	authData := bytesOf(all[2])
	id, key := w.lookAt(what, req.RP.ID, authData)
	if id != nil {
		w.keys[string(id)] = key
	}
	w.lookAtStatement(what, all[3], key, authData, req.ClientDataHash)
	w.lookAtBlobKey(what, bytesOf(all[5]))
	return id
}

func (w *world) lookAtStatement(what string, statement, key, authData, hash []byte) {
	if !w.closely {
		return
	}
	var parts map[string]cbor.RawMessage
	if cbor.Unmarshal(statement, &parts) != nil || len(parts) == 0 {
		w.detail(what+", statement", "without members")
		return
	}
	w.detail(what+", statement", "of %d members, its signature %s", len(parts), verdict(key, authData, hash, bytesOf(parts["sig"])))
}

// lookAtBlobKey tells keys apart.
func (w *world) lookAtBlobKey(what string, key []byte) {
	if len(key) > 0 {
		w.see(what+", largeBlobKey", "%s of %d bytes", w.nameOf("key", key), len(key))
	}
}

// lookAt notes what authenticator data say.
func (w *world) lookAt(what, rpID string, authData []byte) (id, key []byte) {
	if len(authData) < 37 {
		w.detail(what+", authenticator data", "%d bytes", len(authData))
		return nil, nil
	}
	w.detail(what+", RP ID hash", "%s", hashName(rpID, authData[:32]))
	flags := authData[32]
	w.detail(what+", flags", "%s%s", webauthn.Flags(flags), reservedBits(flags))
	w.detail(what+", counter", "%d", binary.BigEndian.Uint32(authData[33:]))
	rest := authData[37:]
	if webauthn.Flags(flags).Has(webauthn.AttestedData) {
		id, key, rest = w.lookAtCredential(what, rest)
	}
	if webauthn.Flags(flags).Has(webauthn.ExtensionOutput) {
		rest = w.lookAtOutputs(what, rest)
	}
	if len(rest) > 0 {
		w.detail(what+", left over", "%d bytes", len(rest))
	}
	return id, key
}

func hashName(rpID string, hash []byte) string {
	for name, of := range map[string]string{"that of the RP ID": rpID, "that of the origin": "https://" + rpID} {
		if sum := sha256.Sum256([]byte(of)); string(sum[:]) == string(hash) {
			return name
		}
	}
	if string(hash) == string(make([]byte, 32)) {
		return "zero"
	}
	return "another"
}

func reservedBits(flags byte) string {
	text := ""
	for _, bit := range []int{1, 5} {
		if flags>>bit&1 == 1 {
			text += fmt.Sprintf(" and bit %d", bit)
		}
	}
	return text
}

func (w *world) lookAtCredential(what string, data []byte) (id, key, rest []byte) {
	if len(data) < 18 {
		w.see(what+", credential", "only %d bytes", len(data))
		return nil, nil, data
	}
	aaguid := "another"
	switch string(data[:16]) {
	case string(w.model.AAGUID[:]):
		aaguid = "the model's"
	case string(make([]byte, 16)):
		aaguid = "zero"
	}
	w.detail(what+", AAGUID", "%s", aaguid)
	size := int(binary.BigEndian.Uint16(data[16:]))
	if size > len(data)-18 {
		w.detail(what+", credential ID", "longer than what follows")
		return nil, nil, nil
	}
	id, rest = data[18:18+size], data[18+size:]
	w.detail(what+", credential ID", "%d bytes", size)
	w.see(what+", credential", "%s", w.name(id))
	item := cbor.RawMessage{}
	after, err := cbor.UnmarshalFirst(rest, &item)
	if err != nil {
		w.detail(what+", public key", "unreadable")
		return id, nil, nil
	}
	w.detail(what+", public key", "%s, %s", form(item), keyVerdict(item))
	return id, item, after
}

func keyVerdict(key []byte) string {
	alg, _, err := webauthn.ParseCOSEKey(key)
	if err != nil {
		return err.Error()
	}
	return "a key of " + alg.String()
}

func (w *world) lookAtOutputs(what string, data []byte) (rest []byte) {
	item := cbor.RawMessage{}
	rest, err := cbor.UnmarshalFirst(data, &item)
	if err != nil {
		w.see(what+", outputs", "unreadable")
		return nil
	}
	var outputs map[string]cbor.RawMessage
	if cbor.Unmarshal(item, &outputs) != nil {
		w.see(what+", outputs", "%s", canon.Diagnose(item))
		return rest
	}
	for _, secret := range []string{ctap.ExtensionHMACSecret, ctap.ExtensionHMACSecretMC} {
		if output := bytesOf(outputs[secret]); output != nil { // encrypted; a scene looks into it
			outputs[secret] = canon.AppendText(nil, fmt.Sprintf("%d bytes", len(output)))
		}
	}
	names := make([]string, 0, len(outputs))
	for name, value := range outputs {
		names = append(names, name+" "+canon.Diagnose(value))
	}
	slices.Sort(names)
	w.see(what+", outputs", "%s", strings.Join(names, ", "))
	return rest
}

// look notes all that can be seen of an answer to getAssertion.
func (w *world) look(what, rpID string, hash []byte, status string, body []byte) {
	w.t.Helper()
	w.see(what+", status", "%s", status)
	w.see(what+", asked", "%s", w.asked())
	if status != "CTAP1_ERR_SUCCESS" {
		return
	}
	all := members(body)
	w.detail(what+", form", "%s", form(body))
	w.detail(what+", members", "%s", keysOf(body))
	var credential struct {
		ID   []byte `cbor:"id"`
		Type string `cbor:"type"`
	}
	_ = cbor.Unmarshal(all[1], &credential)
	if credential.Type != ctap.PublicKey && credential.Type != "" {
		credential.Type = " of type " + credential.Type
	} else {
		credential.Type = ""
	}
	w.see(what+", credential", "%s%s", w.name(credential.ID), credential.Type)
	authData := bytesOf(all[2])
	w.lookAt(what+", data", rpID, authData)
	if w.closely {
		w.see(what+", signature", "%s", verdict(w.keys[string(credential.ID)], authData, hash, bytesOf(all[3])))
	}
	w.lower = w.lower || !upperHalf(bytesOf(all[3]))
	w.see(what+", user", "%s", userOf(all[4]))
	w.see(what+", numberOfCredentials", "%s", number(all[5]))
	w.lookAtBlobKey(what, bytesOf(all[7]))
}

func userOf(item []byte) string {
	if item == nil {
		return "none"
	}
	var user map[string]any
	lenient, err := cbor.DecOptions{UTF8: cbor.UTF8DecodeInvalid}.DecMode()
	if err != nil || lenient.Unmarshal(item, &user) != nil {
		return "unreadable"
	}
	var parts []string
	for _, key := range []string{"id", "name", "displayName"} {
		if value, is := user[key]; is {
			parts = append(parts, fmt.Sprintf("%s %q", key, value))
		}
	}
	return strings.Join(parts, ", ")
}

func number(item []byte) string {
	if item == nil {
		return "absent"
	}
	return canon.Diagnose(item)
}

// assert signs in.
func (w *world) assert(what string, req *ctap.GetAssertionRequest) {
	w.t.Helper()
	status, body := w.send(req)
	w.look(what, req.RPID, req.ClientDataHash, status, body)
}

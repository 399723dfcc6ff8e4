package webauthn

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/passkeylab/passkeylab/internal/jsontext"
)

// The response JSON passes in every ceremony, so it is laid out by hand. Its
// members stand in the order of the structs, whose tags say the same for
// encoding/json.

// JSON is what credential.toJSON() gives, as text. It fails where an extension
// result is no JSON.
func (r *RegistrationResponse) JSON() ([]byte, error) {
	a := &r.Response
	out := make([]byte, 0, room(r.ID, r.RawID, a.ClientDataJSON, a.AuthenticatorData, a.PublicKey, a.AttestationObject))
	out = appendHead(out, r.ID, r.RawID)
	out = append(out, `{"clientDataJSON":`...)
	out = jsontext.AppendBase64URL(out, a.ClientDataJSON)
	out = append(out, `,"authenticatorData":`...)
	out = jsontext.AppendBase64URL(out, a.AuthenticatorData)
	out = append(out, `,"transports":`...)
	out = jsontext.AppendStrings(out, a.Transports)
	if len(a.PublicKey) > 0 {
		out = append(out, `,"publicKey":`...)
		out = jsontext.AppendBase64URL(out, a.PublicKey)
	}
	out = append(out, `,"publicKeyAlgorithm":`...)
	out = strconv.AppendInt(out, int64(a.PublicKeyAlgorithm), 10)
	out = append(out, `,"attestationObject":`...)
	out = jsontext.AppendBase64URL(out, a.AttestationObject)
	return appendTail(out, r.AuthenticatorAttachment, r.ClientExtensionResults, r.Type)
}

// JSON is what credential.toJSON() gives, as text. It fails where an extension
// result is no JSON.
func (r *AuthenticationResponse) JSON() ([]byte, error) {
	a := &r.Response
	out := make([]byte, 0, room(r.ID, r.RawID, a.ClientDataJSON, a.AuthenticatorData, a.Signature, a.UserHandle))
	out = appendHead(out, r.ID, r.RawID)
	out = append(out, `{"clientDataJSON":`...)
	out = jsontext.AppendBase64URL(out, a.ClientDataJSON)
	out = append(out, `,"authenticatorData":`...)
	out = jsontext.AppendBase64URL(out, a.AuthenticatorData)
	out = append(out, `,"signature":`...)
	out = jsontext.AppendBase64URL(out, a.Signature)
	if len(a.UserHandle) > 0 {
		out = append(out, `,"userHandle":`...)
		out = jsontext.AppendBase64URL(out, a.UserHandle)
	}
	return appendTail(out, r.AuthenticatorAttachment, r.ClientExtensionResults, r.Type)
}

// room estimates the size of a response with these values in it.
func room(values ...Base64URL) int {
	size := 288 // names, transports, extension results
	for _, v := range values {
		size += strictBase64URL.EncodedLen(len(v))
	}
	return size
}

// appendHead begins a response up to its member "response".
func appendHead(out []byte, id, rawID Base64URL) []byte {
	out = append(out, `{"id":`...)
	out = jsontext.AppendBase64URL(out, id)
	out = append(out, `,"rawId":`...)
	out = jsontext.AppendBase64URL(out, rawID)
	return append(out, `,"response":`...)
}

// appendTail ends the member "response" and what both kinds have after it.
func appendTail(out []byte, by Attachment, results map[string]json.RawMessage, kind string) ([]byte, error) {
	out = append(out, '}')
	if by != "" {
		out = append(out, `,"authenticatorAttachment":`...)
		out = jsontext.AppendString(out, string(by))
	}
	out = append(out, `,"clientExtensionResults":`...)
	out, err := appendResults(out, results)
	out = append(out, `,"type":`...)
	out = jsontext.AppendString(out, kind)
	return append(out, '}'), err
}

func appendResults(out []byte, results map[string]json.RawMessage) ([]byte, error) {
	if len(results) == 0 {
		return append(out, '{', '}'), nil
	}
	for i, id := range slices.Sorted(maps.Keys(results)) {
		if !json.Valid(results[id]) {
			return nil, fmt.Errorf("the result of extension %q is no JSON: %q", id, results[id])
		}
		out = append(out, "{,"[min(i, 1)])
		out = append(jsontext.AppendString(out, id), ':')
		out = append(out, results[id]...)
	}
	return append(out, '}'), nil
}

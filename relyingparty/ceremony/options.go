package ceremony

import (
	"cmp"
	"encoding/json"
	"strconv"

	"github.com/go-webauthn/webauthn/protocol"

	"github.com/passkeylab/passkeylab/internal/jsontext"
)

// The options are laid out by hand: they hold what is sent and nothing else.
// Members stand in the order of WebAuthn L3 §5.4 and §5.5.

// creationOptions is the JSON object {"publicKey": PublicKeyCredentialCreationOptionsJSON}.
func (c *Ceremonies) creationOptions(asked *Registration, have []Credential, r RegistrationRules) json.RawMessage {
	out := make([]byte, 0, 512+128*len(have))
	out = append(out, `{"publicKey":{"rp":{"id":`...)
	out = jsontext.AppendString(out, c.policy.RPID)
	out = append(out, `,"name":`...)
	out = jsontext.AppendString(out, c.policy.RPDisplayName)
	out = append(out, `},"user":{"id":`...)
	out = jsontext.AppendBase64URL(out, asked.account.Handle)
	out = append(out, `,"name":`...)
	out = jsontext.AppendString(out, asked.account.Name)
	out = append(out, `,"displayName":`...)
	out = jsontext.AppendString(out, asked.account.DisplayName)
	out = append(out, `},"challenge":`...)
	out = jsontext.AppendString(out, asked.value)
	out = append(out, `,"pubKeyCredParams":`...)
	out = appendParameters(out, asked.algorithms)
	out = appendTimeout(out, r.Lifetime.Milliseconds())
	if len(have) > 0 {
		out = append(out, `,"excludeCredentials":`...)
		out = appendDescriptors(out, have)
	}
	out = append(out, `,"authenticatorSelection":`...)
	out = appendSelection(out, r)
	out = appendHints(out, r.Hints)
	if r.Attestation != "" {
		out = append(out, `,"attestation":`...)
		out = jsontext.AppendString(out, string(r.Attestation))
	}
	return append(appendExtensions(out, r.Extensions), '}', '}')
}

// requestOptions is the JSON object {"publicKey": PublicKeyCredentialRequestOptionsJSON}.
func (c *Ceremonies) requestOptions(asked *Login, r LoginRules) json.RawMessage {
	out := make([]byte, 0, 192)
	out = append(out, `{"publicKey":{"challenge":`...)
	out = jsontext.AppendString(out, asked.value)
	out = appendTimeout(out, r.Lifetime.Milliseconds())
	out = append(out, `,"rpId":`...)
	out = jsontext.AppendString(out, c.policy.RPID)
	if len(r.Allow) > 0 {
		out = append(out, `,"allowCredentials":`...)
		out = appendDescriptors(out, r.Allow)
	}
	out = append(out, `,"userVerification":`...)
	out = jsontext.AppendString(out, string(cmp.Or(r.Shown, r.UserVerification)))
	out = appendHints(out, r.Hints)
	return append(appendExtensions(out, r.Extensions), '}', '}')
}

// PublicKeyOf is the value of the one member of options.
func PublicKeyOf(options json.RawMessage) json.RawMessage {
	return options[len(`{"publicKey":`) : len(options)-1]
}

func appendParameters(out []byte, all []protocol.CredentialParameter) []byte {
	out = append(out, '[')
	for i, p := range all {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, `{"type":`...)
		out = jsontext.AppendString(out, string(p.Type))
		out = append(out, `,"alg":`...)
		out = strconv.AppendInt(out, int64(p.Algorithm), 10)
		out = append(out, '}')
	}
	return append(out, ']')
}

func appendTimeout(out []byte, milliseconds int64) []byte {
	out = append(out, `,"timeout":`...)
	return strconv.AppendInt(out, milliseconds, 10)
}

// appendDescriptors lists credentials as PublicKeyCredentialDescriptorJSON.
func appendDescriptors(out []byte, all []Credential) []byte {
	out = append(out, '[')
	for i, known := range all {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, `{"type":"public-key","id":`...)
		out = jsontext.AppendBase64URL(out, known.ID)
		if len(known.Transports) > 0 {
			out = append(out, `,"transports":`...)
			out = jsontext.AppendStrings(out, known.Transports)
		}
		out = append(out, '}')
	}
	return append(out, ']')
}

// appendSelection asks for passkeys, which are discoverable; requireResidentKey says
// so to Level 1 clients.
func appendSelection(out []byte, r RegistrationRules) []byte {
	if r.Selection != nil {
		return append(out, r.Selection...)
	}
	out = append(out, '{')
	if attachment := cmp.Or(r.Attachment, r.Hints.attachment()); attachment != "" {
		out = append(out, `"authenticatorAttachment":`...)
		out = append(jsontext.AppendString(out, attachment), ',')
	}
	out = append(out, `"residentKey":"required","requireResidentKey":true,"userVerification":`...)
	out = jsontext.AppendString(out, string(r.UserVerification))
	return append(out, '}')
}

func appendHints(out []byte, h Hints) []byte {
	if h == (Hints{}) {
		return out
	}
	out = append(out, `,"hints":`...)
	return jsontext.AppendStrings(out, h.list())
}

func appendExtensions(out []byte, extensions json.RawMessage) []byte {
	if extensions == nil {
		return out
	}
	out = append(out, `,"extensions":`...)
	return append(out, extensions...)
}

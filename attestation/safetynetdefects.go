package attestation

import (
	"bytes"
	"encoding/base64"
	"slices"
	"time"

	"github.com/passkeylab/passkeylab/webauthn"
)

// Steps of verifying android-safetynet statements, whose text does not number them.
// What it takes from the service's documentation has a word of its own.
const (
	safetyNetSyntax    = "WebAuthn L3 §8.5 verification, syntax"
	safetyNetResponse  = "WebAuthn L3 §8.5 verification, response"
	safetyNetNonce     = "WebAuthn L3 §8.5 verification, nonce"
	safetyNetService   = "WebAuthn L3 §8.5 verification, service: host name"
	safetyNetSignature = "WebAuthn L3 §8.5 verification, service: signature"
	safetyNetTimestamp = "WebAuthn L3 §8.5 verification, service: timestampMs"
	safetyNetIntegrity = "WebAuthn L3 §8.5 verification, service: ctsProfileMatch"
)

// safetyNetDefects are those of android-safetynet statements.
var safetyNetDefects = slices.Concat(
	ofMembers(webauthn.FormatAndroidSafetyNet, safetyNetSyntax, safetyNetMembers,
		memberDefect{"ver-missing", "The statement does not say of which version the response is.", func(s statement) { delete(s, "ver") }},
		memberDefect{"ver-empty", "The version is empty.", func(s statement) { s["ver"] = "" }},
		memberDefect{"ver-number", "The version is a number.", func(s statement) { s["ver"] = 212116028 }},
		memberDefect{"response-missing", "The statement has no response.", func(s statement) { delete(s, "response") }},
		memberDefect{"response-empty", "The response is empty.", func(s statement) { s["response"] = []byte{} }},
		memberDefect{"response-text", "The response is a text string.", func(s statement) { s["response"] = string(s["response"].([]byte)) }},
		extraMember,
	),
	safetyNetTokens, safetyNetPayloads, safetyNetCertificates,
	ofChain(webauthn.FormatAndroidSafetyNet, safetyNetChain, chainDefects...),
	ofChain(webauthn.FormatAndroidSafetyNet, safetyNetChain, intermediateDefects...),
	ofChain(webauthn.FormatAndroidSafetyNet, safetyNetChain, orderDefect.foundBy(safetyNetResponse)),
)

func safetyNetMembers(d *safetyNetDraft) statement { return d.statement }
func safetyNetChain(d *safetyNetDraft) *chained    { return &d.chained }

func safetyNetDefect(what, spec, doc string, shape func(*safetyNetDraft)) Defect {
	return Defect{ID: webauthn.FormatAndroidSafetyNet + "/" + what, Format: webauthn.FormatAndroidSafetyNet, Spec: spec, Doc: doc, bend: bend[safetyNetDraft]{shape: shape}}
}

// safetyNetTokens are of the JWS.
var safetyNetTokens = []Defect{
	safetyNetDefect("jws-signature-bit-flip", safetyNetSignature, "One bit of the response's signature is flipped.",
		func(d *safetyNetDraft) { d.signature = bitFlipped }),
	safetyNetDefect("jws-signature-empty", safetyNetSignature, "The response's signature is empty.",
		func(d *safetyNetDraft) { d.signature = func([]byte) []byte { return nil } }),
	safetyNetDefect("jws-signed-by-other-key", safetyNetSignature, "The response is signed by another key than the certificate's.",
		func(d *safetyNetDraft) { d.key = d.key.other() }),
	safetyNetDefect("jws-alg-none", safetyNetSignature, `The response says that it is signed by "none", and has no signature.`,
		func(d *safetyNetDraft) {
			d.header["alg"], d.signature = "none", func([]byte) []byte { return nil }
		}),
	{ID: "android-safetynet/jws-two-parts", Format: webauthn.FormatAndroidSafetyNet, Spec: safetyNetResponse,
		Doc: "The response ends before its signature.", bend: bend[safetyNetDraft]{spoil: func(d *safetyNetDraft) {
			response := d.statement["response"].([]byte)
			d.statement["response"] = response[:bytes.LastIndexByte(response, '.')]
		}}},
	safetyNetDefect("x5c-missing", safetyNetResponse, "The response's header has null in place of certificates.",
		func(d *safetyNetDraft) { d.chain = func([]string) any { return nil } }),
	safetyNetDefect("x5c-empty", safetyNetResponse, "The array x5c in the response's header is empty.",
		func(d *safetyNetDraft) { d.chain = func([]string) any { return []string{} } }),
	safetyNetDefect("x5c-text", safetyNetResponse, "The certificate stands in x5c without an array around it.",
		func(d *safetyNetDraft) { d.chain = func(x5c []string) any { return x5c[0] } }),
	safetyNetDefect("x5c-base64url", safetyNetResponse, "The certificates are in base64url, where JWS wants base64 (RFC 7515 §4.1.6).",
		func(d *safetyNetDraft) {
			d.chain = func(x5c []string) any {
				for i := range x5c {
					der, err := base64.StdEncoding.DecodeString(x5c[i])
					if err == nil {
						x5c[i] = base64.RawURLEncoding.EncodeToString(der)
					}
				}
				return x5c
			}
		}),
}

// safetyNetPayloads are of what the response says.
var safetyNetPayloads = []Defect{
	safetyNetDefect("nonce-missing", safetyNetNonce, "The response has no nonce.",
		func(d *safetyNetDraft) { d.encode = nil }),
	safetyNetDefect("nonce-empty", safetyNetNonce, "The response's nonce is empty.",
		func(d *safetyNetDraft) { d.encode = func([]byte) string { return "" } }),
	safetyNetDefect("nonce-other-client-data", safetyNetNonce, "The nonce is made of the hash of other client data.",
		func(d *safetyNetDraft) {
			d.nonced = slices.Concat(d.about.AuthData, bitFlipped(d.about.ClientDataHash))
		}),
	safetyNetDefect("nonce-without-auth-data", safetyNetNonce, "The nonce is made of the client data's hash alone.",
		func(d *safetyNetDraft) { d.nonced = d.about.ClientDataHash }),
	safetyNetDefect("nonce-not-hashed", safetyNetNonce, "The nonce is what should be hashed, in base64.",
		func(d *safetyNetDraft) {
			d.encode = func([]byte) string { return base64.StdEncoding.EncodeToString(d.nonced) }
		}),
	safetyNetDefect("nonce-base64url", safetyNetNonce, "The nonce is in base64url, without padding.",
		func(d *safetyNetDraft) { d.encode = base64.RawURLEncoding.EncodeToString }),
	safetyNetDefect("cts-profile-mismatch", safetyNetIntegrity, "The device does not match a profile that passed Android's compatibility tests.",
		func(d *safetyNetDraft) { d.payload["ctsProfileMatch"] = false }),
	safetyNetDefect("cts-profile-missing", safetyNetIntegrity, "Nothing is said about the profile of the device.",
		func(d *safetyNetDraft) { delete(d.payload, "ctsProfileMatch") }),
	safetyNetDefect("timestamp-future", safetyNetTimestamp, "The response is from a minute after the ceremony.",
		func(d *safetyNetDraft) { d.payload["timestampMs"] = d.about.Time.Add(time.Minute).UnixMilli() }),
	safetyNetDefect("timestamp-old", safetyNetTimestamp, "The response is from two minutes before the ceremony.",
		func(d *safetyNetDraft) { d.payload["timestampMs"] = d.about.Time.Add(-2 * time.Minute).UnixMilli() }),
	safetyNetDefect("timestamp-missing", safetyNetTimestamp, "The response does not say when it was made.",
		func(d *safetyNetDraft) { delete(d.payload, "timestampMs") }),
}

// safetyNetCertificates are of whom the certificate is for.
var safetyNetCertificates = []Defect{
	safetyNetDefect("host-other", safetyNetService, "The certificate is for another host of the same owner.",
		func(d *safetyNetDraft) { d.host("www.android.com") }),
	safetyNetDefect("host-prefix", safetyNetService, "The certificate is for a host whose name begins with the service's.",
		func(d *safetyNetDraft) { d.host(safetyNetHost + ".example") }),
}

// host has the certificate made for another host.
func (d *safetyNetDraft) host(name string) {
	subject := attributesOf(d.leaf.template.Subject)
	for i := range subject {
		if subject[i].Type.Equal(commonName) {
			subject[i].Value = name
		}
	}
	d.leaf.template.Subject, d.leaf.template.DNSNames = named(subject...), []string{name}
}

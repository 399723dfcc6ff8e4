package fault

import (
	"strings"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// Members of the answer to makeCredential (CTAP 2.3 §6.1.2).
const (
	memberFormat    = 1
	memberAuthData  = 2
	memberStatement = 3
)

func onNewCredential(change func(*ctap.MakeCredentialResponse)) authenticator.Seams {
	return authenticator.Seams{Result: answering(change)}
}

func capitalised(format string) string {
	if format == "" {
		return format
	}
	return strings.ToUpper(format[:1]) + format[1:]
}

// retyped makes a text of a byte string or the other way round, of the same bytes.
func retyped(item []byte, major byte) []byte {
	spoiled := append([]byte{}, item...)
	if len(spoiled) > 0 {
		spoiled[0] = spoiled[0]&indefinite | major<<5
	}
	return spoiled
}

// objectFaults need no knowledge of any format.
func objectFaults() []Fault {
	const parsed = "WebAuthn L3 §6.5.4, §7.1 step 13"
	const known = "WebAuthn L3 §7.1 step 21"
	text := func(s string) []byte { return canon.AppendText(nil, s) }
	return []Fault{
		{
			ID: "object/fmt-unknown", Spec: known,
			Doc:   "The format of attestation is one that nobody has registered, \"passkeylab-unknown\".",
			Seams: onNewCredential(func(r *ctap.MakeCredentialResponse) { r.Format = "passkeylab-unknown" }),
		}, {
			ID: "object/fmt-case", Spec: known,
			Doc:   "The format of attestation begins with a capital letter: formats are compared byte by byte.",
			Seams: onNewCredential(func(r *ctap.MakeCredentialResponse) { r.Format = capitalised(r.Format) }),
		}, {
			ID: "object/fmt-empty", Spec: known,
			Doc:   "The format of attestation is an empty text.",
			Seams: onNewCredential(func(r *ctap.MakeCredentialResponse) { r.Format = "" }),
		}, {
			ID: "object/fmt-missing", Spec: parsed,
			Doc:   "A new credential comes without a format of attestation.",
			Seams: onMade(without(memberFormat)),
		}, {
			ID: "object/fmt-is-bytes", Spec: parsed,
			Doc: "The format of attestation is a byte string.",
			Seams: onMade(func(pairs []pair) []pair {
				return with(memberFormat, retyped(valueOf(pairs, memberFormat), majorBytes))(pairs)
			}),
		}, {
			ID: "object/none-with-statement", Spec: "WebAuthn L3 §8.7",
			Doc: "The format of attestation is \"none\", and yet there is a statement.",
			Seams: onNewCredential(func(r *ctap.MakeCredentialResponse) {
				if r.Format == webauthn.FormatNone {
					r.Statement = mapOf([]pair{{text("sig"), canon.AppendBytes(nil, []byte{1})}})
				}
				r.Format = webauthn.FormatNone
			}),
		}, {
			ID: "object/statement-empty", Spec: "WebAuthn L3 §7.1 step 22",
			Doc:   "The attestation statement has no members, whatever its format.",
			Seams: onNewCredential(func(r *ctap.MakeCredentialResponse) { r.Statement = webauthn.EmptyStatement }),
		}, {
			ID: "object/statement-missing", Spec: parsed,
			Doc:   "A new credential comes without an attestation statement.",
			Seams: onMade(without(memberStatement)),
		}, {
			ID: "object/statement-not-a-map", Spec: parsed,
			Doc:   "The attestation statement is an array.",
			Seams: onMade(with(memberStatement, canon.AppendArray(nil, 0))),
		}, {
			ID: "object/authdata-missing", Spec: parsed,
			Doc:   "A new credential comes without authenticator data.",
			Seams: onMade(without(memberAuthData)),
		}, {
			ID: "object/authdata-is-text", Spec: parsed,
			Doc: "The authenticator data of a new credential are a text string.",
			Seams: onMade(func(pairs []pair) []pair {
				return with(memberAuthData, retyped(valueOf(pairs, memberAuthData), majorText))(pairs)
			}),
		}, {
			ID: "object/enterprise-unasked", Spec: "CTAP 2.3 §6.1.2 step 9, §7.1",
			Doc:   "A new credential claims enterprise attestation, which nobody asked for.",
			Seams: onNewCredential(func(r *ctap.MakeCredentialResponse) { r.EnterpriseAttestation = true }),
		}, {
			ID: "object/large-blob-key-unasked", Spec: "CTAP 2.3 §12.3",
			Doc: "A new credential comes with a largeBlobKey, which nobody asked for.",
			Seams: onNewCredential(func(r *ctap.MakeCredentialResponse) {
				if r.LargeBlobKey == nil {
					r.LargeBlobKey = make([]byte, 32)
				}
			}),
		}, {
			ID: "object/unsigned-outputs-unasked", Spec: "CTAP 2.3 §6.1.2 step 15",
			Doc: "A new credential comes with an unsigned output of an extension that nobody asked for.",
			Seams: onNewCredential(func(r *ctap.MakeCredentialResponse) {
				r.UnsignedExtensionOutputs = ctap.Extensions{"appid": canon.AppendBool(nil, true)}
			}),
		},
	}
}

package fault

import (
	"errors"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// lapse is a fault that lets one objection of go-webauthn to statements of a format by.
// go-webauthn verifies a statement in one call and stops at the first objection: with
// the fault, what it would have looked at afterwards is not looked at either. That
// matters only for statements with several things wrong.
type lapse struct {
	what string // the end of the ID
	spec string // behind "WebAuthn L3 "
	doc  string
	// What go-webauthn says. Its errors are texts; a test holds these to them.
	objections []string
}

// lapses are the faults of one format.
func lapses(format string, all ...lapse) []Fault {
	faults := make([]Fault, len(all))
	for i, l := range all {
		faults[i] = Fault{
			ID: "rp/" + format + "/" + l.what, Spec: "WebAuthn L3 " + l.spec, Doc: l.doc,
			Seams: at(func(v *ceremony.Verification, run func() error) error {
				err := run()
				if v.Attestation.Format == format && objects(err, l.objections) {
					return nil
				}
				return err
			}, ceremony.StepStatement),
		}
	}
	return faults
}

// objects reports whether go-webauthn's error says one of several things.
func objects(err error, said []string) bool {
	var objection *protocol.Error
	if !errors.As(err, &objection) {
		return false
	}
	for _, s := range said {
		if strings.Contains(objection.Details, s) || strings.Contains(objection.DevInfo, s) {
			return true
		}
	}
	return false
}

// x5cOfAnyType lets a member x5c of the wrong type by where a statement's shape is
// looked at; go-webauthn then takes it for missing.
var x5cOfAnyType = at(leftOutIf(func(v *ceremony.Verification) bool {
	_, list := v.Attestation.AttStatement["x5c"].([]any)
	_, there := v.Attestation.AttStatement["x5c"]
	return there && !list
}), ceremony.StepObject)

func packedFaults() []Fault {
	return append(lapses("packed",
		lapse{"signature-not-verified", "§8.2 (verify sig)", "The signature of a statement is not verified.",
			[]string{"Signature validation error", "Error verifying the signature", "Unable to verify signature"}},
		lapse{"algorithm-not-compared", "§8.2 (self attestation: alg)", "The algorithm of self attestation need not be the credential's, and the signature is not looked at then.",
			[]string{"Public key algorithm does not equal"}},
		lapse{"algorithm-missing-accepted", "§8.2 (syntax)", "A statement need not say by which algorithm it is signed, and is not verified then.",
			[]string{"Error retrieving alg value"}},
		lapse{"signature-missing-accepted", "§8.2 (syntax)", "A statement need not have a signature.",
			[]string{"Error retrieving sig value"}},
		lapse{"validity-ignored", "§8.2.1, RFC 5280 §4.1.2.5", "The attestation certificate may have expired, or not be valid yet.",
			[]string{"no longer valid or not yet valid"}},
		lapse{"version-ignored", "§8.2.1 (version)", "The attestation certificate may be one of X.509 version 1 or 2.",
			[]string{"incorrect version"}},
		lapse{"country-ignored", "§8.2.1 (Subject-C)", "The subject of the attestation certificate need not name a country.",
			[]string{"Country Code is invalid"}},
		lapse{"organization-ignored", "§8.2.1 (Subject-O)", "The subject of the attestation certificate need not name the vendor.",
			[]string{"Certificate Organization is invalid"}},
		lapse{"organizational-unit-ignored", "§8.2.1 (Subject-OU)", "The attestation certificate need not be one for \"Authenticator Attestation\", so that others of the vendor will do.",
			[]string{"Organizational Unit is invalid"}},
		lapse{"common-name-ignored", "§8.2.1 (Subject-CN)", "The subject of the attestation certificate need not have a common name.",
			[]string{"Common Name not set"}},
		lapse{"aaguid-not-compared", "§8.2 (id-fido-gen-ce-aaguid)", "The attestation certificate may be for another AAGUID than that of the authenticator.",
			[]string{"Certificate AAGUID does not match"}},
		lapse{"aaguid-malformed-accepted", "§8.2.1 (id-fido-gen-ce-aaguid)", "An AAGUID in the attestation certificate that cannot be read is passed over.",
			[]string{"Error unmarshalling AAGUID"}},
		lapse{"aaguid-critical-accepted", "§8.2.1 (must not be marked as critical)", "The AAGUID in the attestation certificate may be marked as critical.",
			[]string{"marked as critical"}},
		lapse{"ca-accepted", "§8.2.1 (Basic Constraints)", "The certificate of an authority may attest.",
			[]string{"Basic Constraints marked as CA"}},
	), Fault{
		ID: "rp/packed/certificates-of-any-type", Spec: "WebAuthn L3 §8.2 (syntax)",
		Doc:   "An x5c that is no list is passed over, which makes self attestation of the statement.",
		Seams: x5cOfAnyType,
	}, Fault{
		ID: "rp/packed/certificates-empty-accepted", Spec: "WebAuthn L3 §8.2 (syntax)",
		Doc: "An empty x5c is passed over, which makes self attestation of the statement.",
		Seams: at(held(func(v *ceremony.Verification) {
			if list, is := v.Attestation.AttStatement["x5c"].([]any); is && len(list) == 0 && v.Attestation.Format == "packed" {
				v.Attestation = withoutMember(v.Attestation, "x5c")
			}
		}), ceremony.StepStatement),
	}, Fault{
		ID: "rp/packed/only-self", Spec: "WebAuthn L3 §8.2", Strict: true,
		Doc: "Statements with certificates are refused.",
		Seams: at(refusing(ceremony.ReasonAttestation, func(v *ceremony.Verification) bool {
			return v.Attestation.Format == "packed" && v.Attestation.AttStatement["x5c"] != nil
		}), ceremony.StepStatement),
	})
}

// withoutMember is an attestation object whose statement lacks a member.
func withoutMember(a *protocol.AttestationObject, member string) *protocol.AttestationObject {
	seen := *a
	seen.AttStatement = map[string]any{}
	for name, value := range a.AttStatement {
		if name != member {
			seen.AttStatement[name] = value
		}
	}
	return &seen
}

func u2fFaults() []Fault {
	return append(lapses("fido-u2f",
		lapse{"signature-not-verified", "§8.6 (verify sig)", "The signature of a statement is not verified.",
			[]string{"Signature validation error"}},
		lapse{"signature-missing-accepted", "§8.6 (syntax)", "A statement need not have a signature.",
			[]string{"Missing sig data"}},
		lapse{"several-certificates-accepted", "§8.6 step 2", "A statement may have several certificates, or none in its list.",
			[]string{"exactly one element"}},
		lapse{"certificates-missing-accepted", "§8.6 (syntax)", "A statement need not have a certificate.",
			[]string{"Missing properly formatted x5c"}},
		lapse{"validity-ignored", "§8.6, RFC 5280 §4.1.2.5", "The attestation certificate may have expired, or not be valid yet.",
			[]string{"no longer valid or not yet valid"}},
		lapse{"certificate-key-ignored", "§8.6 step 2", "The attestation certificate may have a key on another curve than P-256, or of another kind.",
			[]string{"public key algorithm is not ECDSA", "does not contain a P-256"}},
	), Fault{
		ID: "rp/fido-u2f/aaguid-refused", Spec: "WebAuthn L3 §8.6, §6.5.1", Strict: true,
		Doc: "Statements are refused where the AAGUID is zero, as that of U2F authenticators is.",
		Seams: at(refusing(ceremony.ReasonAttestation, func(v *ceremony.Verification) bool {
			return v.Attestation.Format == "fido-u2f" && string(v.Auth.AttData.AAGUID) == string(make([]byte, 16))
		}), ceremony.StepStatement),
	})
}

func tpmFaults() []Fault {
	return lapses("tpm",
		lapse{"version-ignored", "§8.3 (ver)", "A statement may be one of another version than 2.0, or say none.",
			[]string{"only supports TPM 2.0", "Error retrieving ver value"}},
		lapse{"public-area-not-compared", "§8.3 (pubArea)", "The key in pubArea need not be the credential's.",
			[]string{"in pubArea and credentialPublicKey"}},
		lapse{"magic-ignored", "§8.3 (magic)", "The structure certInfo need not be a structure that was made within a TPM.",
			[]string{"Magic is not set"}},
		lapse{"type-ignored", "§8.3 (type)", "The structure certInfo may be about something else than a key.",
			[]string{"Type is not set to TPM_ST_ATTEST_CERTIFY"}},
		lapse{"extra-data-not-compared", "§8.3 (extraData)", "The structure certInfo need not be about these authenticator data and client data.",
			[]string{"ExtraData is not set"}},
		lapse{"name-not-compared", "§8.3 (attested.name)", "The key that is attested need not be that of pubArea.",
			[]string{"Hash value mismatch attested and pubArea"}},
		lapse{"signature-not-verified", "§8.3 (verify sig)", "The signature over certInfo is not verified.",
			[]string{"Signature validation error"}},
		lapse{"signature-missing-accepted", "§8.3 (syntax)", "A statement need not have a signature.",
			[]string{"Error retrieving sig value"}},
		lapse{"validity-ignored", "§8.3.1, RFC 5280 §4.1.2.5", "The AIK certificate may have expired, or not be valid yet.",
			[]string{"no longer valid or not yet valid"}},
		lapse{"certificate-version-ignored", "§8.3.1 (version)", "The AIK certificate may be one of X.509 version 1 or 2.",
			[]string{"version must be 3"}},
		lapse{"subject-ignored", "§8.3.1 (subject)", "The AIK certificate may have a subject.",
			[]string{"subject must be empty"}},
		lapse{"alternative-name-ignored", "§8.3.1 (Subject Alternative Name)", "The AIK certificate need not name manufacturer, model and version of the TPM.",
			[]string{"Invalid SAN data"}},
		lapse{"manufacturer-ignored", "§8.3.1 (Subject Alternative Name)", "The TPM may be of a manufacturer that nobody knows.",
			[]string{"Invalid TPM manufacturer"}},
		lapse{"key-usage-ignored", "§8.3.1 (Extended Key Usage)", "The AIK certificate may be for something else than attesting.",
			[]string{"missing EKU", "extended key usage missing"}},
		lapse{"ca-accepted", "§8.3.1 (Basic Constraints)", "The AIK certificate may be one of an authority, or not say whether it is.",
			[]string{"basic constraints missing or CA"}},
		lapse{"aaguid-not-compared", "§8.3 (id-fido-gen-ce-aaguid)", "The AIK certificate may be for another AAGUID than that of the authenticator.",
			[]string{"Certificate AAGUID does not match"}},
	)
}

func androidKeyFaults() []Fault {
	return lapses("android-key",
		lapse{"signature-not-verified", "§8.4 (verify sig)", "The signature of a statement is not verified.",
			[]string{"Signature validation error", "Signature is not valid for the credential", "Error verifying the signature"}},
		lapse{"key-not-compared", "§8.4 (public key)", "The key of the certificate need not be the credential's.",
			[]string{"does not match public key in authData"}},
		lapse{"challenge-not-compared", "§8.4 (attestationChallenge)", "The certificate need not be for these client data.",
			[]string{"Attestation challenge not equal"}},
		lapse{"description-missing-accepted", "§8.4.1", "The certificate need not say anything of the key.",
			[]string{"extensions missing 1.3.6.1.4.1.11129.2.1.17"}},
		lapse{"all-applications-accepted", "§8.4 (allApplications)", "The key may be one that every application of the phone can use.",
			[]string{"contains all applications field"}},
		lapse{"origin-ignored", "§8.4 (origin)", "The key may have been imported into the phone.",
			[]string{"origin not equal KM_ORIGIN_GENERATED"}},
		lapse{"purpose-ignored", "§8.4 (purpose)", "The key need not be for signing.",
			[]string{"purpose not equal KM_PURPOSE_SIGN"}},
		lapse{"chain-not-verified", "§8.4, §7.1 step 24", "The certificates need not lead to a root of the phone's maker.",
			[]string{"Error validating x5c cert chain"}},
	)
}

func appleFaults() []Fault {
	return lapses("apple",
		lapse{"nonce-not-compared", "§8.8 (nonce)", "The certificate need not be for these authenticator data and client data.",
			[]string{"does not contain expected nonce"}},
		lapse{"nonce-missing-accepted", "§8.8 (1.2.840.113635.100.8.2)", "The certificate need not have a nonce, or one that can be read.",
			[]string{"extensions missing 1.2.840.113635.100.8.2", "Unable to parse apple"}},
		lapse{"key-not-compared", "§8.8 (public key)", "The key of the certificate need not be the credential's.",
			[]string{"does not match public key in authData"}},
		lapse{"chain-not-verified", "§8.8, §7.1 step 24", "The certificates need not lead to the maker's root.",
			[]string{"Error validating x5c cert chain"}},
	)
}

func safetyNetFaults() []Fault {
	return lapses("android-safetynet",
		lapse{"version-ignored", "§8.5 (ver)", "A statement need not say its version.",
			[]string{"Unable to find the version", "Not a proper version"}},
		lapse{"signature-not-verified", "§8.5 (response)", "Neither the signature of the response is verified, nor who made it.",
			[]string{"Error verifying the SafetyNet response signature"}},
		lapse{"nonce-not-compared", "§8.5 (nonce)", "The response need not be about these authenticator data and client data.",
			[]string{"Invalid nonce"}},
		lapse{"integrity-ignored", "§8.5 (ctsProfileMatch)", "The phone need not have passed the compatibility test.",
			[]string{"ctsProfileMatch"}},
		lapse{"timestamp-in-future-accepted", "§8.5 (response)", "The response may be of the future.",
			[]string{"timestamp after current time"}},
		lapse{"timestamp-old-accepted", "§8.5 (response)", "The response may be more than a minute old.",
			[]string{"timestamp before one minute"}},
	)
}

func compoundFaults() []Fault {
	return append(lapses("compound",
		lapse{"single-accepted", "§8.9 (syntax)", "A compound may have less than two statements.",
			[]string{"at least two other statements"}},
		lapse{"nested-accepted", "§8.9 (syntax)", "A compound may have another in it, which is not verified.",
			[]string{"has a format of compound"}},
	), Fault{
		ID: "rp/compound/any-is-enough", Spec: "WebAuthn L3 §8.9 (policy: all are wanted)",
		Doc: "One statement of a compound that verifies is enough, whatever the others are.",
		Seams: at(held(func(v *ceremony.Verification) {
			v.Statements.Compound.SubStatementScope = protocol.CompoundSubStatementScopeAny
		}), ceremony.StepStatement),
	}, Fault{
		ID: "rp/compound/not-verified", Spec: "WebAuthn L3 §8.9",
		Doc:   "The statements of a compound are not verified.",
		Seams: at(leftOutIf(func(v *ceremony.Verification) bool { return v.Attestation.Format == "compound" }), ceremony.StepObject, ceremony.StepStatement),
	})
}

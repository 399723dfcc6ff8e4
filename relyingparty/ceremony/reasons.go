package ceremony

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
)

// Reason names why a response was refused. Reasons are stable: logs and answers
// carry them.
type Reason string

const (
	ReasonMalformed           Reason = "malformed-response"
	ReasonCeremony            Reason = "wrong-ceremony"
	ReasonChallengeUnknown    Reason = "challenge-unknown"
	ReasonChallengeUsed       Reason = "challenge-used"
	ReasonChallengeExpired    Reason = "challenge-expired"
	ReasonChallengeMismatch   Reason = "challenge-mismatch"
	ReasonOrigin              Reason = "wrong-origin"
	ReasonCrossOrigin         Reason = "cross-origin"
	ReasonRPIDHash            Reason = "wrong-rp-id-hash"
	ReasonRPID                Reason = "registered-for-other-rp-id"
	ReasonUserPresence        Reason = "user-not-present"
	ReasonUserVerification    Reason = "user-not-verified"
	ReasonBackupState         Reason = "backup-flags"
	ReasonAlgorithm           Reason = "algorithm-not-offered"
	ReasonPublicKey           Reason = "bad-public-key"
	ReasonCredentialID        Reason = "credential-id-mismatch"
	ReasonAttestation         Reason = "bad-attestation"
	ReasonSignature           Reason = "bad-signature"
	ReasonCounter             Reason = "counter-regression"
	ReasonNotAllowed          Reason = "credential-not-asked-for"
	ReasonUnknownCredential   Reason = "unknown-credential"
	ReasonUserHandle          Reason = "wrong-user-handle"
	ReasonDuplicateCredential Reason = "credential-already-registered"

	// Those of [BackupPolicy] and [BackupLossPolicy].
	ReasonMayBeSynced Reason = "may-be-synced"
	ReasonDeviceBound Reason = "device-bound"
	ReasonBackupLost  Reason = "backup-lost"

	// Those of [ModelRules].
	ReasonUnattested     Reason = "not-attested"
	ReasonModelUnknown   Reason = "unknown-model"
	ReasonModelUntrusted Reason = "attestation-not-trusted"
	ReasonModelMismatch  Reason = "unlike-its-model"
	ReasonModelStatus    Reason = "model-status"
	ReasonModelSoftware  Reason = "not-hardware-backed"
	ReasonModelDenied    Reason = "model-not-allowed"
	ReasonMetadata       Reason = "no-metadata"
)

// explanations say each reason as a sentence for the log.
var explanations = map[Reason]string{
	ReasonMalformed:           "The response is not a well-formed WebAuthn response.",
	ReasonCeremony:            "The client data belongs to the other ceremony.",
	ReasonChallengeUnknown:    "The challenge was never issued to this session.",
	ReasonChallengeUsed:       "The challenge was answered before; the response is a replay.",
	ReasonChallengeExpired:    "The challenge has expired.",
	ReasonChallengeMismatch:   "The client data carries another challenge than the one issued.",
	ReasonOrigin:              "The response was made on another origin.",
	ReasonCrossOrigin:         "The response was made inside a page of another origin.",
	ReasonRPIDHash:            "The authenticator data is for another RP ID.",
	ReasonRPID:                "The passkey was registered for another RP ID.",
	ReasonUserPresence:        "The authenticator did not test user presence.",
	ReasonUserVerification:    "The authenticator did not verify the user.",
	ReasonBackupState:         "The backup flags contradict each other or the registered credential.",
	ReasonAlgorithm:           "The credential uses an algorithm that was not offered.",
	ReasonPublicKey:           "The credential public key is not a valid key.",
	ReasonCredentialID:        "The credential ID differs from the one in the authenticator data.",
	ReasonAttestation:         "The attestation statement does not verify.",
	ReasonSignature:           "The assertion signature does not verify.",
	ReasonCounter:             "The signature counter went backwards; the credential may have been copied.",
	ReasonNotAllowed:          "The credential is none of those that were asked for.",
	ReasonUnknownCredential:   "No account has this credential.",
	ReasonUserHandle:          "The user handle belongs to another account than the credential.",
	ReasonDuplicateCredential: "The credential is registered already.",
	ReasonMayBeSynced:         "The passkey may be synced, and policy wants one that stays on its device.",
	ReasonDeviceBound:         "The passkey stays on its device, and policy wants one that may be synced.",
	ReasonBackupLost:          "The passkey was backed up and is not any more.",
	ReasonUnattested:          "The authenticator did not attest which model it is.",
	ReasonModelUnknown:        "There are no metadata of the authenticator's model.",
	ReasonModelUntrusted:      "The attestation certificate does not lead to a root of the authenticator's model.",
	ReasonModelMismatch:       "The authenticator did what its model does not do.",
	ReasonModelStatus:         "The authenticator's model has an undesired status.",
	ReasonModelSoftware:       "The authenticator is not known to keep its keys in hardware.",
	ReasonModelDenied:         "The authenticator's model is not among those that may be used.",
	ReasonMetadata:            "There are no metadata to hold the authenticator against.",
}

// Explain says the reason as a sentence.
func (r Reason) Explain() string { return explanations[r] }

// Refusal is the error of a response that did not verify.
type Refusal struct {
	Reason Reason
	Detail string // what exactly, as a sentence for the log; may be empty
	Cause  error  // what the verifier said; may be nil
}

// Explain says why as a sentence for the log.
func (r *Refusal) Explain() string { return cmp.Or(r.Detail, r.Reason.Explain()) }

func (r *Refusal) Error() string {
	if r.Cause == nil {
		return fmt.Sprintf("ceremony: refused (%s): %s", r.Reason, r.Explain())
	}
	return fmt.Sprintf("ceremony: refused (%s): %s (%v)", r.Reason, r.Explain(), describe(r.Cause))
}

func (r *Refusal) Unwrap() error { return r.Cause }

// ReasonOf extracts the reason from an error, or "" when it is no refusal.
func ReasonOf(err error) Reason {
	var r *Refusal
	if errors.As(err, &r) {
		return r.Reason
	}
	return ""
}

func refuse(reason Reason, cause error) error { return &Refusal{Reason: reason, Cause: cause} }

// describe adds go-webauthn's debugging text, which its Error method leaves out.
func describe(err error) string {
	var p *protocol.Error
	if errors.As(err, &p) && p.DevInfo != "" {
		return p.Details + ": " + p.DevInfo
	}
	return err.Error()
}

// findings lists, in the order of WebAuthn L3 §7.1 and §7.2, how each reason shows
// in a response. go-webauthn decides whether a response is good; its errors are
// free text, so why a bad one is bad is read from the response itself.
var findings = []struct {
	reason Reason
	found  func(*Verification) bool
}{
	{ReasonCeremony, func(v *Verification) bool { return v.Client.Type != v.Ceremony }},
	{ReasonChallengeMismatch, func(v *Verification) bool { return v.Client.Challenge != v.Challenge }},
	{ReasonOrigin, func(v *Verification) bool { return !slices.Contains(v.Origins, v.Client.Origin) }},
	{ReasonCrossOrigin, func(v *Verification) bool {
		return !v.CrossOrigin && v.Client.CrossOrigin || v.Client.TopOrigin != "" && !slices.Contains(v.TopOrigins, v.Client.TopOrigin)
	}},
	{ReasonRPIDHash, func(v *Verification) bool { return !bytes.Equal(v.Auth.RPIDHash, v.RPIDHash) }},
	{ReasonUserPresence, func(v *Verification) bool { return v.UserPresence && !v.Auth.Flags.UserPresent() }},
	{ReasonUserVerification, func(v *Verification) bool {
		return v.UserVerification == VerificationRequired && !v.Auth.Flags.UserVerified()
	}},
	{ReasonBackupState, func(v *Verification) bool { return v.backup() != nil }},
	{ReasonAlgorithm, func(v *Verification) bool { return v.Attestation != nil && !algorithmOffered(v) }},
	{ReasonCredentialID, func(v *Verification) bool { return v.Attestation != nil && v.credentialID() != nil }},
}

// classify names the first finding that applies to a response that cause refused.
func classify(v *Verification, cause error) error {
	for _, f := range findings {
		if f.found(v) {
			return refuse(f.reason, cause)
		}
	}
	if v.Attestation != nil {
		return refuse(ReasonAttestation, cause)
	}
	return refuse(ReasonSignature, cause)
}

func algorithmOffered(v *Verification) bool {
	var key webauthncose.PublicKeyData
	if err := webauthncbor.Unmarshal(v.Auth.AttData.CredentialPublicKey, &key); err != nil {
		return false
	}
	for _, p := range v.Algorithms {
		if int64(p.Algorithm) == key.Algorithm {
			return true
		}
	}
	return false
}

package relyingparty

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
)

// Reason names why a response was refused. Reasons are stable: the tenant log and
// the ceremony endpoints carry them.
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
		return fmt.Sprintf("relyingparty: refused (%s): %s", r.Reason, r.Explain())
	}
	return fmt.Sprintf("relyingparty: refused (%s): %s (%v)", r.Reason, r.Explain(), describe(r.Cause))
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

// evidence is what a refused response is examined by.
type evidence struct {
	ceremony protocol.CeremonyType
	asked    *challenge
	now      time.Time
	client   *protocol.CollectedClientData
	auth     *protocol.AuthenticatorData
	rawID    []byte
	known    *Credential // the credential on record; nil at registration

	offered         []protocol.CredentialParameter // at registration
	withoutPresence bool                           // at login: presence was not demanded
}

// findings lists, in the order of WebAuthn L3 §7.1 and §7.2, how each reason shows
// in a response. go-webauthn decides whether a response is good; its errors are
// free text, so why a bad one is bad is read from the response itself.
var findings = []struct {
	reason Reason
	found  func(evidence) bool
}{
	{ReasonChallengeExpired, func(e evidence) bool { return e.now.After(e.asked.expires) }},
	{ReasonCeremony, func(e evidence) bool { return e.client.Type != e.ceremony }},
	{ReasonChallengeMismatch, func(e evidence) bool { return e.client.Challenge != e.asked.value }},
	{ReasonOrigin, func(e evidence) bool { return !slices.Contains(e.asked.origins, e.client.Origin) }},
	{ReasonCrossOrigin, func(e evidence) bool { return e.client.CrossOrigin || e.client.TopOrigin != "" }},
	{ReasonRPIDHash, func(e evidence) bool { return !bytes.Equal(e.auth.RPIDHash, e.asked.asker.rpIDHash[:]) }},
	{ReasonUserPresence, func(e evidence) bool { return !e.withoutPresence && !e.auth.Flags.UserPresent() }},
	{ReasonUserVerification, func(e evidence) bool {
		return e.asked.userVerification == VerificationRequired && !e.auth.Flags.UserVerified()
	}},
	{ReasonBackupState, func(e evidence) bool { return checkBackup(e.auth.Flags, e.known) != nil }},
	{ReasonAlgorithm, func(e evidence) bool { return e.known == nil && !algorithmOffered(e) }},
	{ReasonCredentialID, func(e evidence) bool {
		return e.known == nil && !bytes.Equal(e.rawID, e.auth.AttData.CredentialID)
	}},
}

// classify names the first finding that applies to a response that cause refused.
func classify(e evidence, cause error) error {
	for _, f := range findings {
		if f.found(e) {
			return refuse(f.reason, cause)
		}
	}
	if e.known == nil {
		return refuse(ReasonAttestation, cause)
	}
	return refuse(ReasonSignature, cause)
}

func algorithmOffered(e evidence) bool {
	var key webauthncose.PublicKeyData
	if err := webauthncbor.Unmarshal(e.auth.AttData.CredentialPublicKey, &key); err != nil {
		return false
	}
	for _, p := range e.offered {
		if int64(p.Algorithm) == key.Algorithm {
			return true
		}
	}
	return false
}

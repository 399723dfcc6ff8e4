package fault

import (
	"slices"

	"github.com/go-webauthn/webauthn/metadata"

	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// modelSteps are those at which rules for models come in.
var modelSteps = []ceremony.Step{ceremony.StepAnchors, ceremony.StepModelAgain}

// ruling changes the rules for models, where there are any.
func ruling(change func(*ceremony.ModelRules)) relyingparty.Seams {
	return at(held(func(v *ceremony.Verification) {
		if v.Models != nil {
			rules := *v.Models
			change(&rules)
			v.Models = &rules
		}
	}), modelSteps...)
}

// except leaves a check out.
func except(checks ...ceremony.ModelCheck) relyingparty.Seams {
	return ruling(func(r *ceremony.ModelRules) { r.Except = append(slices.Clone(r.Except), checks...) })
}

// condoned takes a status out of those that are not admitted.
func condoned(status metadata.AuthenticatorStatus) relyingparty.Seams {
	return ruling(func(r *ceremony.ModelRules) {
		all := r.Undesired
		if all == nil {
			for _, s := range metadata.DefaultUndesiredAuthenticatorStatuses() {
				all = append(all, string(s))
			}
		}
		r.Undesired = slices.DeleteFunc(slices.Clone(all), func(s string) bool { return s == string(status) })
		if len(r.Undesired) == 0 {
			r.Undesired = []string{}
		}
	})
}

func metadataFaults() []Fault {
	const mds = "WebAuthn L3 §7.1 steps 23 and 24, FIDO MDS 3.1.1 "
	check := func(what, doc, where string, checks ...ceremony.ModelCheck) Fault {
		return Fault{ID: "rp/metadata/" + what, Spec: mds + where, Doc: doc, Seams: except(checks...)}
	}
	status := func(what string, s metadata.AuthenticatorStatus, doc string) Fault {
		return Fault{ID: "rp/metadata/" + what, Spec: mds + "§3.1.4 (" + string(s) + ")", Doc: doc, Seams: condoned(s)}
	}
	return []Fault{
		{
			ID: "rp/metadata/ignored", Spec: mds + "§3.2",
			Doc:   "Metadata are not looked at: any authenticator will do.",
			Seams: at(held(func(v *ceremony.Verification) { v.Models = nil }), modelSteps...),
		}, {
			ID: "rp/metadata/unknown-accepted", Spec: mds + "§3.2",
			Doc:   "Models that have no entry are accepted.",
			Seams: ruling(func(r *ceremony.ModelRules) { r.AdmitUnknown = true }),
		}, {
			ID: "rp/metadata/denied-accepted", Spec: "WebAuthn L3 §7.1 step 24",
			Doc:   "Models that were denied are accepted, and others than those that were allowed.",
			Seams: ruling(func(r *ceremony.ModelRules) { r.Deny, r.Allow = nil, nil }),
		}, {
			ID: "rp/metadata/software-accepted", Spec: "WebAuthn L3 §7.1 step 24",
			Doc:   "Models that keep keys in software are accepted where hardware is demanded.",
			Seams: ruling(func(r *ceremony.ModelRules) { r.HardwareBacked = false }),
		}, {
			ID: "rp/metadata/not-looked-at-again", Spec: "FIDO MDS 3.1.1 §3.2",
			Doc:   "The status of a model is looked at when a passkey is registered, and never again.",
			Seams: at(leftOut, ceremony.StepModelAgain),
		},
		check("status-ignored", "Models are accepted whatever is known against them.", "§3.1.4", ceremony.CheckStatus),
		{
			ID: "rp/metadata/batch-ignored", Spec: mds + "§3.1.3", Strict: true,
			Doc:   "What is reported of one batch counts for every authenticator of the model.",
			Seams: except(ceremony.CheckBatch),
		},
		check("chain-not-verified", "The attestation certificate need not lead to a root of the model.", "§3.2", ceremony.CheckTrust),
		check("type-ignored", "A model may attest in a way that it does not attest in.", "§3.2 (attestationTypes)", ceremony.CheckTypes),
		check("aaguid-not-compared", "Entry, statement and getInfo may name different models.", "§3.2 (aaguid)", ceremony.CheckAAGUID),
		check("format-ignored", "A model may attest in a format that it does not have.", "§3.2 (attestationFormats)", ceremony.CheckFormats),
		check("backup-ignored", "A model may back passkeys up that does not do so.", "§3.2 (multiDeviceCredentialSupport)", ceremony.CheckBackup),
		check("algorithm-ignored", "A credential may have an algorithm that its model does not have.", "§3.2 (authenticationAlgorithms)", ceremony.CheckAlgorithms),
		check("extensions-ignored", "Extensions may answer that the model does not have.", "§3.2 (supportedExtensions)", ceremony.CheckExtensions),
		check("verification-ignored", "A model may say that it verified the user though it cannot.", "§3.2 (userVerificationDetails)", ceremony.CheckVerification),
		status("revoked-accepted", metadata.Revoked, "Models whose certification was revoked are accepted."),
		status("bypass-accepted", metadata.UserVerificationBypass, "Models whose user verification can be bypassed are accepted."),
		status("attestation-key-compromise-accepted", metadata.AttestationKeyCompromise, "Models whose attestation key became known are accepted."),
		status("remote-compromise-accepted", metadata.UserKeyRemoteCompromise, "Models whose keys can be stolen from afar are accepted."),
		status("physical-compromise-accepted", metadata.UserKeyPhysicalCompromise, "Models whose keys can be stolen by who has them are accepted."),
	}
}

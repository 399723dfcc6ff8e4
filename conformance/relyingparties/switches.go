package relyingparties

import (
	"fmt"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/internal/nearest"
)

// Switch is a choice of a relying party that neither WebAuthn nor any answer tells. The
// cases that depend on one concern only those that have chosen so.
type Switch struct {
	Name    string
	Doc     string   // one sentence: what is chosen
	Values  []string // the first is the default
	Meaning []string // of each value
}

// Choices are values of switches by name; what is missing has its default.
type Choices map[string]string

// Switch names.
const (
	switchTrust       = "trust"
	switchPresence    = "presence"
	switchCounter     = "counter"
	switchMembers     = "unknown-members"
	switchCanonical   = "canonical"
	switchOrigins     = "origins"
	switchCrossOrigin = "cross-origin"
	switchExtensions  = "extension-outputs"
	switchTokenBind   = "token-binding"
	switchU2FModel    = "u2f-aaguid"
	switchNone        = "unattested"
	switchUnknown     = "unknown-models"
	switchDetails     = "statement-details"
	switchVerifies    = "verification"
	switchHandle      = "user-handle"
	switchSoftware    = "software-keys"
	switchDenied      = "denied-models"
	switchModelAgain  = "model-at-login"
	switchBackup      = "backup-eligibility"
	switchUnasked     = "unasked-attestation"
)

var switches = []Switch{
	{switchTrust, "Whether the relying party believes the judge's makers of authenticators.", []string{"none", "judge", "roots"}, []string{
		"it does not, and chains of certificates are not judged",
		"it has their roots and metadata (passkeylab conform rp --roots writes them), and only these",
		"it has their roots, and no metadata, which are not judged",
	}},
	{switchVerifies, "Whether user verification is required although options say otherwise.", []string{"as-asked", "required"}, []string{
		"it is required where the options say so (WebAuthn L3 §7.1 step 16, §7.2 step 17)", "it is always required, by policy",
	}},
	{switchHandle, "Whether a login without a user handle is refused where any passkey is allowed.", []string{"required", "optional"}, []string{
		"it is, as WebAuthn L3 §7.2 step 6 has it", "the credential ID is enough to find the account",
	}},
	{switchPresence, "Whether a login without user presence is accepted where user verification is not required.", []string{"required", "optional"}, []string{
		"it is refused, as WebAuthn L3 §7.2 step 16 has it",
		"it is accepted, as the published test list for servers has it",
	}},
	{switchCounter, "What becomes of a login whose signature counter has not grown.", []string{"any", "refuse", "accept"}, []string{
		"it is not judged: WebAuthn L3 §7.2 step 22 leaves it to policy",
		"it is refused, as the published test list has it",
		"it is accepted, and noted elsewhere",
	}},
	{switchMembers, "What becomes of members that the format of an attestation statement does not have.", []string{"any", "refuse", "ignore"}, []string{
		"it is not judged", "they are refused", "they are ignored",
	}},
	{switchCanonical, "Whether CBOR has to be in the canonical form of CTAP2.", []string{"any", "refuse", "accept"}, []string{
		"it is not judged: authenticators must write it so, and no step has relying parties look",
		"what is not canonical is refused", "it is accepted",
	}},
	{switchOrigins, "Which origins are expected.", []string{"one", "below-rp-id"}, []string{
		"that of the target alone (WebAuthn L3 §7.1 step 9, §7.2 step 12)",
		"other ports, and hosts below the RP ID, too, which are not judged (§13.4.9)",
	}},
	{switchCrossOrigin, "Whether answers of a frame in a page of another origin are expected.", []string{"refuse", "accept"}, []string{
		"they are not, and are refused (WebAuthn L3 §7.1 step 10, §7.2 step 13)",
		"they are",
	}},
	{switchExtensions, "What becomes of outputs of extensions that were not asked for.", []string{"any", "ignore", "refuse"}, []string{
		"it is not judged: WebAuthn L3 §7.1 step 28 and §7.2 step 23 leave it to policy",
		"they are ignored", "they are refused",
	}},
	{switchTokenBind, "Whether a malformed tokenBinding, which Level 2 had, is refused.", []string{"any", "refuse"}, []string{
		"it is not judged: Level 3 has no such member", "it is refused, as Level 2 and the published test list have it",
	}},
	{switchU2FModel, "Whether attestation of U2F with an AAGUID that is not zero is refused.", []string{"any", "refuse"}, []string{
		"it is not judged: WebAuthn L3 §8.6 says nothing of it", "it is refused, as the published test list has it",
	}},
	{switchNone, "What becomes of a registration without attestation where it was asked for.", []string{"any", "accept", "refuse"}, []string{
		"it is not judged: WebAuthn L3 §7.1 step 24 leaves it to policy", "it is accepted", "it is refused",
	}},
	{switchUnasked, "What becomes of the format and the statement of attestation that options did not ask for.", []string{"verify", "ignore"}, []string{
		"they are verified, as WebAuthn L3 §7.1 steps 21 and 22 have it for every registration",
		"they are not looked at: the credential is as good as one without attestation",
	}},
	{switchBackup, "What becomes of a login whose flag BE is not what it was at the registration.", []string{"any", "refuse"}, []string{
		"it is not judged: WebAuthn L3 §7.2 step 19 compares it only where backup is part of the logic or policy", "it is refused",
	}},
	{switchUnknown, "What becomes of attestation by a model that metadata do not know.", []string{"any", "accept", "refuse"}, []string{
		"it is not judged: WebAuthn L3 §7.1 step 24 leaves it to policy", "it is accepted", "it is refused",
	}},
	{switchSoftware, "What becomes of attestation by a model that keeps its keys in software, as metadata say.", []string{"any", "refuse"}, []string{
		"it is not judged: WebAuthn L3 §7.1 step 24 leaves it to policy", "it is refused",
	}},
	{switchDenied, "Whether the relying party denies one of the judge's models, " + deniedModel + ", of which nobody else knows anything bad.", []string{"none", "judge"}, []string{
		"it does not", "it does",
	}},
	{switchModelAgain, "What becomes of a login with a passkey whose model was found out to be compromised since it was registered.", []string{"any", "refuse"}, []string{
		"it is not judged: no text has relying parties look again", "it is refused",
	}},
	{switchDetails, "Whether attestation statements are held to what most verifiers pass over: bytes after a structure, how a name is written, extensions of one maker.", []string{"any", "refuse"}, []string{
		"it is not judged", "they are",
	}},
}

// Switches returns every switch there is, in the order in which they are told.
func Switches() []Switch { return slices.Clone(switches) }

// Set sets a switch. The error names the switch or the value most like what was given.
func (c Choices) Set(name, value string) error {
	i := slices.IndexFunc(switches, func(s Switch) bool { return s.Name == name })
	if i < 0 {
		names := make([]string, len(switches))
		for i, s := range switches {
			names[i] = s.Name
		}
		if meant := nearest.Name(name, names); meant != "" {
			return fmt.Errorf("no switch is called %q; did you mean %q?", name, meant)
		}
		return fmt.Errorf("no switch is called %q; there are %s", name, strings.Join(names, ", "))
	}
	if !slices.Contains(switches[i].Values, value) {
		return fmt.Errorf("switch %s is %s, not %q", name, strings.Join(switches[i].Values, " or "), value)
	}
	c[name] = value
	return nil
}

// of is the value of a switch.
func (c Choices) of(name string) string {
	if value, ok := c[name]; ok {
		return value
	}
	i := slices.IndexFunc(switches, func(s Switch) bool { return s.Name == name })
	return switches[i].Values[0]
}

package ceremony

import (
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/go-webauthn/webauthn/metadata"
)

// AAGUID names an authenticator's make and model.
type AAGUID [16]byte

// ParseAAGUID reads "01234567-89ab-cdef-0123-456789abcdef".
func ParseAAGUID(s string) (AAGUID, error) {
	id, err := uuid.Parse(s)
	if err != nil || id.String() != s {
		return AAGUID{}, fmt.Errorf("ceremony: AAGUID %q: want 32 hexadecimal digits in lower case, as 8-4-4-4-12", s)
	}
	return AAGUID(id), nil
}

// String is the form that ParseAAGUID reads.
func (a AAGUID) String() string { return uuid.UUID(a).String() }

// ModelRules say which authenticator models may be used, by what [Metadata] know of
// them. The zero value admits every model that has an entry, that proves by its
// attestation to be of the model, that does nothing which the model cannot, and of
// which nothing undesired is known.
//
// Whether a model may still be used is looked at again at each login: what is denied
// or undesired by then is refused. A credential that is older than the rules is
// refused for nothing else, and no login is refused because metadata cannot be had.
type ModelRules struct {
	// AdmitUnknown admits also what has no entry or proves nothing. An Allow list wants
	// proof all the same.
	AdmitUnknown bool
	// HardwareBacked admits only models that keep their keys in hardware, attest to
	// that with a certificate, and keep the credential to themselves.
	HardwareBacked bool
	// Undesired are the statuses that are not admitted, such as "REVOKED"; nil means
	// those that say that a model is compromised, revoked or retired.
	Undesired []string
	Allow     []AAGUID // only these, where there are any; zeros are an authenticator that does not say
	Deny      []AAGUID // none of these
	// Except are checks that are not made.
	Except []ModelCheck
}

// ModelCheck is one way in which an authenticator is held to metadata. All are made
// by go-webauthn.
type ModelCheck string

// The checks, in the order in which they are made.
const (
	CheckEntry         ModelCheck = "entry"          // metadata have an entry of the model
	CheckKeyIdentifier ModelCheck = "key-identifier" // an AAGUID of zeros is looked up by its attestation certificate's key
	CheckTypes         ModelCheck = "types"          // the model attests in this way
	CheckStatus        ModelCheck = "status"         // no undesired status is in effect
	CheckBatch         ModelCheck = "batch"          // a status of one batch counts for that batch alone
	CheckTrust         ModelCheck = "trust"          // the attestation certificate leads to a root of the model
	CheckAAGUID        ModelCheck = "aaguid"         // entry, statement and getInfo name the same model
	CheckFormats       ModelCheck = "formats"        // the statement has a format of the model
	CheckBackup        ModelCheck = "backup"         // no backup where the model has none
	CheckAlgorithms    ModelCheck = "algorithms"     // the credential's algorithm is one of the model
	CheckExtensions    ModelCheck = "extensions"     // so are the extensions in its authenticator data
	CheckVerification  ModelCheck = "verification"   // the model can verify users, if it says that it has
)

// ModelChecks returns all checks.
func ModelChecks() []ModelCheck {
	return []ModelCheck{
		CheckEntry, CheckKeyIdentifier, CheckTypes, CheckStatus, CheckBatch, CheckTrust, CheckAAGUID, CheckFormats,
		CheckBackup, CheckAlgorithms, CheckExtensions, CheckVerification,
	}
}

// Validate reports rules that contradict themselves, and checks that do not exist.
func (r *ModelRules) Validate() error {
	if r == nil {
		return nil
	}
	var wrong []error
	for _, c := range r.Except {
		if !slices.Contains(ModelChecks(), c) {
			wrong = append(wrong, fmt.Errorf("check %q cannot be excepted, it is none of %q", c, ModelChecks()))
		}
	}
	for _, id := range r.Allow {
		if slices.Contains(r.Deny, id) {
			wrong = append(wrong, fmt.Errorf("%s is both in Allow and in Deny", id))
		}
	}
	return errors.Join(wrong...)
}

// makes reports whether a check is made.
func (r *ModelRules) makes(c ModelCheck) bool { return !slices.Contains(r.Except, c) }

// denies reports whether a model is not to be used, whatever is known of it.
func (r *ModelRules) denies(id AAGUID) bool {
	return slices.Contains(r.Deny, id) || len(r.Allow) > 0 && !slices.Contains(r.Allow, id)
}

func (r *ModelRules) undesired() []metadata.AuthenticatorStatus {
	if r.Undesired == nil {
		return metadata.DefaultUndesiredAuthenticatorStatuses()
	}
	all := make([]metadata.AuthenticatorStatus, len(r.Undesired))
	for i, s := range r.Undesired {
		all[i] = metadata.AuthenticatorStatus(s)
	}
	return all
}

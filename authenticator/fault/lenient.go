package fault

import (
	"fmt"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
)

// lenientFaults do not refuse what has to be refused for one reason.
func lenientFaults() []Fault {
	const table = "CTAP 2.3 §8.2"
	var all []Fault
	for _, of := range []struct {
		id, spec string
		status   ctap.Status
	}{
		{"command", "CTAP 2.3 §8.1", ctap.InvalidCommand},
		{"subcommand", "CTAP 2.3 §8.1", ctap.InvalidSubcommand},
		{"parameter", table, ctap.InvalidParameter},
		{"length", table, ctap.InvalidLength},
		{"type", "CTAP 2.3 §8", ctap.CBORUnexpectedType},
		{"form", "CTAP 2.3 §8", ctap.InvalidCBOR},
		{"missing", "CTAP 2.3 §8", ctap.MissingParameter},
		{"limit", "CTAP 2.3 §6.4 member 0x07", ctap.LimitExceeded},
		{"size", "CTAP 2.3 §6.4 member 0x05", ctap.RequestTooLarge},
		{"excluded", "CTAP 2.3 §6.1.2 step 12", ctap.CredentialExcluded},
		{"algorithm", "CTAP 2.3 §6.1.2 step 3.2", ctap.UnsupportedAlgorithm},
		{"denied", "CTAP 2.3 §6.1.2 step 14, §6.2.2 step 9", ctap.OperationDenied},
		{"full", "CTAP 2.3 §6.1.2 step 17.4", ctap.KeyStoreFull},
		{"unsupported-option", "CTAP 2.3 §6.2.2 step 4.4", ctap.UnsupportedOption},
		{"invalid-option", "CTAP 2.3 §6.1.2 step 5.6.1", ctap.InvalidOption},
		{"no-credentials", "CTAP 2.3 §6.2.2 step 7.6", ctap.NoCredentials},
		{"not-allowed", "CTAP 2.3 §6.3 step 1", ctap.NotAllowed},
		{"pin", "CTAP 2.3 §6.5.5.7.2 step 9", ctap.PINInvalid},
		{"pin-blocked", "CTAP 2.3 §6.5.5.7.2 step 5", ctap.PINBlocked},
		{"token", "CTAP 2.3 §6.1.2 step 11.1.1", ctap.PINAuthInvalid},
		{"pin-auth-blocked", "CTAP 2.3 §6.5.5.7.2 step 9", ctap.PINAuthBlocked},
		{"pin-not-set", "CTAP 2.3 §6.1.2 step 1", ctap.PINNotSet},
		{"token-required", "CTAP 2.3 §6.1.2 step 7", ctap.PUATRequired},
		{"pin-policy", "CTAP 2.3 §6.5.5.5 step 10", ctap.PINPolicyViolation},
		{"integrity", "CTAP 2.3 §6.10.2", ctap.IntegrityFailure},
		{"sequence", "CTAP 2.3 §6.10.2 (expectedNextOffset)", ctap.InvalidSeq},
		{"blobs-full", "CTAP 2.3 §6.10.2", ctap.LargeBlobStorageFull},
	} {
		all = append(all, Fault{
			ID: "lenient/" + of.id, Spec: of.spec,
			Doc: fmt.Sprintf("What has to fail with %s is answered with success and no data.", of.status),
			Seams: authenticator.Seams{Result: func(_ ctap.Request, resp any, err error) (any, error) {
				if err != nil && ctap.StatusOf(err) == of.status {
					return new(ctap.Empty), nil
				}
				return resp, err
			}},
		})
	}
	return all
}

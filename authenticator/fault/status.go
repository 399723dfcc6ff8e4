package fault

import (
	"fmt"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
)

// turned is a status that a device gets wrong.
type turned struct {
	id, spec string
	from, to ctap.Status
}

// statusFaults answer with the wrong reason. Each refuses what has to be refused.
func statusFaults() []Fault {
	const table = "CTAP 2.3 §8.2"
	all := []Fault{
		{
			ID: "status/always-ok", Spec: table,
			Doc: "Whatever fails is answered with success and no data.",
			Seams: authenticator.Seams{Result: func(_ ctap.Request, resp any, err error) (any, error) {
				if err != nil {
					return new(ctap.Empty), nil
				}
				return resp, nil
			}},
		}, {
			ID: "status/always-other", Spec: table,
			Doc: "Whatever fails is answered with CTAP1_ERR_OTHER.",
			Seams: authenticator.Seams{Result: func(_ ctap.Request, resp any, err error) (any, error) {
				if err != nil {
					return nil, ctap.Other
				}
				return resp, nil
			}},
		}, {
			ID: "status/unknown", Spec: table,
			Doc: "Whatever fails is answered with a status that no specification knows, 0xEE.",
			Seams: authenticator.Seams{Result: func(_ ctap.Request, resp any, err error) (any, error) {
				if err != nil {
					return nil, ctap.Status(0xEE)
				}
				return resp, nil
			}},
		}, {
			ID: "status/none", Spec: table,
			Doc:   "Whatever fails is answered with no bytes at all.",
			Seams: onFailure(func([]byte) []byte { return []byte{} }),
		}, {
			ID: "status/with-data", Spec: table,
			Doc:   "An empty map follows the status of whatever fails.",
			Seams: onFailure(func(response []byte) []byte { return append(append([]byte{}, response...), majorMap<<5) }),
		},
	}
	for _, t := range []turned{
		{"invalid-command", "CTAP 2.3 §8.1", ctap.InvalidCommand, ctap.InvalidParameter},
		{"invalid-parameter", "CTAP 2.3 §6.1.2 step 2.1", ctap.InvalidParameter, ctap.MissingParameter},
		{"invalid-length", table, ctap.InvalidLength, ctap.InvalidCBOR},
		{"wrong-type", "CTAP 2.3 §8", ctap.CBORUnexpectedType, ctap.InvalidParameter},
		{"invalid-cbor", "CTAP 2.3 §8", ctap.InvalidCBOR, ctap.InvalidLength},
		{"missing-parameter", "CTAP 2.3 §8", ctap.MissingParameter, ctap.InvalidCBOR},
		{"limit-exceeded", "CTAP 2.3 §6.4 member 0x07", ctap.LimitExceeded, ctap.RequestTooLarge},
		{"excluded", "CTAP 2.3 §6.1.2 step 12", ctap.CredentialExcluded, ctap.OperationDenied},
		{"algorithm", "CTAP 2.3 §6.1.2 step 3.2", ctap.UnsupportedAlgorithm, ctap.UnsupportedOption},
		{"denied", "CTAP 2.3 §6.1.2 step 14, §6.2.2 step 9", ctap.OperationDenied, ctap.NotAllowed},
		{"full", "CTAP 2.3 §6.1.2 step 17.4", ctap.KeyStoreFull, ctap.Other},
		{"unsupported-option", "CTAP 2.3 §6.2.2 step 4.4", ctap.UnsupportedOption, ctap.InvalidOption},
		{"invalid-option", "CTAP 2.3 §6.1.2 step 5.6.1", ctap.InvalidOption, ctap.UnsupportedOption},
		{"no-credentials", "CTAP 2.3 §6.2.2 step 7.6", ctap.NoCredentials, ctap.OperationDenied},
		{"timeout", "CTAP 2.3 §6.1.2 step 11.2.3", ctap.UserActionTimeout, ctap.Timeout},
		{"not-allowed", "CTAP 2.3 §6.3 step 1", ctap.NotAllowed, ctap.NoCredentials},
		{"pin-invalid", "CTAP 2.3 §6.5.5.7.2 step 9", ctap.PINInvalid, ctap.PINAuthInvalid},
		{"pin-blocked", "CTAP 2.3 §6.5.5.7.2 step 5", ctap.PINBlocked, ctap.PINAuthBlocked},
		{"pin-auth-invalid", "CTAP 2.3 §6.1.2 step 11.1.1", ctap.PINAuthInvalid, ctap.PINInvalid},
		{"pin-auth-blocked", "CTAP 2.3 §6.5.5.7.2 step 9", ctap.PINAuthBlocked, ctap.PINBlocked},
		{"pin-not-set", "CTAP 2.3 §6.1.2 step 1", ctap.PINNotSet, ctap.PINInvalid},
		{"token-required", "CTAP 2.3 §6.1.2 step 7", ctap.PUATRequired, ctap.PINNotSet},
		{"pin-policy", "CTAP 2.3 §6.5.5.5 step 10", ctap.PINPolicyViolation, ctap.PINInvalid},
		{"too-large", "CTAP 2.3 §6.4 member 0x05", ctap.RequestTooLarge, ctap.InvalidLength},
		{"integrity", "CTAP 2.3 §6.10.2", ctap.IntegrityFailure, ctap.InvalidParameter},
		{"invalid-subcommand", "CTAP 2.3 §8.1", ctap.InvalidSubcommand, ctap.InvalidCommand},
		{"sequence", "CTAP 2.3 §6.10.2 (expectedNextOffset)", ctap.InvalidSeq, ctap.InvalidParameter},
		{"blobs-full", "CTAP 2.3 §6.10.2", ctap.LargeBlobStorageFull, ctap.KeyStoreFull},
	} {
		all = append(all, turnedStatus(t))
	}
	return all
}

func turnedStatus(t turned) Fault {
	return Fault{
		ID: "status/" + t.id, Spec: t.spec,
		Doc: fmt.Sprintf("What has to fail with %s fails with %s.", t.from, t.to),
		Seams: authenticator.Seams{Result: func(_ ctap.Request, resp any, err error) (any, error) {
			if err != nil && ctap.StatusOf(err) == t.from {
				return nil, ctap.Errorf(t.to, "the fault says so, instead of: %v", err)
			}
			return resp, err
		}},
	}
}

// onFailure makes a seam of a change to answers that tell of a failure.
func onFailure(change func(response []byte) []byte) authenticator.Seams {
	return authenticator.Seams{Response: func(response []byte) []byte {
		if len(response) == 0 || ctap.Status(response[0]) == ctap.OK {
			return response
		}
		return change(response)
	}}
}

package authenticator

import (
	"context"
	"slices"

	"github.com/passkeylab/passkeylab/ctap"
)

// Values of parameter enterpriseAttestation (CTAP 2.3 §7.1).
const (
	vendorFacilitated = 1
	platformManaged   = 2
)

// decideEnterpriseAttestation is step 9 of makeCredential. What the device
// declines, for whatever reason, is as if it had not been asked for (9.2.4).
func (op *makeCredential) decideEnterpriseAttestation(context.Context) error {
	asked := op.req.EnterpriseAttestation
	if asked == nil {
		return nil
	}
	able := &op.a.model.Enterprise
	if !able.capable() || !op.now.enterprise { // 9.1
		return ctap.Errorf(ctap.InvalidParameter, "enterpriseAttestation on a device without it, or where it is not enabled")
	}
	if *asked != vendorFacilitated && *asked != platformManaged { // 9.2.1
		return ctap.Errorf(ctap.InvalidOption, "enterpriseAttestation %d is neither 1 nor 2", *asked)
	}
	listed := slices.Contains(able.RPIDs, op.req.RP.ID)
	op.enterprise = listed && (*asked == vendorFacilitated || !able.Platform) || able.Platform && *asked == platformManaged
	return nil
}

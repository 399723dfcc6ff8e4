package fault

import (
	"strings"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/authenticator"
)

// attestationFaults make each defect of attestation statements one of devices. They
// leave devices alone that make statements of another format, or with an
// [authenticator.AttestationKey].
func attestationFaults() []Fault {
	defects := attestation.Defects()
	faults := make([]Fault, len(defects))
	for i, d := range defects {
		faults[i] = Fault{
			ID: "attestation/" + strings.Replace(d.ID, "/", "-", 1), Spec: d.Spec, Doc: d.Doc,
			Seams: authenticator.Seams{Attester: func(a attestation.Attester) attestation.Attester {
				if broken, err := d.Break(a); err == nil {
					return broken
				}
				return a
			}},
		}
	}
	return faults
}

package fault

import (
	"context"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
)

// Values of parameter enterpriseAttestation (CTAP 2.3 §7.1).
const (
	vendorFacilitated = 1
	platformManaged   = 2
)

// enterpriseFaults are about attestation for enterprises.
func enterpriseFaults() []Fault {
	return []Fault{
		enterpriseLostWithPower(),
		enterpriseByPlatformRefused(),
		{
			ID: "object/enterprise-for-everybody", Spec: "CTAP 2.3 §6.1.2 step 9.2.3",
			Doc: "Every relying party that asks for the attestation that makers provide for enterprises is told that it got it.",
			Seams: authenticator.Seams{Result: func(req ctap.Request, resp any, err error) (any, error) {
				asked, is := req.(*ctap.MakeCredentialRequest)
				made, worked := resp.(*ctap.MakeCredentialResponse)
				if !is || !worked || err != nil || asked.EnterpriseAttestation == nil || *asked.EnterpriseAttestation != vendorFacilitated {
					return resp, err
				}
				claimed := *made
				claimed.EnterpriseAttestation = true
				return &claimed, nil
			}},
		},
	}
}

// withoutEnterprise is a store that has forgotten that enterprise attestation is on.
type withoutEnterprise struct {
	authenticator.Store
	forgotten *bool
}

func (s withoutEnterprise) Load(ctx context.Context) (authenticator.Held, error) {
	held, err := s.Store.Load(ctx)
	held.Settings.Enterprise = held.Settings.Enterprise && !*s.forgotten
	return held, err
}

func enterpriseLostWithPower() Fault {
	forgotten := false
	return Fault{
		ID: "config/enterprise-lost-with-power", Spec: "CTAP 2.3 §6.11.1",
		Doc: "Enterprise attestation is on until the power is off.",
		Seams: authenticator.Seams{
			PowerCycled: func() { forgotten = true },
			Keep: func(c authenticator.Change) authenticator.Change {
				forgotten = forgotten && !(c.Settings != nil && c.Settings.Enterprise)
				return c
			},
			Env: func(e authenticator.Env) authenticator.Env {
				e.Store = withoutEnterprise{e.Store, &forgotten}
				return e
			},
		},
	}
}

func enterpriseByPlatformRefused() Fault {
	asked := uint64(0)
	return Fault{
		ID: "create/enterprise-by-platform-refused", Spec: "CTAP 2.3 §6.1.2 step 9.2.1",
		Doc: "Of the two values of enterpriseAttestation only the first is known.",
		Seams: authenticator.Seams{
			Request: func(req ctap.Request) ctap.Request {
				asked = 0
				if r, is := req.(*ctap.MakeCredentialRequest); is && r.EnterpriseAttestation != nil {
					asked = *r.EnterpriseAttestation
				}
				return req
			},
			Steps: steps{at("6.1.2", "9"): func(run func() error) error {
				if err := run(); err != nil || asked != platformManaged {
					return err
				}
				return ctap.Errorf(ctap.InvalidOption, "the fault says so")
			}},
		},
	}
}

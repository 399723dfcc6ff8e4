package profile

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/attestation/mds"
	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// AttestedBy is [Profile.Model] with the statements that the product makes, as far as
// the profile knows: in its format, with a chain of its shape, under roots of these
// makers instead of the real one's.
func (p Profile) AttestedBy(makers *attestation.Makers) (authenticator.Model, error) {
	model, err := p.Model()
	if err != nil {
		return model, err
	}
	a, known := p.Attestation.Value()
	if !known || a.Type == AttestsNothing || a.Type == AttestsSelf || len(model.AttestationFormats) == 0 {
		return model, nil
	}
	by, err := makers.Attester(a.Format, p.product(&a, &model))
	if err != nil {
		return model, fmt.Errorf("profile %q: %w", p.ID, err)
	}
	model.AttestationFormats, model.Attesters = []string{a.Format}, []attestation.Attester{by}
	if err := model.Check(); err != nil {
		return model, fmt.Errorf("profile %q: %w", p.ID, err)
	}
	return model, nil
}

// product is the device as its maker knows it. Which keys protect credentials nothing
// of a profile says but its kind: phones have a trusted environment.
func (p *Profile) product(a *Attestation, model *authenticator.Model) attestation.Product {
	made := attestation.Product{AAGUID: model.AAGUID, Level: attestation.TrustedEnvironment, Certificates: len(a.Chain)}
	if p.Kind == SecurityKey {
		made.Transports, made.Chained = model.Transports, len(a.Chain) > 1
	}
	return made
}

// Metadata describes a model by what a device of it says and does. What its makers
// vouch for leads to their roots.
func Metadata(ctx context.Context, name string, model authenticator.Model, makers *attestation.Makers) (*mds.Statement, error) {
	if model.AAGUID == (webauthn.AAGUID{}) {
		return nil, fmt.Errorf("%s has no AAGUID that metadata could know it by", name)
	}
	info, err := getInfo(ctx, model)
	if err != nil {
		return nil, err
	}
	silent := slices.Equal(model.AttestationFormats, []string{webauthn.FormatNone})
	if silent && model.BackupEligible {
		return mds.Provider(model.AAGUID, name).Answering(info), nil
	}
	roots, err := rootsOf(&model, makers)
	if err != nil {
		return nil, err
	}
	s := mds.Key(model.AAGUID, name, roots...)
	switch {
	case silent:
		s.AttestationTypes = []mds.AttestationType{mds.NoAttestation}
	case slices.Contains(model.AttestationFormats, webauthn.FormatTPM):
		s.AttestationTypes = []mds.AttestationType{mds.AttCA}
	case slices.Contains(model.AttestationFormats, webauthn.FormatApple):
		s.AttestationTypes = []mds.AttestationType{mds.AnonCA}
	}
	if model.BackupEligible {
		s.MultiDeviceCredentialSupport = mds.MultiDeviceImplicit
	}
	return s.Answering(info), nil
}

// rootsOf are the trust anchors of what a model attests with: the makers', and the last
// certificate that comes with a key of its own.
func rootsOf(model *authenticator.Model, makers *attestation.Makers) (roots [][]byte, err error) {
	for _, a := range model.Attesters {
		trusted, err := makers.Roots(a.Format())
		if err != nil {
			return nil, err
		}
		for _, root := range trusted {
			roots = append(roots, root.Raw)
		}
	}
	if k := model.Attestation; k != nil && len(k.Certificates) > 0 {
		roots = append(roots, k.Certificates[len(k.Certificates)-1])
	}
	return roots, nil
}

// getInfo asks a device of a model that nobody has used yet.
func getInfo(ctx context.Context, model authenticator.Model) (*ctap.GetInfoResponse, error) {
	device, err := authenticator.New(model, authenticator.Env{
		Store: authenticator.NewMemoryStore(), User: new(authenticator.ScriptedUser), Clock: authenticator.SystemClock{}, Random: rand.Reader,
	})
	if err != nil {
		return nil, err
	}
	return ctap.Call(ctx, device, new(ctap.GetInfoRequest))
}

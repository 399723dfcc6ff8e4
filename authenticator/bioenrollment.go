package authenticator

import (
	"context"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
)

// bioEnrollment is authenticatorBioEnrollment (CTAP 2.3 §6.7), or its preview, in
// progress.
type bioEnrollment struct {
	a        *Authenticator
	req      *ctap.BioEnrollmentRequest
	params   ctap.BioEnrollmentParams
	settings Settings

	enrolment enrolment // that the request is about
	resp      ctap.BioEnrollmentResponse
}

var bioSubcommands = map[ctap.SubCommand]subcommand[*bioEnrollment]{
	ctap.GetFingerprintSensorInfo: {section: "6.7.3", steps: sensorSteps},
	ctap.EnrollBegin:              {section: "6.7.4", steps: firstSampleSteps},
	ctap.EnrollCaptureNextSample:  {section: "6.7.4", steps: nextSampleSteps},
	ctap.CancelCurrentEnrollment:  {section: "6.7.5", steps: cancelSteps, bare: true},
	ctap.EnumerateEnrollments:     {section: "6.7.6", steps: templateSteps},
	ctap.SetFriendlyName:          {section: "6.7.7", steps: renameSteps, bare: true},
	ctap.RemoveEnrollment:         {section: "6.7.8", steps: removeSteps, bare: true},
}

// modality is what getModality asks for, whatever subCommand comes with it.
var modality = subcommand[*bioEnrollment]{section: "6.7.2", steps: []step[*bioEnrollment]{{"1", (*bioEnrollment).tellModality}}}

func (a *Authenticator) bioEnrollment(ctx context.Context, req *ctap.BioEnrollmentRequest) (any, error) {
	sub := modality
	if req.GetModality == nil || !*req.GetModality {
		var err error
		if sub, err = choose(&a.model, req.Command(), bioSubcommands, req.SubCommand); err != nil {
			return nil, err
		}
	}
	held, err := a.env.Store.Load(ctx)
	if err != nil {
		return nil, withStatus(err)
	}
	op := &bioEnrollment{a: a, req: req, settings: held.Settings}
	if req.SubCommandParams != nil {
		op.params = req.SubCommandParams.Value
	}
	if err := follow(ctx, a.active, sub.section, op, sub.steps); err != nil {
		return nil, err
	}
	if sub.bare {
		return new(ctap.Empty), nil
	}
	return &op.resp, nil
}

func (op *bioEnrollment) tellModality(context.Context) error {
	op.resp.Modality = new(uint64)
	*op.resp.Modality = ctap.ModalityFingerprint
	return nil
}

var sensorSteps = []step[*bioEnrollment]{
	{"0 (modality)", (*bioEnrollment).checkModality},
	{"1", (*bioEnrollment).tellSensor},
}

func (op *bioEnrollment) tellSensor(context.Context) error {
	bio := &op.a.model.Bio
	kind, samples, name := bio.Kind, uint64(bio.Samples), uint64(bio.MaxName)
	op.resp.FingerprintKind, op.resp.MaxCaptureSamples, op.resp.MaxTemplateFriendlyName = &kind, &samples, &name
	return nil
}

func (op *bioEnrollment) requireParam(context.Context) error {
	return requireParam(op.req.PinUvAuthParam)
}

// require insists on parameters of a subcommand, and on those that all which are
// authorised need.
func (op *bioEnrollment) require(members ...parameter) error {
	return requireParameters(append(members,
		parameter{"modality (0x01)", op.req.Modality != nil},
		parameter{"pinUvAuthProtocol (0x04)", op.req.PinUvAuthProtocol != nil})...)
}

func (op *bioEnrollment) requireModality(context.Context) error { return op.require() }

func (op *bioEnrollment) templateID() parameter {
	return parameter{"templateId (0x01) of subCommandParams", op.params.TemplateID != nil}
}

func (op *bioEnrollment) requireTemplateID(context.Context) error { return op.require(op.templateID()) }

// checkModality has no number in the text, which has one modality alone.
func (op *bioEnrollment) checkModality(context.Context) error {
	if m := op.req.Modality; m != nil && *m != ctap.ModalityFingerprint {
		return ctap.Errorf(ctap.InvalidParameter, "modality 0x%02X, this device has fingerprints (0x01)", *m)
	}
	return nil
}

func (op *bioEnrollment) checkProtocol(context.Context) error {
	_, err := op.a.protocol(op.req.PinUvAuthProtocol)
	return err
}

// verifyUser is steps 4 and 5. Every sample is authorised anew, so an enrolment
// needs to remember no token.
func (op *bioEnrollment) verifyUser(context.Context) error {
	message := pinuv.BioEnrollmentMessage(*op.req.Modality, op.req.SubCommand, op.req.SubCommandParams.Bytes())
	_, err := op.a.verifyToken(op.req.PinUvAuthProtocol, message, op.req.PinUvAuthParam, ctap.PermissionBioEnrollment)
	return err
}

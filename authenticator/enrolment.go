package authenticator

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/passkeylab/passkeylab/ctap"
)

// enrolment is a fingerprint that the device has begun to learn (CTAP 2.3
// §6.7.4). Unlike a sequence it outlives other commands.
type enrolment struct {
	templateID []byte
	remaining  int // good samples that are still to come
}

// templateIDSize is how many bytes name a fingerprint.
const templateIDSize = 16

// maxCaptureWait bounds what a platform may ask for.
const maxCaptureWait = time.Hour

var firstSampleSteps = []step[*bioEnrollment]{
	{"1", (*bioEnrollment).requireParam},
	{"2", (*bioEnrollment).requireModality},
	{"2 (modality)", (*bioEnrollment).checkModality},
	{"3", (*bioEnrollment).checkProtocol},
	{"4 and 5", (*bioEnrollment).verifyUser},
	{"6", (*bioEnrollment).requireRoom},
	{"7 and 8", (*bioEnrollment).beginEnrolment},
	{"9", (*bioEnrollment).capture},
	{"10", (*bioEnrollment).tellTemplateID},
}

// There is room for the template: it was there at the beginning, and one
// enrolment is in progress at a time.
var nextSampleSteps = []step[*bioEnrollment]{
	{"1", (*bioEnrollment).requireParam},
	{"2", (*bioEnrollment).requireTemplateID},
	{"2 (modality)", (*bioEnrollment).checkModality},
	{"3", (*bioEnrollment).checkProtocol},
	{"4 and 5", (*bioEnrollment).verifyUser},
	{"6", (*bioEnrollment).requireEnrolment},
	{"7 and 8", (*bioEnrollment).capture},
}

var cancelSteps = []step[*bioEnrollment]{
	{"1", (*bioEnrollment).cancelEnrolment},
}

func (op *bioEnrollment) requireRoom(context.Context) error {
	if room := op.a.model.Bio.Templates; len(op.settings.Templates) >= room {
		return ctap.Errorf(ctap.FPDatabaseFull, "all %d places for fingerprints are taken", room)
	}
	return nil
}

func (op *bioEnrollment) beginEnrolment(context.Context) (err error) {
	op.a.session.enrolment = nil
	op.enrolment.remaining = op.a.model.Bio.Samples
	op.enrolment.templateID, err = op.a.draw(templateIDSize)
	return err
}

func (op *bioEnrollment) requireEnrolment(context.Context) error {
	begun := op.a.session.enrolment
	if begun == nil || !bytes.Equal(begun.templateID, op.params.TemplateID) {
		return ctap.Errorf(ctap.InvalidOption, "templateId %x is not being enrolled", op.params.TemplateID)
	}
	op.enrolment = *begun
	return nil
}

// capture asks for a touch of the sensor. A touch that was no good, or none at
// all, is told in the answer and no failure.
func (op *bioEnrollment) capture(ctx context.Context) error {
	status, err := op.a.captureSample(ctx, op.params.TimeoutMilliseconds)
	if err != nil {
		return err
	}
	if status == ctap.SampleGood {
		if err := op.learn(ctx); err != nil {
			return err
		}
	}
	op.a.session.enrolment = nil
	if begun := op.enrolment; begun.remaining > 0 {
		op.a.session.enrolment = &begun
	}
	remaining := uint64(op.enrolment.remaining)
	op.resp.LastEnrollSampleStatus, op.resp.RemainingSamples = &status, &remaining
	return nil
}

func (a *Authenticator) captureSample(ctx context.Context, wait *uint64) (ctap.SampleStatus, error) {
	p := Prompt{Kind: CaptureFinger}
	if wait != nil {
		p.Patience = time.Duration(min(*wait, uint64(maxCaptureWait.Milliseconds()))) * time.Millisecond
	}
	g, err := a.ask(ctx, p)
	switch {
	case timedOut(err):
		return ctap.SampleNoUserActivity, nil
	case err == nil && !g.Present:
		return 0, ErrDeclined
	}
	return g.Sample, err
}

// learn takes a good sample. After the last one there is a template, which makes
// the options uv and bioEnroll true.
func (op *bioEnrollment) learn(ctx context.Context) error {
	if op.enrolment.remaining == 1 {
		learned := append(slices.Clip(op.settings.Templates), Template{ID: op.enrolment.templateID})
		if err := op.replaceTemplates(ctx, learned); err != nil {
			return err
		}
	}
	op.enrolment.remaining--
	return nil
}

func (op *bioEnrollment) replaceTemplates(ctx context.Context, templates []Template) error {
	op.settings.Templates = templates
	return op.a.save(ctx, Change{Settings: &op.settings})
}

func (op *bioEnrollment) tellTemplateID(context.Context) error {
	op.resp.TemplateID = op.enrolment.templateID
	return nil
}

func (op *bioEnrollment) cancelEnrolment(context.Context) error {
	op.a.session.enrolment = nil
	return nil
}

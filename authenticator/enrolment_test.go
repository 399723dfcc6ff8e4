package authenticator_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
)

// From no finger to one and back: what the device can do follows.
func TestEnrolAFinger(t *testing.T) {
	t.Parallel()
	p := bioKey(t)
	options := func() map[string]bool { return optionsOf(p.r, ctap.OptionUV, ctap.OptionBioEnroll) }
	none, some := map[string]bool{"uv": false, "bioEnroll": false}, map[string]bool{"uv": true, "bioEnroll": true}
	assert.Equal(t, none, options())

	begun := p.enrol(ctap.EnrollBegin, noBioParams)
	assert.Len(t, begun.TemplateID, 16)
	for remaining := uint64(3); ; remaining-- {
		assert.Equal(t, ctap.SampleGood, *begun.LastEnrollSampleStatus)
		assert.Equal(t, remaining, *begun.RemainingSamples)
		if remaining == 0 {
			break
		}
		assert.Equal(t, none, options(), "not yet")
		id := begun.TemplateID
		begun = p.enrol(ctap.EnrollCaptureNextSample, ofTemplate(id))
		assert.Nil(t, begun.TemplateID, "only the first answer has it")
		begun.TemplateID = id
	}
	assert.Equal(t, some, options())
	assert.Equal(t, ctap.InvalidOption, p.enrolStatus(ctap.EnrollCaptureNextSample, ofTemplate(begun.TemplateID)), "it is complete")
	for _, prompt := range p.r.user.Asked() {
		assert.Equal(t, authenticator.Prompt{Kind: authenticator.CaptureFinger}, prompt)
	}

	p.r.PowerCycle()
	assert.Equal(t, some, options())
	made, _ := p.r.create()
	assert.Equal(t, "UP|UV|AT", parse(t, made.AuthData).Flags.String(), "the finger verifies")
	require.NoError(t, p.grant("", be, ""), "and enrols")
	assert.Equal(t, ctap.OK, p.enrolStatus(ctap.RemoveEnrollment, ofTemplate(begun.TemplateID)))
	assert.Equal(t, none, options())
	assert.Equal(t, ctap.NotAllowed, ctap.StatusOf(p.grant("", be, "")))
}

func TestBadSamples(t *testing.T) {
	t.Parallel()
	p := bioKey(t)
	p.r.user.Samples(ctap.SampleTooFast, ctap.SampleGood, ctap.SampleExists)
	begun := p.enrol(ctap.EnrollBegin, noBioParams)
	next := func() *ctap.BioEnrollmentResponse {
		return p.enrol(ctap.EnrollCaptureNextSample, ofTemplate(begun.TemplateID))
	}
	answer := func(status ctap.SampleStatus, remaining uint64) *ctap.BioEnrollmentResponse {
		return &ctap.BioEnrollmentResponse{LastEnrollSampleStatus: &status, RemainingSamples: &remaining}
	}
	first := answer(ctap.SampleTooFast, 4)
	first.TemplateID = begun.TemplateID
	assert.Equal(t, first, begun)
	assert.Equal(t, answer(ctap.SampleGood, 3), next())
	assert.Equal(t, answer(ctap.SampleExists, 3), next())
	p.r.user.Then(authenticator.TimeOut)
	assert.Equal(t, answer(ctap.SampleNoUserActivity, 3), next())
	assert.Equal(t, answer(ctap.SampleGood, 2), next(), "good again")

	p.r.user.Then(authenticator.TimeOut)
	begun = p.enrol(ctap.EnrollBegin, noBioParams)
	assert.Equal(t, ctap.SampleNoUserActivity, *begun.LastEnrollSampleStatus)
	assert.Equal(t, answer(ctap.SampleGood, 3), next(), "begun without a touch")
}

// The sensor waits as long as the platform says.
func TestCaptureTimeout(t *testing.T) {
	t.Parallel()
	p := bioKey(t)
	for _, c := range []struct {
		sent *uint64
		want time.Duration
	}{
		{nil, 0},
		{ptr(uint64(0)), 0},
		{ptr(uint64(1500)), 1500 * time.Millisecond},
		{ptr(uint64(1<<64 - 1)), time.Hour},
	} {
		begun := p.enrol(ctap.EnrollBegin, ctap.BioEnrollmentParams{TimeoutMilliseconds: c.sent})
		p.enrol(ctap.EnrollCaptureNextSample, ctap.BioEnrollmentParams{TemplateID: begun.TemplateID, TimeoutMilliseconds: c.sent})
		asked := p.r.user.Asked()
		for _, prompt := range asked[len(asked)-2:] {
			assert.Equal(t, authenticator.Prompt{Kind: authenticator.CaptureFinger, Patience: c.want}, prompt)
		}
	}
}

// A capture that fails leaves the enrolment as it was; one that was to begin it
// begins nothing.
func TestCaptureFails(t *testing.T) {
	t.Parallel()
	p := bioKey(t)
	begun := p.enrol(ctap.EnrollBegin, noBioParams)
	next := ofTemplate(begun.TemplateID)
	p.r.user.Then(authenticator.Decline)
	assert.Equal(t, ctap.OperationDenied, p.enrolStatus(ctap.EnrollCaptureNextSample, next))
	assert.Equal(t, ctap.KeepaliveCancel, p.cancelled(p.enrolling(ctap.EnrollCaptureNextSample, next)))
	assert.Equal(t, uint64(2), *p.enrol(ctap.EnrollCaptureNextSample, next).RemainingSamples)

	assert.Equal(t, ctap.KeepaliveCancel, p.cancelled(p.enrolling(ctap.EnrollBegin, noBioParams)))
	assert.Equal(t, ctap.InvalidOption, p.enrolStatus(ctap.EnrollCaptureNextSample, next), "the one before was dropped")
	detach := p.r.Attach(authenticator.Seams{Answer: func(authenticator.Prompt, authenticator.Gesture, error) (authenticator.Gesture, error) {
		return authenticator.Gesture{}, nil
	}})
	assert.Equal(t, ctap.OperationDenied, p.enrolStatus(ctap.EnrollBegin, noBioParams), "no gesture, no consent")
	detach()
}

// cancelled sends a request and cancels it while the user is being asked.
func (p *platform) cancelled(req ctap.Request) ctap.Status {
	p.r.t.Helper()
	p.r.user.Then(authenticator.Ignore)
	ctx, cancel := context.WithCancel(p.r.ctx())
	defer cancel()
	before := len(p.r.user.Asked())
	answered := p.r.inBackground(ctx, req)
	require.NoError(p.r.t, p.r.user.AwaitAsked(p.r.ctx(), before+1))
	cancel()
	return ctap.StatusOf(<-answered)
}

// What ends an unfinished enrolment, and what does not.
func TestEnrolmentEnds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		between func(p *platform)
		want    ctap.Status
	}{
		"nothing":        {func(*platform) {}, ctap.OK},
		"other commands": {func(p *platform) { p.r.info(); p.r.status(signIn()) }, ctap.OK},
		"its token": {func(p *platform) {
			p.r.clock.Advance(time.Hour)
			p.granted(be, "")
		}, ctap.OK},
		"a refused beginning": {func(p *platform) {
			assert.Equal(p.r.t, ctap.PUATRequired, p.enrolStatus(ctap.EnrollBegin, noBioParams, openBio))
		}, ctap.OK},
		"cancelling": {func(p *platform) {
			assert.Equal(p.r.t, ctap.OK, p.enrolStatus(ctap.CancelCurrentEnrollment, noBioParams, openBio))
		}, ctap.InvalidOption},
		"another beginning": {func(p *platform) { p.enrol(ctap.EnrollBegin, noBioParams) }, ctap.InvalidOption},
		"a power cycle": {func(p *platform) {
			p.r.PowerCycle()
			p.granted(be, "")
		}, ctap.InvalidOption},
		"a reset": {func(p *platform) {
			p.r.PowerCycle()
			require.Equal(p.r.t, ctap.OK, p.r.status(&ctap.ResetRequest{}))
			require.Equal(p.r.t, ctap.OK, p.setPIN(pin))
			p.granted(be, "")
		}, ctap.InvalidOption},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := bioKey(t)
			begun := p.enrol(ctap.EnrollBegin, noBioParams)
			c.between(p)
			assert.Equal(t, c.want, p.enrolStatus(ctap.EnrollCaptureNextSample, ofTemplate(begun.TemplateID)))
		})
	}
	p := bioKey(t)
	p.enrol(ctap.EnrollBegin, noBioParams)
	assert.Equal(t, ctap.InvalidOption, p.enrolStatus(ctap.EnrollCaptureNextSample, ofTemplate([]byte{1})), "another templateId")
}

func TestOneSampleIsEnough(t *testing.T) {
	t.Parallel()
	p := bioKey(t, func(m *authenticator.Model) { m.Bio.Samples = 1 })
	begun := p.enrol(ctap.EnrollBegin, noBioParams)
	assert.Zero(t, *begun.RemainingSamples)
	assert.Equal(t, []ctap.TemplateInfo{{TemplateID: begun.TemplateID}}, p.enrol(ctap.EnumerateEnrollments, noBioParams).TemplateInfos)
}

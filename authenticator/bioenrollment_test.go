package authenticator_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
)

type enrolling = func(*ctap.BioEnrollmentRequest)

// enrolling is a good request of a subcommand, signed with the last token. Where
// params is the zero value, there are none.
func (p *platform) enrolling(sub ctap.SubCommand, params ctap.BioEnrollmentParams, change ...enrolling) *ctap.BioEnrollmentRequest {
	p.r.t.Helper()
	req := &ctap.BioEnrollmentRequest{Modality: ptr(uint64(ctap.ModalityFingerprint)), SubCommand: sub, PinUvAuthProtocol: p.number()}
	if params.TemplateID != nil || params.TemplateFriendlyName != nil || params.TimeoutMilliseconds != nil {
		encoded, err := ctap.NewParams(params)
		require.NoError(p.r.t, err)
		req.SubCommandParams = encoded
	}
	req.PinUvAuthParam = p.sign(pinuv.BioEnrollmentMessage(ctap.ModalityFingerprint, sub, req.SubCommandParams.Bytes()))
	return changed(req, change)
}

// enrol insists on an answer.
func (p *platform) enrol(sub ctap.SubCommand, params ctap.BioEnrollmentParams, change ...enrolling) *ctap.BioEnrollmentResponse {
	p.r.t.Helper()
	return insisted(p, p.enrolling(sub, params, change...))
}

func (p *platform) enrolStatus(sub ctap.SubCommand, params ctap.BioEnrollmentParams, change ...enrolling) ctap.Status {
	p.r.t.Helper()
	return p.r.status(p.enrolling(sub, params, change...))
}

var noBioParams ctap.BioEnrollmentParams

func ofTemplate(id []byte) ctap.BioEnrollmentParams { return ctap.BioEnrollmentParams{TemplateID: id} }

func named(id []byte, name string) ctap.BioEnrollmentParams {
	return ctap.BioEnrollmentParams{TemplateID: id, TemplateFriendlyName: &name}
}

// finger enrols one and returns its template ID.
func (p *platform) finger() []byte {
	p.r.t.Helper()
	begun := p.enrol(ctap.EnrollBegin, noBioParams)
	for remaining := *begun.RemainingSamples; remaining > 0; {
		remaining = *p.enrol(ctap.EnrollCaptureNextSample, ofTemplate(begun.TemplateID)).RemainingSamples
	}
	return begun.TemplateID
}

// bioKey is a fingerprint key with a PIN and a token to enrol fingers.
func bioKey(t *testing.T, change ...func(*authenticator.Model)) *platform {
	t.Helper()
	return newRig(t, *changed(ptr(authenticator.BioKey()), change)).withPIN().granted(be, "")
}

func openBio(req *ctap.BioEnrollmentRequest) {
	req.PinUvAuthParam, req.PinUvAuthProtocol = nil, nil
}

// What refuses, in the order of the text: each case breaks what comes after its
// step too.
func TestBioEnrollmentSteps(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 65)
	type list = []ctap.BioEnrollmentParams
	for _, sub := range []struct {
		name       string
		sub        ctap.SubCommand
		good       ctap.BioEnrollmentParams
		incomplete list
		unknown    ctap.Status // what it answers where nothing is enrolled
	}{
		{"enrollBegin", ctap.EnrollBegin, noBioParams, nil, ctap.OK},
		{"enrollCaptureNextSample", ctap.EnrollCaptureNextSample, ofTemplate([]byte{1}), list{noBioParams}, ctap.InvalidOption},
		{"enumerateEnrollments", ctap.EnumerateEnrollments, noBioParams, nil, ctap.InvalidOption},
		{"setFriendlyName", ctap.SetFriendlyName, named([]byte{1}, "thumb"), list{noBioParams, ofTemplate([]byte{1}), {TemplateFriendlyName: &long}}, ctap.InvalidOption},
		{"removeEnrollment", ctap.RemoveEnrollment, ofTemplate([]byte{1}), list{noBioParams}, ctap.InvalidOption},
	} {
		t.Run(sub.name, func(t *testing.T) {
			t.Parallel()
			p := bioKey(t).granted(acfg, "")
			number := ptr(uint64(2))
			for i, params := range sub.incomplete {
				assert.Equal(t, ctap.MissingParameter, p.enrolStatus(sub.sub, params, func(req *ctap.BioEnrollmentRequest) { req.Modality = number }), "step 2, parameters %d", i)
			}
			for _, c := range []struct {
				step   string
				change enrolling
				want   ctap.Status
			}{
				{"1", func(req *ctap.BioEnrollmentRequest) { req.PinUvAuthParam, req.Modality = nil, nil }, ctap.PUATRequired},
				{"2, modality", func(req *ctap.BioEnrollmentRequest) { req.Modality = nil }, ctap.MissingParameter},
				{"2, protocol", func(req *ctap.BioEnrollmentRequest) { req.PinUvAuthProtocol, req.Modality = nil, number }, ctap.MissingParameter},
				{"2, another modality", func(req *ctap.BioEnrollmentRequest) { req.Modality, req.PinUvAuthParam = number, []byte{} }, ctap.InvalidParameter},
				{"3", func(req *ctap.BioEnrollmentRequest) { *req.PinUvAuthProtocol, req.PinUvAuthParam = 5, []byte{} }, ctap.InvalidParameter},
				{"4", func(req *ctap.BioEnrollmentRequest) { req.PinUvAuthParam[0] ^= 1 }, ctap.PINAuthInvalid},
				{"5", func(*ctap.BioEnrollmentRequest) {}, ctap.PINAuthInvalid},
			} {
				assert.Equal(t, c.want, p.enrolStatus(sub.sub, sub.good, c.change), "step %s", c.step)
			}
			assert.Len(t, p.r.user.Asked(), 0, "nobody was asked for a finger")
			p.granted(be, "elsewhere.com")
			assert.Equal(t, sub.unknown, p.enrolStatus(sub.sub, sub.good), "the action, for whatever RP ID the token is")
		})
	}
}

// What needs no token.
func TestBioEnrollmentQuestions(t *testing.T) {
	t.Parallel()
	p := &platform{r: newRig(t, authenticator.BioKey())}
	yes, no, one, two := ptr(true), ptr(false), ptr(uint64(1)), ptr(uint64(2))
	sensor := &ctap.BioEnrollmentResponse{FingerprintKind: one, MaxCaptureSamples: ptr(uint64(4)), MaxTemplateFriendlyName: ptr(uint64(64))}
	for name, c := range map[string]struct {
		req  ctap.BioEnrollmentRequest
		want *ctap.BioEnrollmentResponse
	}{
		"modality":                   {ctap.BioEnrollmentRequest{GetModality: yes}, &ctap.BioEnrollmentResponse{Modality: one}},
		"modality, not a subcommand": {ctap.BioEnrollmentRequest{GetModality: yes, SubCommand: 0x77}, &ctap.BioEnrollmentResponse{Modality: one}},
		"sensor":                     {ctap.BioEnrollmentRequest{Modality: one, SubCommand: ctap.GetFingerprintSensorInfo, GetModality: no}, sensor},
		"sensor, no modality":        {ctap.BioEnrollmentRequest{SubCommand: ctap.GetFingerprintSensorInfo}, sensor},
		"cancelling nothing":         {ctap.BioEnrollmentRequest{Modality: one, SubCommand: ctap.CancelCurrentEnrollment}, &ctap.BioEnrollmentResponse{}},
	} {
		resp, err := ctap.Call(t.Context(), p.r, &c.req)
		require.NoError(t, err, name)
		assert.Equal(t, c.want, resp, name)
	}
	for name, c := range map[string]struct {
		req  ctap.BioEnrollmentRequest
		want ctap.Status
	}{
		"nothing asked":         {ctap.BioEnrollmentRequest{GetModality: no}, ctap.MissingParameter},
		"an unknown subcommand": {ctap.BioEnrollmentRequest{SubCommand: 8}, ctap.InvalidSubcommand},
		"sensor of other kind":  {ctap.BioEnrollmentRequest{Modality: two, SubCommand: ctap.GetFingerprintSensorInfo}, ctap.InvalidParameter},
	} {
		assert.Equal(t, c.want, p.r.status(&c.req), name)
	}
	assert.Equal(t, ctap.InvalidCommand, newRig(t, pinKey()).status(&ctap.BioEnrollmentRequest{GetModality: yes}))
	early := &ctap.BioEnrollmentRequest{GetModality: yes, Preview: true}
	assert.Equal(t, ctap.OK, p.r.status(early))
	assert.Equal(t, ctap.InvalidCommand, bioKey(t, withoutPreviews).r.status(early), "the preview, not listed")
}

func TestBioEnrollmentPreview(t *testing.T) {
	t.Parallel()
	p := newRig(t, draftKey()).withPIN()
	early := func(req *ctap.BioEnrollmentRequest) { req.Preview = true }
	p.granted(acfg, "")
	assert.Equal(t, ctap.PINAuthInvalid, p.enrolStatus(ctap.EnrollBegin, noBioParams, early), "permissions count")
	p.granted(be, "")
	begun := p.enrol(ctap.EnrollBegin, noBioParams, early)
	assert.Equal(t, uint64(2), *p.enrol(ctap.EnrollCaptureNextSample, ofTemplate(begun.TemplateID), early).RemainingSamples)
	assert.Equal(t, uint64(1), *p.enrol(ctap.EnrollCaptureNextSample, ofTemplate(begun.TemplateID)).RemainingSamples, "it is the same command")
	assert.Equal(t, uint64(4), *p.enrol(ctap.GetFingerprintSensorInfo, noBioParams, early, openBio).MaxCaptureSamples)
	assert.Equal(t, map[string]bool{"userVerificationMgmtPreview": false}, optionsOf(p.r, ctap.OptionUserVerificationMgmtPreview))
}

package authenticator_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
)

func TestFingersAreErased(t *testing.T) {
	t.Parallel()
	p := bioKey(t)
	p.finger()
	require.Equal(t, ctap.OK, p.r.status(&ctap.ResetRequest{}))
	assert.Equal(t, map[string]bool{"uv": false, "bioEnroll": false}, optionsOf(p.r, ctap.OptionUV, ctap.OptionBioEnroll))
	require.Equal(t, ctap.OK, p.setPIN(pin))
	assert.Equal(t, ctap.InvalidOption, p.granted(be, "").enrolStatus(ctap.EnumerateEnrollments, noBioParams))
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	p := bioKey(t, func(m *authenticator.Model) { m.Bio.Templates, m.Bio.MaxName = 3, 8 })
	infos := func() []ctap.TemplateInfo { return p.enrol(ctap.EnumerateEnrollments, noBioParams).TemplateInfos }
	a, b, c := p.finger(), p.finger(), p.finger()
	assert.Equal(t, []ctap.TemplateInfo{{TemplateID: a}, {TemplateID: b}, {TemplateID: c}}, infos())
	assert.Equal(t, ctap.FPDatabaseFull, p.enrolStatus(ctap.EnrollBegin, noBioParams))

	assert.Equal(t, ctap.OK, p.enrolStatus(ctap.SetFriendlyName, named(b, "Zeigefin")))
	assert.Equal(t, ctap.InvalidLength, p.enrolStatus(ctap.SetFriendlyName, named(b, "Zeigefing")))
	assert.Equal(t, ctap.InvalidLength, p.enrolStatus(ctap.SetFriendlyName, named(b, "größer !")), "bytes count")
	assert.Equal(t, ctap.InvalidLength, p.enrolStatus(ctap.SetFriendlyName, named([]byte{1}, "Zeigefing"), func(req *ctap.BioEnrollmentRequest) {
		req.PinUvAuthParam = []byte{}
	}), "before the token and the template")
	assert.Equal(t, ctap.InvalidOption, p.enrolStatus(ctap.SetFriendlyName, named([]byte{1}, "thumb")))
	assert.Equal(t, []ctap.TemplateInfo{{TemplateID: a}, {TemplateID: b, TemplateFriendlyName: "Zeigefin"}, {TemplateID: c}}, infos())

	assert.Equal(t, ctap.OK, p.enrolStatus(ctap.RemoveEnrollment, ofTemplate(a)))
	assert.Equal(t, ctap.InvalidOption, p.enrolStatus(ctap.RemoveEnrollment, ofTemplate(a)))
	assert.Equal(t, ctap.OK, p.enrolStatus(ctap.SetFriendlyName, named(b, "")), "a name can be taken away")
	d := p.finger()
	assert.Equal(t, []ctap.TemplateInfo{{TemplateID: b}, {TemplateID: c}, {TemplateID: d}}, infos())
}

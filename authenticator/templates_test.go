package authenticator_test

import (
	"strings"
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

// A fingerprint that nobody named has an empty name, which clients insist on.
func TestUnnamedTemplate(t *testing.T) {
	t.Parallel()
	p := bioKey(t)
	p.finger()
	raw, err := ctap.EncodeRequest(p.enrolling(ctap.EnumerateEnrollments, noBioParams))
	require.NoError(t, err)
	answer, err := p.r.Exchange(t.Context(), raw)
	require.NoError(t, err)
	assert.Equal(t, "\x02\x60", string(answer[len(answer)-2:]), "member 0x02, an empty text")
}

// A model may have names as long as an answer can list, and no longer.
func TestTemplatesFitTheirAnswer(t *testing.T) {
	t.Parallel()
	for _, templates := range []int{1, 2, 5, 13, 24, 44} {
		model := authenticator.BioKey()
		model.Bio.Templates, model.Bio.Samples, model.Bio.MaxName = templates, 1, 1
		for model.Check() == nil {
			model.Bio.MaxName++
		}
		require.ErrorContains(t, model.Check(), "cannot be listed")
		model.Bio.MaxName--
		p := newRig(t, model).withPIN().granted(be, "")
		p.r.set(func(s *authenticator.Settings) {
			for i := range templates {
				s.Templates = append(s.Templates, authenticator.Template{ID: append(make([]byte, 15), byte(i)), Name: strings.Repeat("n", model.Bio.MaxName)})
			}
		})
		raw, err := ctap.EncodeRequest(p.enrolling(ctap.EnumerateEnrollments, noBioParams))
		require.NoError(t, err)
		answer, err := p.r.Exchange(t.Context(), raw)
		require.NoError(t, err)
		assert.LessOrEqual(t, len(answer), model.MaxMsgSize)
		assert.Greater(t, len(answer)+2*templates, model.MaxMsgSize, "names one byte longer are too long, with their heads")
	}
	for _, huge := range []authenticator.BioFeatures{{Templates: 1 << 30, MaxName: 1}, {Templates: 1, MaxName: 1 << 30}} {
		model := authenticator.BioKey()
		model.Bio.Templates, model.Bio.MaxName = huge.Templates, huge.MaxName
		assert.ErrorContains(t, model.Check(), "cannot be listed")
	}
}

package authenticator

import (
	"bytes"
	"context"
	"slices"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/canon"
)

var templateSteps = []step[*bioEnrollment]{
	{"1", (*bioEnrollment).requireParam},
	{"2", (*bioEnrollment).requireModality},
	{"2 (modality)", (*bioEnrollment).checkModality},
	{"3", (*bioEnrollment).checkProtocol},
	{"4 and 5", (*bioEnrollment).verifyUser},
	{"6", (*bioEnrollment).tellTemplates},
}

// The length of the name is checked before the token is (CTAP 2.3 §6.7.7).
var renameSteps = []step[*bioEnrollment]{
	{"1", (*bioEnrollment).requireParam},
	{"2", (*bioEnrollment).requireTemplateIDAndName},
	{"2 (modality)", (*bioEnrollment).checkModality},
	{"3", (*bioEnrollment).checkProtocol},
	{"4", (*bioEnrollment).checkName},
	{"5 and 6", (*bioEnrollment).verifyUser},
	{"7", (*bioEnrollment).rename},
}

var removeSteps = []step[*bioEnrollment]{
	{"1", (*bioEnrollment).requireParam},
	{"2", (*bioEnrollment).requireTemplateID},
	{"2 (modality)", (*bioEnrollment).checkModality},
	{"3", (*bioEnrollment).checkProtocol},
	{"4 and 5", (*bioEnrollment).verifyUser},
	{"6", (*bioEnrollment).remove},
}

// tellTemplates gives a fingerprint without a name the empty one: the text makes
// the member optional, but clients rely on it.
func (op *bioEnrollment) tellTemplates(context.Context) error {
	if len(op.settings.Templates) == 0 {
		return ctap.Errorf(ctap.InvalidOption, "no fingerprint is enrolled")
	}
	for _, t := range op.settings.Templates {
		op.resp.TemplateInfos = append(op.resp.TemplateInfos, ctap.TemplateInfo{TemplateID: t.ID, TemplateFriendlyName: t.Name})
	}
	return nil
}

// listFits reports whether the longest answer of enumerateEnrollments, which comes
// in one piece, has room in a message.
func (b *BioFeatures) listFits(maxMsgSize int) bool {
	if b.Templates > maxMsgSize || b.MaxName > maxMsgSize {
		return false
	}
	head := func(n int) int { return len(canon.AppendArray(nil, n)) }
	const mapAndKey = 2
	info := mapAndKey + head(templateIDSize) + templateIDSize + 1 + head(b.MaxName) + b.MaxName
	return 1+mapAndKey+head(b.Templates)+b.Templates*info <= maxMsgSize
}

func (op *bioEnrollment) requireTemplateIDAndName(context.Context) error {
	return op.require(op.templateID(), parameter{"templateFriendlyName (0x02) of subCommandParams", op.params.TemplateFriendlyName != nil})
}

func (op *bioEnrollment) checkName(context.Context) error {
	if n, limit := len(*op.params.TemplateFriendlyName), op.a.model.Bio.MaxName; n > limit {
		return ctap.Errorf(ctap.InvalidLength, "templateFriendlyName of %d bytes, at most %d are kept", n, limit)
	}
	return nil
}

// find returns where the fingerprint is that the request names. One that is still
// being enrolled is not there yet.
func (op *bioEnrollment) find() (int, error) {
	i := slices.IndexFunc(op.settings.Templates, func(t Template) bool { return bytes.Equal(t.ID, op.params.TemplateID) })
	if i < 0 {
		return i, ctap.Errorf(ctap.InvalidOption, "no fingerprint has templateId %x", op.params.TemplateID)
	}
	return i, nil
}

func (op *bioEnrollment) rename(ctx context.Context) error {
	i, err := op.find()
	if err != nil {
		return err
	}
	renamed := slices.Clone(op.settings.Templates)
	renamed[i].Name = *op.params.TemplateFriendlyName
	return op.replaceTemplates(ctx, renamed)
}

// remove of the last fingerprint makes the options uv and bioEnroll false.
func (op *bioEnrollment) remove(ctx context.Context) error {
	i, err := op.find()
	if err != nil {
		return err
	}
	return op.replaceTemplates(ctx, slices.Delete(slices.Clone(op.settings.Templates), i, i+1))
}

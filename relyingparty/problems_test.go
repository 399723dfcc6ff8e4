package relyingparty

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// Whatever models are refused for, the log and the visitor are told.
func TestModelRefusalsHaveWords(t *testing.T) {
	t.Parallel()
	for _, reason := range []ceremony.Reason{
		ceremony.ReasonUnattested, ceremony.ReasonModelUnknown, ceremony.ReasonModelUntrusted, ceremony.ReasonModelMismatch, ceremony.ReasonModelStatus,
		ceremony.ReasonModelSoftware, ceremony.ReasonModelDenied, ceremony.ReasonMetadata,
	} {
		assert.NotEmpty(t, reason.Explain(), reason)
		assert.NotEmpty(t, hints[reason], reason)
		assert.Equal(t, reason.Explain(), failBecause(problemEnrollment, &ceremony.Refusal{Reason: reason}).details().Message)
	}
	detailed := &ceremony.Refusal{Reason: ceremony.ReasonModelStatus, Detail: "It is REVOKED."}
	assert.Equal(t, "It is REVOKED.", failBecause(problemEnrollment, detailed).details().Message)
	assert.ErrorContains(t, detailed, "It is REVOKED.")
}

func TestEveryHintIsForAReason(t *testing.T) {
	t.Parallel()
	for reason := range hints {
		assert.NotEmpty(t, reason.Explain(), reason)
	}
}

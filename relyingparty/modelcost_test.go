package relyingparty

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Without rules, models cost a ceremony nothing.
func TestModelsCostNothingWhenNobodyAsks(t *testing.T) {
	b := newBench(t)
	known := &Credential{AAGUID: make([]byte, 16)}
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		check, err := b.ceremonies.modelCheck(nil)
		if err != nil || check.provider() != nil || check.admit(nil) != nil || b.ceremonies.checkLogin(nil, known) != nil {
			t.Fatal("something is asked")
		}
	}))
}

// Whatever models are refused for, the log and the visitor are told.
func TestModelRefusalsHaveWords(t *testing.T) {
	t.Parallel()
	for _, reason := range []Reason{
		ReasonUnattested, ReasonModelUnknown, ReasonModelUntrusted, ReasonModelMismatch, ReasonModelStatus,
		ReasonModelSoftware, ReasonModelDenied, ReasonMetadata,
	} {
		assert.NotEmpty(t, reason.Explain(), reason)
		assert.NotEmpty(t, hints[reason], reason)
		assert.Equal(t, reason.Explain(), failBecause(problemEnrollment, refuse(reason, nil)).details().Message)
	}
	detailed := refuseModel(ReasonModelStatus, nil, "It is %s.", "REVOKED")
	assert.Equal(t, "It is REVOKED.", failBecause(problemEnrollment, detailed).details().Message)
	assert.ErrorContains(t, detailed, "It is REVOKED.")
}

package testdata_test

import (
	"encoding/base64"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/testdata"
)

// The prf extension's input and output in JSON (WebAuthn L3 §10.1.4).
type (
	prfValues struct{ First, Second string }
	prfInput  struct {
		PRF struct {
			Eval             *prfValues
			EvalByCredential map[string]prfValues
		}
	}
	prfOutput struct {
		PRF struct {
			Enabled *bool
			Results *prfValues
		}
	}
)

func prfExamples(t *testing.T) []testdata.PRFExample {
	t.Helper()
	all, err := testdata.PRFExamples()
	require.NoError(t, err)
	require.Len(t, all, 4)
	return all
}

// Each answer keeps the rules that its example is there to show.
func TestPRFExamples(t *testing.T) {
	t.Parallel()
	for _, e := range prfExamples(t) {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			var in prfInput
			require.NoError(t, json.Unmarshal(e.Input, &in))
			for _, answer := range e.Create {
				out := requirePRFAnswer(t, in.PRF.Eval, answer)
				assert.NotNil(t, out.PRF.Enabled, "create() always tells")
			}
			for _, answer := range e.Get {
				assert.Nil(t, requirePRFAnswer(t, in.PRF.Eval, answer).PRF.Enabled, "get() never tells")
			}
			for _, answer := range e.GetNamed {
				input, ok := in.PRF.EvalByCredential[e.Credential]
				require.True(t, ok)
				assert.Nil(t, requirePRFAnswer(t, &input, answer).PRF.Enabled)
			}
		})
	}
}

// requirePRFAnswer checks that results fit the input that was chosen.
func requirePRFAnswer(t *testing.T, input *prfValues, answer json.RawMessage) prfOutput {
	t.Helper()
	var out prfOutput
	require.NoError(t, json.Unmarshal(answer, &out))
	if out.PRF.Results == nil {
		return out
	}
	require.NotNil(t, input, "results need an input")
	assert.NotEmpty(t, out.PRF.Results.First)
	assert.Equal(t, input.Second != "", out.PRF.Results.Second != "", "as many results as inputs")
	if input.First == input.Second {
		assert.Equal(t, out.PRF.Results.First, out.PRF.Results.Second)
	}
	return out
}

// The credential and the result that examples name are derived.
func TestPRFExamplesAreDerived(t *testing.T) {
	t.Parallel()
	credential, result := base64.RawURLEncoding.EncodeToString(prfRandom(0)), base64.RawURLEncoding.EncodeToString(prfRandom(1))
	for _, e := range prfExamples(t) {
		if e.Credential != "" {
			assert.Equal(t, credential, e.Credential, e.Name)
		}
		if e.Name == "equal-inputs" {
			assert.JSONEq(t, `{"prf":{"results":{"first":"`+result+`","second":"`+result+`"}}}`, string(e.GetNamed[0]))
		}
	}
}

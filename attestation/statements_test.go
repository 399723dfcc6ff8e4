package attestation_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/webauthn"
)

func TestStatementsAreWhole(t *testing.T) {
	t.Parallel()
	for _, k := range kinds(t) {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			about := subject(t)
			assert.Empty(t, failures(t, k, about))
			assert.Equal(t, object(t, k.attester, about), object(t, k.attester, about), "the same again")
		})
	}
}

// A defect is found by the step that it names, and by no other.
func TestDefectsHaveOneEffect(t *testing.T) {
	t.Parallel()
	for _, d := range attestation.Defects() {
		t.Run(d.ID, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, []string{d.Spec}, failures(t, broken(t, d), subject(t)))
		})
	}
}

// Breaking an attester leaves it as it was.
func TestBreakingIsOfACopy(t *testing.T) {
	t.Parallel()
	about := subject(t)
	all := kinds(t)
	before := make([][]byte, len(all))
	for i, k := range all {
		before[i] = object(t, k.attester, about)
	}
	for _, d := range attestation.Defects() {
		for i, k := range all {
			if a, err := d.Break(k.attester); err == nil {
				assert.NotEqual(t, before[i], object(t, a, about), "%s of %s changes nothing", d.ID, k.name)
			}
		}
	}
	for i, k := range all {
		assert.Equal(t, before[i], object(t, k.attester, about), k.name)
	}
}

func TestDefectsAreNamed(t *testing.T) {
	t.Parallel()
	all := attestation.Defects()
	assert.True(t, slices.IsSortedFunc(all, func(a, b attestation.Defect) int { return strings.Compare(a.ID, b.ID) }))
	seen, count := map[string]bool{}, map[string]int{}
	for _, d := range all {
		assert.False(t, seen[d.ID], d.ID)
		seen[d.ID] = true
		count[d.Format]++
		assert.Regexp(t, `^`+d.Format+`/[a-zA-Z0-9-]+$`, d.ID)
		assert.Regexp(t, `^WebAuthn L3 §`, d.Spec, d.ID)
		assert.Regexp(t, `^[^ ].*\.$`, d.Doc, d.ID)
		assert.NotContains(t, d.Doc, ". ", "%s: one sentence", d.ID)
	}
	for format, least := range map[string]int{
		webauthn.FormatPacked: 25, webauthn.FormatFIDOU2F: 8, webauthn.FormatNone: 3, webauthn.FormatCompound: 5,
		webauthn.FormatApple: 8, webauthn.FormatAndroidKey: 15, webauthn.FormatAndroidSafetyNet: 12,
		webauthn.FormatTPM: 60,
	} {
		assert.GreaterOrEqual(t, count[format], least, format)
	}
}

func TestDefectsOfOtherFormats(t *testing.T) {
	t.Parallel()
	for _, d := range attestation.Defects() {
		if d.Format == webauthn.FormatPacked {
			_, err := d.Break(attestation.None())
			require.ErrorContains(t, err, d.ID)
			require.ErrorContains(t, err, webauthn.FormatNone)
		}
	}
}

// Samples are each of another way of attesting, and the usual ones come first.
func TestSamplesDiffer(t *testing.T) {
	t.Parallel()
	about := subject(t)
	seen := map[string]string{}
	for i, k := range kinds(t) {
		made := string(object(t, k.attester, about))
		assert.Empty(t, seen[made], "%s is the same", k.name)
		seen[made] = k.name
		if formats := makers().Formats(); i < len(formats) {
			assert.Equal(t, formats[i], k.name)
		}
	}
}

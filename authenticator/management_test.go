package authenticator_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
)

// The tests of this file are about all four commands by which a device is
// managed: credentials, fingers, large blobs and configuration.

// manageable is a platform with every permission to manage, for a key that learns a finger
// by one touch.
func manageable(t testing.TB, store authenticator.Store, seams ...authenticator.Seams) *platform {
	t.Helper()
	model := authenticator.BioKey()
	model.Bio.Samples, model.Config.Vendor = 1, []uint64{7}
	p := newRigOn(t, model, store, seams...).withPIN().granted(mc, "example.com")
	p.r.create(p.creating)
	return p.granted(cm|be|lbw|acfg, "")
}

// A store that fails fails the command, whatever the step, and the command works
// afterwards.
func TestManagementOnAFailingStore(t *testing.T) {
	t.Parallel()
	store := &failingStore{Store: authenticator.NewMemoryStore()}
	p := manageable(t, store)
	id := p.manage(ctap.EnumerateCredentialsBegin, ofRP("example.com")).CredentialID.ID
	finger := p.finger()
	array := blobArray([]byte("\x81 stored at last"))
	for _, use := range []struct {
		name string
		req  ctap.Request
	}{
		{"getCredsMetadata", p.managing(ctap.GetCredsMetadata, noParams)},
		{"enumerateRPsBegin", p.managing(ctap.EnumerateRPsBegin, noParams)},
		{"enumerateCredentialsBegin", p.managing(ctap.EnumerateCredentialsBegin, ofRP("example.com"))},
		{"updateUserInformation", p.managing(ctap.UpdateUserInformation, ofUser(id, ctap.UserEntity{ID: []byte("handle-alice")}))},
		{"deleteCredential", p.managing(ctap.DeleteCredential, ofCredential(id))},
		{"toggleAlwaysUv", p.configuring(ctap.ToggleAlwaysUv, nil)},
		{"enableLongTouchForReset", p.configuring(ctap.EnableLongTouchForReset, nil)},
		{"setMinPINLength", p.configuring(ctap.SetMinPINLength, length(6))},
		{"vendorPrototype", p.configuring(ctap.VendorPrototype, ctap.VendorPrototypeParams{VendorCommandID: ptr(uint64(7))})},
		{"reading large blobs", reading(17, 0)},
		{"writing large blobs", p.writing(array, 0, len(array))},
		{"enrollBegin", p.enrolling(ctap.EnrollBegin, noBioParams)},
		{"enumerateEnrollments", p.enrolling(ctap.EnumerateEnrollments, noBioParams)},
		{"setFriendlyName", p.enrolling(ctap.SetFriendlyName, named(finger, "thumb"))},
		{"removeEnrollment", p.enrolling(ctap.RemoveEnrollment, ofTemplate(finger))},
	} {
		for n := 0; ; n++ {
			store.failAt(n, errors.New("anything"))
			status := p.r.status(use.req)
			if !store.failed() {
				assert.Equal(t, ctap.OK, status, use.name)
				assert.Positive(t, n, "%s uses the store", use.name)
				break
			}
			assert.Equal(t, ctap.Other, status, "%s, use %d of the store", use.name, n)
		}
	}
	assert.Equal(t, array, p.r.blobs(maxFragment))
}

// What has nothing to tell answers with its status alone.
func TestManagementWithoutData(t *testing.T) {
	t.Parallel()
	p := manageable(t, authenticator.NewMemoryStore())
	id := p.manage(ctap.EnumerateCredentialsBegin, ofRP("example.com")).CredentialID.ID
	finger := p.finger()
	array := blobArray([]byte("\x81 in one piece"))
	for _, req := range []ctap.Request{
		p.managing(ctap.UpdateUserInformation, ofUser(id, ctap.UserEntity{ID: []byte("handle-alice")})),
		p.managing(ctap.DeleteCredential, ofCredential(id)),
		p.configuring(ctap.SetMinPINLength, nil),
		p.writing(array, 0, 1), p.writing(array, 0, len(array)),
		p.enrolling(ctap.SetFriendlyName, named(finger, "thumb")),
		p.enrolling(ctap.RemoveEnrollment, ofTemplate(finger)),
		p.enrolling(ctap.CancelCurrentEnrollment, noBioParams),
	} {
		resp, err := p.r.Do(t.Context(), req)
		require.NoError(t, err)
		assert.Equal(t, new(ctap.Empty), resp, "%T", req)
	}
}

// Another fragment is not enough for an array that could not be stored.
func TestFailedBlobWriteIsOver(t *testing.T) {
	t.Parallel()
	store := &failingStore{Store: authenticator.NewMemoryStore()}
	p := manageable(t, store)
	array := blobArray([]byte("\x81 never stored"))
	require.Equal(t, ctap.OK, p.write(array, 0, 5))
	store.failAt(1, authenticator.ErrStoreFull)
	assert.Equal(t, ctap.KeyStoreFull, p.write(array, 5, len(array)))
	assert.Equal(t, ctap.InvalidSeq, p.write(array, 5, len(array)))
}

// The last sample can be given again if the template could not be stored.
func TestFailedTemplateCanBeTriedAgain(t *testing.T) {
	t.Parallel()
	store := &failingStore{Store: authenticator.NewMemoryStore()}
	model := authenticator.BioKey()
	model.Bio.Samples = 2
	p := newRigOn(t, model, store).withPIN().granted(be, "")
	begun := p.enrol(ctap.EnrollBegin, noBioParams)
	store.failAt(1, authenticator.ErrStoreFull)
	assert.Equal(t, ctap.KeyStoreFull, p.enrolStatus(ctap.EnrollCaptureNextSample, ofTemplate(begun.TemplateID)))
	assert.Zero(t, *p.enrol(ctap.EnrollCaptureNextSample, ofTemplate(begun.TemplateID)).RemainingSamples)
}

// The error names the step of the subcommand too.
func TestManagementErrorsNameTheStep(t *testing.T) {
	t.Parallel()
	p := &platform{r: newRig(t, pinKey())}
	for want, req := range map[string]ctap.Request{
		"CTAP 2.3 §6.8.2 step 1: CTAP2_ERR_PUAT_REQUIRED":                                         &ctap.CredentialManagementRequest{SubCommand: ctap.GetCredsMetadata},
		"CTAP 2.3 §6.10.2 step 4: CTAP 2.3 §6.10.2 step 4.4 and 4.5: CTAP1_ERR_INVALID_PARAMETER": reading(1, 18),
		"CTAP 2.3 §6.11 step 5 and 6: CTAP 2.3 §6.11.4 step 4: CTAP2_ERR_PIN_NOT_SET":             p.configuring(ctap.SetMinPINLength, minPIN{ForceChangePIN: ptr(true)}),
		"subCommand 0x09 of authenticatorCredentialManagement is not supported":                   &ctap.CredentialManagementRequest{SubCommand: 9},
	} {
		_, err := p.r.Do(t.Context(), req)
		assert.ErrorContains(t, err, want)
	}
}

// Whenever the power goes while a device is configured and its blobs are written,
// each is as before or as after, and what was acknowledged is kept.
func TestPowerCutAtEveryWriteOfManagement(t *testing.T) {
	t.Parallel()
	before, after := blobArray([]byte("\x81 the array before")), blobArray([]byte("\x81 the array after it"))
	policy := minPIN{NewMinPINLength: ptr(uint64(8)), MinPINLengthRPIDs: []string{"a.test"}, PINComplexityPolicy: ptr(true)}
	for halves := range 3 {
		for n := 0; ; n++ {
			disk := authenticator.NewPowerDisk(halves)
			store, err := disk.OpenStore()
			require.NoError(t, err)
			p := &platform{r: newRigOn(t, pinKey(), store)}
			require.Equal(t, ctap.OK, p.write(before, 0, len(before)))

			disk.CutAt(n)
			configured := p.configure(ctap.SetMinPINLength, policy, openConfig)
			begun := p.write(after, 0, 10)
			written := p.write(after, 10, len(after))
			cut := disk.Restore()

			store, err = disk.OpenStore()
			require.NoError(t, err)
			r := newRigOn(t, pinKey(), store)
			assert.Equal(t, ctap.OK, begun, "a part is not stored")
			settings := r.settings()
			if configured == ctap.OK || settings.MinPINLength != 0 {
				want := authenticator.Settings{MinPINLength: 8, MinPINRPIDs: []string{"a.test"}, PINComplexity: true}
				assert.Equal(t, want, settings, "cut at write %d", n)
			} else {
				assert.Equal(t, authenticator.Settings{}, settings, "cut at write %d", n)
			}
			array := r.blobs(maxFragment)
			if written == ctap.OK || string(array) != string(before) {
				assert.Equal(t, after, array, "cut at write %d", n)
			}
			if !cut {
				assert.Equal(t, []ctap.Status{ctap.OK, ctap.OK}, []ctap.Status{configured, written})
				assert.Greater(t, n, 3, "both write")
				break
			}
		}
	}
}

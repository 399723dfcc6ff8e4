package authenticator_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
	"github.com/passkeylab/passkeylab/internal/canon"
)

// authorised encodes a subcommand of a command with whatever parameters, and a
// pinUvAuthParam that is right for them. The error is for parameters that are no
// CBOR at all.
func (p *platform) authorised(command ctap.Command, sub ctap.SubCommand, params []byte) ([]byte, error) {
	var message []byte
	members := map[uint64]any{}
	first := uint64(1) // the member subCommand, behind which the others come
	switch command {
	case ctap.CommandBioEnrollment:
		message = pinuv.BioEnrollmentMessage(ctap.ModalityFingerprint, sub, params)
		members[1], first = ctap.ModalityFingerprint, 2
	case ctap.CommandConfig:
		message = pinuv.ConfigMessage(sub, params)
	default:
		message = pinuv.CredentialManagementMessage(sub, params)
	}
	members[first] = sub
	if len(params) > 0 {
		members[first+1] = canon.Raw(params)
	}
	members[first+2], members[first+3] = uint64(p.protocol), p.sign(message)
	raw, err := canon.Marshal(members)
	return append([]byte{byte(command)}, raw...), err
}

// scripted is a step of a script for FuzzSubcommands.
func scripted(t testing.TB, command ctap.Command, sub ctap.SubCommand, params any) []byte {
	t.Helper()
	var raw []byte
	if params != nil {
		var err error
		raw, err = canon.Marshal(params)
		require.NoError(t, err)
	}
	return append([]byte{byte(command), byte(sub), byte(len(raw))}, raw...)
}

// managementSteps are what FuzzSubcommands starts from: each subcommand, as far as
// parameters can be right before a device has spoken.
func managementSteps(t testing.TB) []managementStep {
	t.Helper()
	const bio, credentials, config = ctap.CommandBioEnrollment, ctap.CommandCredentialManagement, ctap.CommandConfig
	user := ctap.UserEntity{ID: []byte("handle-alice"), Name: "al"}
	return []managementStep{
		{"enrollBegin", scripted(t, bio, ctap.EnrollBegin, ctap.BioEnrollmentParams{TimeoutMilliseconds: ptr(uint64(1))})},
		{"enrollCaptureNextSample", scripted(t, bio, ctap.EnrollCaptureNextSample, ofTemplate([]byte{1}))},
		{"cancelCurrentEnrollment", scripted(t, bio, ctap.CancelCurrentEnrollment, nil)},
		{"enumerateEnrollments", scripted(t, bio, ctap.EnumerateEnrollments, nil)},
		{"setFriendlyName", scripted(t, bio, ctap.SetFriendlyName, named([]byte{1}, "thumb"))},
		{"removeEnrollment", scripted(t, bio, ctap.RemoveEnrollment, ofTemplate([]byte{1}))},
		{"getFingerprintSensorInfo", scripted(t, bio, ctap.GetFingerprintSensorInfo, nil)},
		{"getCredsMetadata", scripted(t, credentials, ctap.GetCredsMetadata, nil)},
		{"enumerateRPsBegin", scripted(t, credentials, ctap.EnumerateRPsBegin, nil)},
		{"enumerateRPsGetNextRP", scripted(t, credentials, ctap.EnumerateRPsGetNextRP, nil)},
		{"enumerateCredentialsBegin", scripted(t, credentials, ctap.EnumerateCredentialsBegin, ofRP("example.com"))},
		{"enumerateCredentialsGetNextCredential", scripted(t, credentials, ctap.EnumerateCredentialsGetNextCredential, nil)},
		{"updateUserInformation", scripted(t, credentials, ctap.UpdateUserInformation, ofUser([]byte{1}, user))},
		{"deleteCredential", scripted(t, credentials, ctap.DeleteCredential, ofCredential([]byte{1}))},
		{"enableEnterpriseAttestation", scripted(t, config, ctap.EnableEnterpriseAttestation, nil)},
		{"toggleAlwaysUv", scripted(t, config, ctap.ToggleAlwaysUv, nil)},
		{"enableLongTouchForReset", scripted(t, config, ctap.EnableLongTouchForReset, nil)},
		{"vendorPrototype", scripted(t, config, ctap.VendorPrototype, ctap.VendorPrototypeParams{VendorCommandID: ptr(uint64(7))})},
		{"setMinPINLength", scripted(t, config, ctap.SetMinPINLength, minPIN{NewMinPINLength: ptr(uint64(5)), MinPINLengthRPIDs: []string{"a.test"}})},
		{"setMinPINLength-forceChangePin", scripted(t, config, ctap.SetMinPINLength, minPIN{ForceChangePIN: ptr(true)})},
	}
}

type managementStep struct {
	name   string
	script []byte
}

// Whoever has a token can send any parameters in any order: all are answered, and
// the device works afterwards.
func FuzzSubcommands(f *testing.F) {
	f.Fuzz(func(t *testing.T, script []byte) {
		p := manageable(t, authenticator.NewMemoryStore(), loud(t))
		for steps := 0; len(script) >= 3 && steps < 50; steps++ {
			command, sub, size := ctap.Command(script[0]), ctap.SubCommand(script[1]), min(int(script[2]), len(script)-3)
			switch command {
			case ctap.CommandBioEnrollment, ctap.CommandCredentialManagement, ctap.CommandConfig:
				if raw, err := p.authorised(command, sub, script[3:3+size]); err == nil {
					answered(t, p.r, raw)
				}
			}
			script = script[3+size:]
		}
		p.r.PowerCycle()
		require.Equal(t, ctap.OK, p.r.status(&ctap.GetInfoRequest{}))
	})
}

// loud makes a device's panics those of the test.
func loud(t *testing.T) authenticator.Seams {
	return authenticator.Seams{Refused: func(_ ctap.Request, err error) {
		var caught *authenticator.PanicError
		require.NotErrorAs(t, err, &caught)
	}}
}

package ctap_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap"
)

func params[T any](t *testing.T, value T) *ctap.Params[T] {
	t.Helper()
	p, err := ctap.NewParams(value)
	require.NoError(t, err)
	return p
}

func TestRequestsWithSubcommandsSurviveTheWire(t *testing.T) {
	t.Parallel()
	one, name, rpID := uint64(1), "left thumb", "example.com"
	permissions := ctap.PermissionMakeCredential | ctap.PermissionLargeBlobWrite
	config := &ctap.ConfigRequest{SubCommand: ctap.SetMinPINLength, PinUvAuthProtocol: &one, PinUvAuthParam: []byte{4}}
	require.NoError(t, config.SetParams(ctap.SetMinPINLengthParams{NewMinPINLength: &one, MinPINLengthRPIDs: []string{rpID}}))
	for _, req := range []ctap.Request{
		&ctap.ClientPINRequest{
			PinUvAuthProtocol: &one, SubCommand: ctap.ChangePIN,
			KeyAgreement:   &ctap.KeyAgreement{KeyType: 2, Algorithm: -25, Curve: 1, X: []byte{1}, Y: []byte{2}},
			PinUvAuthParam: []byte{1}, NewPINEnc: []byte{2}, PINHashEnc: []byte{3}, Permissions: &permissions, RPID: &rpID,
		},
		&ctap.BioEnrollmentRequest{
			Modality: &one, SubCommand: ctap.SetFriendlyName, PinUvAuthProtocol: &one, PinUvAuthParam: []byte{4},
			SubCommandParams: params(t, ctap.BioEnrollmentParams{TemplateID: []byte{9}, TemplateFriendlyName: &name}),
		},
		&ctap.BioEnrollmentRequest{SubCommand: ctap.EnrollBegin, Preview: true},
		&ctap.CredentialManagementRequest{
			SubCommand: ctap.UpdateUserInformation, PinUvAuthProtocol: &one, PinUvAuthParam: []byte{4},
			SubCommandParams: params(t, ctap.CredentialManagementParams{
				CredentialID: &ctap.Descriptor{ID: []byte{1}, Type: ctap.PublicKey}, User: &ctap.UserEntity{ID: []byte{7}},
			}),
		},
		&ctap.CredentialManagementRequest{SubCommand: ctap.GetCredsMetadata, Preview: true},
		&ctap.LargeBlobsRequest{Set: []byte{1}, Offset: &one, Length: &one, PinUvAuthParam: []byte{2}, PinUvAuthProtocol: &one},
		config,
	} {
		t.Run(req.Command().String(), func(t *testing.T) {
			t.Parallel()
			raw, err := ctap.EncodeRequest(req)
			require.NoError(t, err)
			back, err := ctap.DecodeRequest(raw)
			require.NoError(t, err)
			assert.Equal(t, req, back)
		})
	}
}

// The MAC of a subcommand is over the bytes received, unknown members included.
func TestParamsKeepTheirBytes(t *testing.T) {
	t.Parallel()
	req, err := ctap.DecodeRequest(unhex(t, "0a a2 01 04 02 a2 01 4101 1863 f5"))
	require.NoError(t, err)
	got := req.(*ctap.CredentialManagementRequest).SubCommandParams
	assert.Equal(t, unhex(t, "a2 01 4101 1863 f5"), got.Bytes())
	assert.Equal(t, []byte{1}, got.Value.RPIDHash)
	assert.Nil(t, (*ctap.Params[ctap.BioEnrollmentParams])(nil).Bytes())
}

func TestDecodeRequestWithSubcommand(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, hex string
		want      ctap.Status
	}{
		{"getPINRetries", "06 a1 02 01", ctap.OK},
		{"clientPIN without a subcommand", "06 a1 01 01", ctap.MissingParameter},
		{"clientPIN subcommand zero", "06 a1 02 00", ctap.InvalidSubcommand},
		{"clientPIN subcommand of the wrong type", "06 a1 02 6161", ctap.CBORUnexpectedType},
		{"clientPIN key agreement of the wrong type", "06 a2 02 03 03 07", ctap.CBORUnexpectedType},
		{"unknown subcommands are for the device to refuse", "06 a1 02 18ff", ctap.OK},
		{"getModality needs no subcommand", "09 a1 06 f5", ctap.OK},
		{"bioEnrollment without anything", "09 a0", ctap.MissingParameter},
		{"bioEnrollment parameters of the wrong type", "09 a2 02 01 03 80", ctap.CBORUnexpectedType},
		{"the preview of bioEnrollment", "40 a1 06 f5", ctap.OK},
		{"credentialManagement without a subcommand", "0a a0", ctap.MissingParameter},
		{"rpIDHash of the wrong type", "0a a2 01 04 02 a1 01 6161", ctap.CBORUnexpectedType},
		{"credentialID without its type", "0a a2 01 06 02 a1 02 a1 626964 4101", ctap.InvalidCBOR},
		{"the preview of credentialManagement", "41 a1 01 01", ctap.OK},
		{"largeBlobs", "0c a2 01 11 03 00", ctap.OK},
		{"largeBlobs offset of the wrong type", "0c a1 03 20", ctap.CBORUnexpectedType},
		{"authenticatorConfig without a subcommand", "0d a0", ctap.MissingParameter},
		{"setMinPINLength with a text length", "0d a2 01 03 02 a1 01 6161", ctap.CBORUnexpectedType},
		{"toggleAlwaysUv ignores parameters", "0d a2 01 02 02 a1 01 6161", ctap.OK},
		{"vendorPrototype with members of its own", "0d a2 01 18ff 02 a2 01 07 02 6161", ctap.OK},
		{"vendorPrototype with a text ID", "0d a2 01 18ff 02 a1 01 6161", ctap.CBORUnexpectedType},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := ctap.DecodeRequest(unhex(t, c.hex))
			assert.Equal(t, c.want, ctap.StatusOf(err), "%v", err)
		})
	}
}

func TestSuccessWithoutData(t *testing.T) {
	t.Parallel()
	for _, resp := range []any{
		new(ctap.ClientPINResponse), new(ctap.BioEnrollmentResponse), new(ctap.CredentialManagementResponse), new(ctap.LargeBlobsResponse),
	} {
		assert.NoError(t, ctap.DecodeResponse([]byte{0}, resp), "%T", resp)
	}
	assert.Error(t, ctap.DecodeResponse([]byte{0}, new(ctap.GetInfoResponse)))
}

func TestExtensions(t *testing.T) {
	t.Parallel()
	var e ctap.Extensions
	require.NoError(t, e.Set(ctap.ExtensionCredProtect, ctap.UserVerificationRequired))
	var level ctap.CredProtect
	present, err := e.Get(ctap.ExtensionCredProtect, &level)
	require.NoError(t, err)
	assert.True(t, present)
	assert.Equal(t, ctap.UserVerificationRequired, level)

	var text string
	_, err = e.Get(ctap.ExtensionCredProtect, &text)
	assert.ErrorIs(t, err, ctap.CBORUnexpectedType)
	present, err = e.Get(ctap.ExtensionCredBlob, &text)
	require.NoError(t, err)
	assert.False(t, present)
}

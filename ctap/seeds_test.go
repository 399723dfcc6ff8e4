package ctap_test

import (
	"flag"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/ctaptest"
	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/internal/fuzzseed"
)

var rewrite = flag.Bool("seeds", false, "rewrite the seeds of the fuzz targets")

// The fuzz targets start from a message of every command and subcommand, from a
// response of every command, and from every shape of an extension's input.
func TestFuzzSeeds(t *testing.T) {
	t.Parallel()
	for target, seeds := range map[string]fuzzseed.Seeds{
		"FuzzDecodeRequest":   requestSeeds(t),
		"FuzzDecodeResponse":  responseSeeds(),
		"FuzzExtensionInputs": extensionSeeds(t),
	} {
		if *rewrite {
			require.NoError(t, fuzzseed.Write("testdata/fuzz/"+target, seeds))
		}
		require.NoError(t, fuzzseed.Check("testdata/fuzz/"+target, seeds), "go test ./ctap -run TestFuzzSeeds -seeds makes them anew")
	}
}

func requestSeeds(t *testing.T) fuzzseed.Seeds {
	t.Helper()
	seeds := make(fuzzseed.Seeds)
	for name, req := range ctaptest.Requests() {
		raw, err := ctap.EncodeRequest(req)
		require.NoError(t, err)
		seeds[name] = []any{raw}
	}
	return seeds
}

func responseSeeds() fuzzseed.Seeds {
	seeds := make(fuzzseed.Seeds)
	retries, on, sample := uint64(8), true, ctap.SampleGood
	for name, answer := range map[string]struct {
		command  ctap.Command
		response any
	}{
		"makeCredential":   {ctap.CommandMakeCredential, &full.made},
		"getAssertion":     {ctap.CommandGetAssertion, &full.assertion},
		"getNextAssertion": {ctap.CommandGetNextAssertion, &ctap.GetAssertionResponse{AuthData: []byte{1}, Signature: []byte{2}}},
		"getInfo":          {ctap.CommandGetInfo, &full.info},
		"reset":            {ctap.CommandReset, new(ctap.Empty)},
		"clientPIN":        {ctap.CommandClientPIN, &ctap.ClientPINResponse{PINRetries: &retries, PowerCycleState: &on}},
		"bioEnrollment":    {ctap.CommandBioEnrollment, &ctap.BioEnrollmentResponse{TemplateID: []byte{1}, LastEnrollSampleStatus: &sample, RemainingSamples: &retries}},
		"credentialManagement": {ctap.CommandCredentialManagement, &ctap.CredentialManagementResponse{
			RP: &ctap.RPEntity{ID: "example.com"}, RPIDHash: []byte{1}, TotalRPs: &retries, PublicKey: canon.Raw{0xa0},
		}},
		"largeBlobs": {ctap.CommandLargeBlobs, &ctap.LargeBlobsResponse{Config: []byte{0x80}}},
	} {
		seeds[name] = []any{byte(answer.command), ctap.EncodeResponse(answer.response, nil)}
	}
	seeds["refused"] = []any{byte(ctap.CommandGetAssertion), ctap.EncodeResponse(nil, ctap.NoCredentials)}
	return seeds
}

func extensionSeeds(t *testing.T) fuzzseed.Seeds {
	t.Helper()
	two, size, on, text := uint64(2), uint64(9), true, ctap.LargeBlobRequired
	seeds := make(fuzzseed.Seeds)
	for name, input := range map[string]any{
		"hmac-secret": &ctap.HMACSecretInput{
			KeyAgreement: &ctap.KeyAgreement{KeyType: 2, Algorithm: -25, Curve: 1, X: []byte{1}, Y: []byte{2}},
			SaltEnc:      []byte{3}, SaltAuth: []byte{4}, PinUvAuthProtocol: &two,
		},
		"largeBlob-support": &ctap.LargeBlobInput{Support: &text},
		"largeBlob-read":    &ctap.LargeBlobInput{Read: &on},
		"largeBlob-write":   &ctap.LargeBlobInput{Write: []byte{0}, OriginalSize: &size},
	} {
		raw, err := canon.Marshal(input)
		require.NoError(t, err)
		seeds[name] = []any{raw}
	}
	return seeds
}

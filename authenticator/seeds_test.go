package authenticator_test

import (
	"bytes"
	"flag"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/ctaptest"
	"github.com/passkeylab/passkeylab/ctap/u2f"
	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/internal/fuzzseed"
)

var rewrite = flag.Bool("seeds", false, "rewrite the seeds of the fuzz targets")

// The fuzz targets start from what a platform says: a message of every command
// and subcommand, lives of a device, and the input of every extension.
func TestFuzzSeeds(t *testing.T) {
	t.Parallel()
	for target, seeds := range map[string]fuzzseed.Seeds{
		"FuzzExchange":        exchangeSeeds(t),
		"FuzzSequence":        sequenceSeeds(t),
		"FuzzSubcommands":     subcommandSeeds(t),
		"FuzzExchangeAPDU":    apduSeeds(t),
		"FuzzExtensionInputs": extensionSeeds(t),
		"FuzzFileStore":       fileSeeds(t),
		"FuzzLargeBlobs": {
			"empty-array": {[]byte{0x80}, []byte{1}}, "fragments-of-any-size": {[]byte("\x81 some blob"), []byte{3, 0, 200}},
			"several-messages": {bytes.Repeat([]byte("blob"), 500), []byte{255, 255}},
		},
	} {
		if *rewrite {
			require.NoError(t, fuzzseed.Write("testdata/fuzz/"+target, seeds))
		}
		require.NoError(t, fuzzseed.Check("testdata/fuzz/"+target, seeds), "go test ./authenticator -run TestFuzzSeeds -seeds makes them anew")
	}
}

func encoded(t testing.TB, req ctap.Request) []byte {
	t.Helper()
	raw, err := ctap.EncodeRequest(req)
	require.NoError(t, err)
	return raw
}

func exchangeSeeds(t *testing.T) fuzzseed.Seeds {
	t.Helper()
	seeds := make(fuzzseed.Seeds)
	for name, req := range ctaptest.Requests() {
		seeds[name] = []any{encoded(t, req)}
	}
	return seeds
}

// sequenceSeeds are scripts for FuzzSequence: lives of a device.
func sequenceSeeds(t *testing.T) fuzzseed.Seeds {
	t.Helper()
	says := func(reqs ...ctap.Request) (script []byte) {
		for _, req := range reqs {
			raw := encoded(t, req)
			script = append(append(script, byte(len(raw)>>8), byte(len(raw))), raw...)
		}
		return script
	}
	life := func(parts ...[]byte) []any { return []any{bytes.Join(parts, nil)} }
	declines, wrongFinger, powerCycle := []byte{0xff, 1}, []byte{0xfe, 1}, []byte{0xfd, 0}
	all, next := ctaptest.Requests(), &ctap.GetNextAssertionRequest{}
	anyone := creation(func(req *ctap.MakeCredentialRequest) { req.Options.UV = nil })
	another := creation(forUser("bob"), func(req *ctap.MakeCredentialRequest) { req.Options.UV = nil })
	return fuzzseed.Seeds{
		"ceremonies":           life(says(anyone, another, signIn(touchOnly), next, next)),
		"the-user-declines":    life(declines, says(anyone), wrongFinger, says(signIn()), powerCycle, says(signIn())),
		"power-between":        life(says(anyone), powerCycle, says(signIn(touchOnly)), powerCycle, says(next)),
		"reset":                life(says(anyone, &ctap.ResetRequest{}, signIn(touchOnly))),
		"full":                 life(says(anyone, another, creation(forUser("carol")), creation(forUser("dave")))),
		"key-agreement":        life(says(all["clientPIN-getKeyAgreement"], all["clientPIN-setPIN"], all["clientPIN-getPINRetries"])),
		"large-blobs":          life(says(all["largeBlobs-set"], all["largeBlobs-get"])),
		"fingers":              life(says(all["bioEnrollment-enrollBegin"], all["bioEnrollment-enrollCaptureNextSample"], all["bioEnrollment-cancelCurrentEnrollment"])),
		"management":           life(says(anyone, all["credentialManagement-enumerateRPsBegin"], all["credentialManagement-enumerateRPsGetNextRP"])),
		"configuration":        life(says(all["config-toggleAlwaysUv"], anyone, all["config-setMinPINLength"])),
		"silence-and-a-choice": life(says(another, signIn(silent), &ctap.SelectionRequest{}, &ctap.GetInfoRequest{})),
	}
}

func subcommandSeeds(t *testing.T) fuzzseed.Seeds {
	t.Helper()
	var all []byte
	seeds := make(fuzzseed.Seeds)
	for _, step := range managementSteps(t) {
		seeds[step.name] = []any{step.script}
		all = append(all, step.script...)
	}
	seeds["all-of-them"] = []any{all}
	return seeds
}

func apduSeeds(t *testing.T) fuzzseed.Seeds {
	t.Helper()
	seeds := fuzzseed.Seeds{"version-short": {[]byte{0, 3, 0, 0}}}
	for name, req := range map[string]u2f.Request{
		"version": &u2f.VersionRequest{}, "register": &u2f.RegisterRequest{Challenge: challenge, Application: ourApp},
		"authenticate-check-only": using(u2f.CheckOnly, []byte("handle")), "authenticate-enforce": using(u2f.EnforcePresence, nil),
		"authenticate-do-not-enforce": using(u2f.DontEnforce, []byte("handle")),
	} {
		command, err := u2f.EncodeRequest(req)
		require.NoError(t, err)
		seeds[name] = []any{command}
	}
	return seeds
}

func extensionSeeds(t *testing.T) fuzzseed.Seeds {
	t.Helper()
	seeds := make(fuzzseed.Seeds)
	agreement := ctaptest.Requests()["clientPIN-setPIN"].(*ctap.ClientPINRequest).KeyAgreement
	for name, input := range map[string]any{
		"wanted": true, "credProtect": 3, "credBlob": []byte("blob"),
		"largeBlob-support": members{"support": "preferred"}, "largeBlob-read": members{"read": true},
		"largeBlob-write": members{"write": []byte{0}, "originalSize": 1},
		"hmac-secret":     &ctap.HMACSecretInput{KeyAgreement: agreement, SaltEnc: make([]byte, 48), SaltAuth: make([]byte, 32), PinUvAuthProtocol: ptr(uint64(2))},
	} {
		raw, err := canon.Marshal(input)
		require.NoError(t, err)
		seeds[name] = []any{raw}
	}
	return seeds
}

func fileSeeds(t *testing.T) fuzzseed.Seeds {
	t.Helper()
	whole, ends := storeFile(t, 2)
	return fuzzseed.Seeds{
		"nothing": {[]byte{}}, "header": {[]byte(header)}, "new": {whole[:ends[0]]}, "two-records": {whole},
		"cut-in-a-record": {whole[:ends[1]+9]}, "zeros-behind": {append(bytes.Clone(whole), 0, 0, 0)},
		"endless-record": {append([]byte(header), 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0)},
	}
}

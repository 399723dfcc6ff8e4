package profile_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/profile"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/webauthn"
)

// device is a new device of a profile.
func device(t *testing.T, p profile.Profile) *authenticator.Authenticator {
	t.Helper()
	model, err := p.Model()
	require.NoError(t, err)
	a, err := authenticator.New(model, authenticator.Env{
		Store: authenticator.NewMemoryStore(), User: new(authenticator.ScriptedUser),
		Clock: authenticator.NewManualClock(webauthnEpoch), Random: seed.Stream(seed.Named(t.Name()), p.ID),
	})
	require.NoError(t, err)
	return a
}

// getInfo is what the device says, read without any code of ours; nil where it does
// not know the command.
func getInfo(t *testing.T, p profile.Profile) map[int]any {
	t.Helper()
	answer, err := device(t, p).Exchange(t.Context(), []byte{byte(ctap.CommandGetInfo)})
	require.NoError(t, err)
	if ctap.Status(answer[0]) == ctap.InvalidCommand {
		return nil
	}
	require.Zero(t, answer[0])
	var info map[int]any
	require.NoError(t, cbor.Unmarshal(answer[1:], &info))
	return info
}

// shown is each member of getInfo by the name of its fact, in the words of facts.
var shown = map[string]func(map[int]any) string{
	"info.versions":   members(0x01),
	"extensions":      members(0x02),
	"aaguid":          aaguidOf,
	"info.aaguid":     aaguidOf,
	"transports":      members(0x09),
	"info.transports": members(0x09),
	"algorithms": func(info map[int]any) string {
		var names []string
		for _, element := range info[0x0A].([]any) {
			alg := element.(map[any]any)["alg"]
			names = append(names, webauthn.Algorithm(alg.(int64)).String())
		}
		return strings.Join(names, ", ")
	},
	"info.maxMsgSize":                       number(0x05),
	"info.pinUvAuthProtocols":               members(0x06),
	"info.maxCredentialCountInList":         number(0x07),
	"info.maxCredentialIdLength":            number(0x08),
	"info.maxSerializedLargeBlobArray":      number(0x0B),
	"info.minPINLength":                     number(0x0D),
	"info.firmwareVersion":                  number(0x0E),
	"info.maxCredBlobLength":                number(0x0F),
	"info.maxRPIDsForSetMinPINLength":       number(0x10),
	"info.preferredPlatformUvAttempts":      number(0x11),
	"info.uvModality":                       number(0x12),
	"info.remainingDiscoverableCredentials": number(0x14),
	"info.attestationFormats":               members(0x16),
	"info.authenticatorConfigCommands":      members(0x1F),
}

func number(key int) func(map[int]any) string {
	return func(info map[int]any) string { return fmt.Sprint(info[key]) }
}

func members(key int) func(map[int]any) string {
	return func(info map[int]any) string {
		listed, _ := info[key].([]any)
		texts := make([]string, len(listed))
		for i, element := range listed {
			texts[i] = fmt.Sprint(element)
		}
		return strings.Join(texts, ", ")
	}
}

func aaguidOf(info map[int]any) string {
	return webauthn.AAGUID(info[0x03].([]byte)).String()
}

// Options whose absence says something else than false (CTAP 2.3 §6.4): the feature
// is there, and not set up.
var setUpLater = []string{"uv", "clientPin", "bioEnroll", "userVerificationMgmtPreview", "ep", "alwaysUv"}

// meant leaves out of options what says no more than their absence.
func meant(options map[string]bool) map[string]bool {
	kept := maps.Clone(options)
	maps.DeleteFunc(kept, func(id string, value bool) bool {
		return id == "up" && value || id != "up" && !value && !slices.Contains(setUpLater, id)
	})
	return kept
}

// notShown are facts about which getInfo is silent.
var notShown = strings.Fields("attachment discoverable credentialIdBytes counter backupEligible backedUp userVerification display attestation")

// Every known fact that getInfo shows appears exactly in what the device says, but
// for those that the profile says differ; and those do.
func TestGetInfoShowsTheFacts(t *testing.T) {
	t.Parallel()
	for _, p := range profile.All() {
		t.Run(p.ID, func(t *testing.T) {
			t.Parallel()
			info := getInfo(t, p)
			if p.ID == "u2f-key" {
				require.Nil(t, info, "it is from before getInfo")
				return
			}
			differs := make(map[string]bool)
			for _, d := range p.Differs {
				differs[d.Fact] = true
			}
			overridden := make(map[string]bool)
			for _, fact := range p.Facts() {
				if fact.Source != "" {
					overridden[strings.TrimPrefix(fact.Name, "info.")] = strings.HasPrefix(fact.Name, "info.")
				}
			}
			for _, fact := range p.Facts() {
				show := shown[fact.Name]
				if fact.Name != "info.options" && !slices.Contains(notShown, fact.Name) {
					require.NotNil(t, show, "no test compares %s", fact.Name)
				}
				if show == nil || fact.Source == "" || overridden[fact.Name] && !strings.HasPrefix(fact.Name, "info.") {
					continue
				}
				want := fact.Value
				if want == "none" {
					want = ""
				}
				if differs[fact.Name] {
					assert.NotEqual(t, want, show(info), "%s does not differ", fact.Name)
				} else {
					assert.Equal(t, want, show(info), fact.Name)
				}
			}
			compareOptions(t, p, info, differs)
		})
	}
}

func compareOptions(t *testing.T, p profile.Profile, info map[int]any, differs map[string]bool) {
	t.Helper()
	facts, known := p.Info.Options.Value()
	if !known {
		return
	}
	says := make(map[string]bool)
	for id, value := range info[0x04].(map[any]any) {
		says[id.(string)] = value.(bool)
	}
	want, got := meant(facts), meant(says)
	for fact := range differs {
		id, isOption := strings.CutPrefix(fact, "info.options.")
		if !isOption {
			continue
		}
		assert.NotEqual(t, facts[id], says[id], "option %s does not differ", id)
		delete(want, id)
		delete(got, id)
	}
	assert.Equal(t, want, got)
}

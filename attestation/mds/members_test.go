package mds_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/go-webauthn/webauthn/metadata"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation/mds"
	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/webauthn"
)

func undesiredByGoWebauthn(s mds.Status) bool {
	return metadata.IsUndesiredAuthenticatorStatus(metadata.AuthenticatorStatus(s))
}

// Every member that go-webauthn knows is there under the same name.
func TestMembersAreThoseOfGoWebauthn(t *testing.T) {
	t.Parallel()
	for _, pair := range []struct{ ours, theirs any }{
		{mds.Payload{}, metadata.PayloadJSON{}},
		{mds.Entry{}, metadata.EntryJSON{}},
		{mds.StatusReport{}, metadata.StatusReportJSON{}},
		{mds.BiometricStatusReport{}, metadata.BiometricStatusReportJSON{}},
		{mds.RogueListEntry{}, metadata.RogueListEntry{}},
		{mds.Statement{}, metadata.StatementJSON{}},
		{mds.GetInfo{}, metadata.AuthenticatorGetInfoJSON{}},
		{mds.AlgorithmOf{}, metadata.PublicKeyCredentialParameters{}},
		{mds.Version{}, metadata.Version{}},
		{mds.VerificationMethod{}, metadata.VerificationMethodDescriptor{}},
		{mds.CodeAccuracy{}, metadata.CodeAccuracyDescriptor{}},
		{mds.BiometricAccuracy{}, metadata.BiometricAccuracyDescriptor{}},
		{mds.PatternAccuracy{}, metadata.PatternAccuracyDescriptor{}},
		{mds.PNGCharacteristics{}, metadata.DisplayPNGCharacteristicsDescriptor{}},
		{mds.PaletteEntry{}, metadata.RGBPaletteEntry{}},
		{mds.ECDAATrustAnchor{}, metadata.EcdaaTrustAnchor{}},
		{mds.ExtensionDescriptor{}, metadata.ExtensionDescriptor{}},
	} {
		ours, theirs := members(pair.ours), members(pair.theirs)
		assert.NotEmpty(t, ours)
		assert.ElementsMatch(t, theirs, ours, "%T", pair.ours)
	}
}

func members(of any) (names []string) {
	for field := range reflect.TypeOf(of).Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

// Words of algorithms mean to go-webauthn what they mean here.
func TestAlgorithmWords(t *testing.T) {
	t.Parallel()
	polymorphic := map[webauthn.Algorithm]webauthn.Algorithm{
		webauthn.ESP256: webauthn.ES256, webauthn.ESP384: webauthn.ES384, webauthn.ESP512: webauthn.ES512,
		webauthn.Ed25519: webauthn.EdDSA, webauthn.Ed448: webauthn.EdDSA,
	}
	for _, a := range []webauthn.Algorithm{
		webauthn.ES256, webauthn.ESP256, webauthn.ES384, webauthn.ESP384, webauthn.ES512, webauthn.ESP512, webauthn.ES256K,
		webauthn.EdDSA, webauthn.Ed25519, webauthn.Ed448, webauthn.RS256, webauthn.PS256,
	} {
		theirs, known := metadata.AuthenticationAlgorithm(mds.AlgorithmWord(a)).COSEAlgorithmIdentifier()
		require.True(t, known, a)
		if general, is := polymorphic[a]; is {
			a = general
		}
		assert.EqualValues(t, a, theirs)
	}
	assert.Empty(t, mds.AlgorithmWord(webauthn.MLDSA44))
}

// What our own devices answer to getInfo survives the way through a BLOB.
func TestStatementsOfOurDevices(t *testing.T) {
	t.Parallel()
	for _, m := range []authenticator.Model{authenticator.Phone(), authenticator.SecurityKey(), authenticator.PINKey(), authenticator.BioKey()} {
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			device, err := authenticator.New(m, authenticator.Env{
				Store: authenticator.NewMemoryStore(), User: new(authenticator.ScriptedUser),
				Clock: authenticator.NewManualClock(start), Random: seed.Stream(1, m.Name),
			})
			require.NoError(t, err)
			info, err := ctap.Call(t.Context(), device, new(ctap.GetInfoRequest))
			require.NoError(t, err)
			s, _ := newService(t)
			s.Publish(mds.EntryOf(mds.Key(m.AAGUID, m.Name).Answering(info)))
			read, err := decode(s.Root(), blobOf(t, s))
			require.NoError(t, err)
			require.Empty(t, read.Unparsed)
			statement := read.Parsed.Entries[0].MetadataStatement
			got := statement.AuthenticatorGetInfo
			assert.Equal(t, info.AAGUID, got.AaGUID[:])
			assert.Equal(t, info.Versions, got.Versions)
			assert.Equal(t, info.Options, got.Options)
			assert.Equal(t, info.AttestationFormats, got.AttestationFormats)
			assert.EqualValues(t, info.MaxMsgSize, got.MaxMsgSize)
			assert.EqualValues(t, info.MinPINLength, got.MinPINLength)
			assert.Len(t, got.Algorithms, len(info.Algorithms))
			assert.Empty(t, got.EncIdentifier, "it would tell one device from another")
			assert.Nil(t, s.Payload().Entries[0].MetadataStatement.AuthenticatorGetInfo.RemainingDiscoverableCredentials)
		})
	}
}

package ctap_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/canon"
)

var full = struct {
	make      ctap.MakeCredentialRequest
	made      ctap.MakeCredentialResponse
	info      ctap.GetInfoResponse
	assert    ctap.GetAssertionRequest
	assertion ctap.GetAssertionResponse
}{
	make: ctap.MakeCredentialRequest{
		ClientDataHash:   []byte{1},
		RP:               ctap.RPEntity{ID: "example.com", Name: "Example"},
		User:             ctap.UserEntity{ID: []byte{7}, Name: "n", DisplayName: "d"},
		PubKeyCredParams: []ctap.Parameters{{Algorithm: -7, Type: ctap.PublicKey}, {Algorithm: -257, Type: "other"}},
		ExcludeList:      []ctap.Descriptor{{ID: []byte{9}, Type: ctap.PublicKey, Transports: []string{"usb"}}},
		Extensions:       ctap.Extensions{"credProtect": {0x02}},
		Options:          &ctap.Options{RK: new(true), UP: new(false), UV: new(true)},
		PinUvAuthParam:   []byte{}, PinUvAuthProtocol: new(uint64(2)), EnterpriseAttestation: new(uint64(1)),
		AttestationFormatsPreference: []string{"packed", "none"},
	},
	made: ctap.MakeCredentialResponse{
		Format: "packed", AuthData: []byte{1}, Statement: canon.Raw{0xa1, 0x01, 0x02}, EnterpriseAttestation: true, LargeBlobKey: []byte{2},
		UnsignedExtensionOutputs: ctap.Extensions{"x": {0xf5}},
	},
	assert: ctap.GetAssertionRequest{
		RPID: "example.com", ClientDataHash: []byte{1}, AllowList: []ctap.Descriptor{{ID: []byte{9}, Type: ctap.PublicKey}},
		Extensions: ctap.Extensions{"x": {0x80}}, Options: &ctap.Options{UV: new(false)}, PinUvAuthParam: []byte{3}, PinUvAuthProtocol: new(uint64(1)),
	},
	info: ctap.GetInfoResponse{
		Versions: []string{"FIDO_2_3"}, Extensions: []string{"hmac-secret"}, AAGUID: []byte{1}, Options: map[string]bool{"rk": true, "plat": false, "up": true},
		MaxMsgSize: 1200, PinUvAuthProtocols: []uint64{2, 1}, MaxCredentialCountInList: 8, MaxCredentialIDLength: 300, Transports: []string{"usb"},
		Algorithms: []ctap.Parameters{{Algorithm: -7, Type: ctap.PublicKey}}, MaxSerializedLargeBlobArray: 1024, ForcePINChange: new(false),
		MinPINLength: 4, FirmwareVersion: 1 << 40, MaxCredBlobLength: 32, MaxRPIDsForSetMinPINLength: new(uint64(0)), PreferredPlatformUvAttempts: 3,
		UvModality: 2, Certifications: map[string]uint64{"FIDO": 1, "CC-EAL": 4}, RemainingDiscoverableCredentials: new(uint64(0)),
		VendorPrototypeConfigCommands: []uint64{}, AttestationFormats: []string{"packed"}, UvCountSinceLastPinEntry: new(uint64(3)),
		LongTouchForReset: new(true), EncIdentifier: []byte{2}, TransportsForReset: []string{"usb"}, PinComplexityPolicy: new(true),
		PinComplexityPolicyURL: []byte("https://a.test"), MaxPINLength: 63, EncCredStoreState: []byte{3}, AuthenticatorConfigCommands: []uint64{3, 255},
	},
	assertion: ctap.GetAssertionResponse{
		Credential: &ctap.Descriptor{ID: []byte{9}, Type: ctap.PublicKey}, AuthData: []byte{1}, Signature: []byte{2},
		User: &ctap.UserEntity{ID: []byte{7}, Name: "n", DisplayName: "d"}, NumberOfCredentials: 3, UserSelected: true, LargeBlobKey: []byte{4},
		UnsignedExtensionOutputs: ctap.Extensions{"x": {0xf6}},
	},
}

// TestMessagesAreWhatTheirTagsSay lays messages out by hand, with each optional
// member and without, and holds the bytes to the tags of the structs.
func TestMessagesAreWhatTheirTagsSay(t *testing.T) {
	t.Parallel()
	for _, message := range []any{&full.make, &full.made, &full.assert, &full.assertion, &full.info} {
		whole := reflect.ValueOf(message).Elem()
		empty := reflect.New(whole.Type())
		assertEncodedByTags(t, message)
		assertEncodedByTags(t, empty.Interface())
		for i := range whole.NumField() {
			alone := reflect.New(whole.Type())
			alone.Elem().Field(i).Set(whole.Field(i))
			assertEncodedByTags(t, alone.Interface())
			without := reflect.New(whole.Type())
			without.Elem().Set(whole)
			without.Elem().Field(i).SetZero()
			assertEncodedByTags(t, without.Interface())
		}
	}
	assertEncodedByTags(t, &ctap.MakeCredentialRequest{
		User: ctap.UserEntity{ID: []byte{}}, PubKeyCredParams: []ctap.Parameters{}, ExcludeList: []ctap.Descriptor{{}, {ID: []byte{1}}}, Options: new(ctap.Options),
		Extensions: ctap.Extensions{"long": {0x01}, "z": {0x02}, "aa": nil, "a": {}},
	})
}

func assertEncodedByTags(t *testing.T, message any) {
	t.Helper()
	want, err := canon.Marshal(message)
	require.NoError(t, err)
	got := ctap.EncodeResponse(message, nil)
	if request, ok := message.(ctap.Request); ok {
		got, err = ctap.EncodeRequest(request)
		require.NoError(t, err)
	}
	assert.Equal(t, canon.Diagnose(want), canon.Diagnose(got[1:]))
	assert.Equal(t, want, got[1:])
}

// TestMessagesReadWhatTheirTagsSay reads by hand what the test above holds to the
// tags.
func TestMessagesReadWhatTheirTagsSay(t *testing.T) {
	t.Parallel()
	for _, want := range []ctap.Request{&full.make, &full.assert} {
		raw, err := ctap.EncodeRequest(want)
		require.NoError(t, err)
		got, err := ctap.DecodeRequest(raw)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	made, assertion := new(ctap.MakeCredentialResponse), new(ctap.GetAssertionResponse)
	require.NoError(t, ctap.DecodeResponse(ctap.EncodeResponse(&full.made, nil), made))
	assert.Equal(t, &full.made, made)
	require.NoError(t, ctap.DecodeResponse(ctap.EncodeResponse(&full.assertion, nil), assertion))
	assert.Equal(t, &full.assertion, assertion)
}

// TestEveryMemberInsistsOnItsType puts an item of a type that no member has into
// one member after the other.
func TestEveryMemberInsistsOnItsType(t *testing.T) {
	t.Parallel()
	const float = 0xfb // a double, of eight more bytes
	for last, resp := range map[byte]any{6: new(ctap.MakeCredentialResponse), 8: new(ctap.GetAssertionResponse)} {
		for key := byte(1); key <= last; key++ {
			var wrongType *canon.TypeError
			err := ctap.DecodeResponse([]byte{0, 0xa1, key, float, 0, 0, 0, 0, 0, 0, 0, 0}, resp)
			if _, made := resp.(*ctap.MakeCredentialResponse); made && key == 3 { // the statement may be anything
				assert.NotErrorAs(t, err, &wrongType)
				continue
			}
			assert.ErrorAs(t, err, &wrongType, "%T member %d", resp, key)
		}
	}
	for command, last := range map[ctap.Command]byte{ctap.CommandMakeCredential: 11, ctap.CommandGetAssertion: 7} {
		for key := byte(1); key <= last; key++ {
			_, err := ctap.DecodeRequest([]byte{byte(command), 0xa1, key, float, 0, 0, 0, 0, 0, 0, 0, 0})
			assert.Equal(t, ctap.CBORUnexpectedType, ctap.StatusOf(err), "%s parameter %d: %v", command, key, err)
		}
	}
}

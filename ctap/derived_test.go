package ctap_test

import (
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/canon"
)

// everyRequest is a request of each command that has parameters, with every
// member.
func everyRequest(t *testing.T) []ctap.Request {
	t.Helper()
	one, name, rpID, on := uint64(1), "left thumb", "example.com", true
	permissions := ctap.PermissionMakeCredential
	minPIN := &ctap.ConfigRequest{SubCommand: ctap.SetMinPINLength, PinUvAuthProtocol: &one, PinUvAuthParam: []byte{4}}
	require.NoError(t, minPIN.SetParams(ctap.SetMinPINLengthParams{
		NewMinPINLength: &one, MinPINLengthRPIDs: []string{rpID}, ForceChangePIN: &on, PINComplexityPolicy: &on,
	}))
	return []ctap.Request{
		&full.make, &full.assert, minPIN,
		&ctap.ClientPINRequest{
			PinUvAuthProtocol: &one, SubCommand: ctap.ChangePIN,
			KeyAgreement:   &ctap.KeyAgreement{KeyType: 2, Algorithm: -25, Curve: 1, X: []byte{1}, Y: []byte{2}},
			PinUvAuthParam: []byte{1}, NewPINEnc: []byte{2}, PINHashEnc: []byte{3}, Permissions: &permissions, RPID: &rpID,
		},
		&ctap.BioEnrollmentRequest{
			Modality: &one, SubCommand: ctap.SetFriendlyName, PinUvAuthProtocol: &one, PinUvAuthParam: []byte{4}, GetModality: new(false),
			SubCommandParams: params(t, ctap.BioEnrollmentParams{TemplateID: []byte{9}, TemplateFriendlyName: &name, TimeoutMilliseconds: &one}),
		},
		&ctap.CredentialManagementRequest{
			SubCommand: ctap.UpdateUserInformation, PinUvAuthProtocol: &one, PinUvAuthParam: []byte{4},
			SubCommandParams: params(t, ctap.CredentialManagementParams{
				RPIDHash: []byte{1}, CredentialID: &ctap.Descriptor{ID: []byte{1}, Type: ctap.PublicKey}, User: &ctap.UserEntity{ID: []byte{7}},
			}),
		},
		&ctap.LargeBlobsRequest{Get: &one, Set: []byte{1}, Offset: &one, Length: &one, PinUvAuthParam: []byte{2}, PinUvAuthProtocol: &one},
	}
}

// member is one field of a message by its tag.
type member struct {
	name     string
	key      int64
	required bool
}

func membersOf(req ctap.Request) (members []member) {
	for field := range reflect.TypeOf(req).Elem().Fields() {
		tag := field.Tag.Get("cbor")
		number, _, _ := strings.Cut(tag, ",")
		key, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			continue
		}
		optional := strings.Contains(tag, "omit") && field.Name != "SubCommand"
		members = append(members, member{field.Name, key, !optional})
	}
	return members
}

// The cases are derived from the field tags of every request: each member left
// out, of the wrong type, and null; and the map with a member that nobody knows.
func TestMembersOfEveryRequest(t *testing.T) {
	t.Parallel()
	for _, req := range everyRequest(t) {
		t.Run(req.Command().String(), func(t *testing.T) {
			t.Parallel()
			raw, err := ctap.EncodeRequest(req)
			require.NoError(t, err)
			// status decodes the request with one member changed, or without it.
			status := func(key int64, value canon.Raw) ctap.Status {
				var all map[int64]canon.Raw
				require.NoError(t, canon.Unmarshal(raw[1:], &all))
				if value == nil {
					delete(all, key)
				} else {
					all[key] = value
				}
				body, err := canon.Marshal(all)
				require.NoError(t, err)
				_, err = ctap.DecodeRequest(append(raw[:1:1], body...))
				return ctap.StatusOf(err)
			}
			members := membersOf(req)
			require.NotEmpty(t, members)
			for _, m := range members {
				want := ctap.OK
				if m.required {
					want = ctap.MissingParameter
				}
				assert.Equal(t, want, status(m.key, nil), "%s missing", m.name)
				// A negative integer, a float and null are of no member's type.
				for _, wrong := range []canon.Raw{{0x20}, {0xf9, 0x3c, 0x00}, {0xf6}} {
					if m.name == "SubCommandParams" && req.Command() == ctap.CommandConfig {
						continue // whose type is the subcommand's: see below
					}
					assert.Equal(t, ctap.CBORUnexpectedType, status(m.key, wrong), "%s is %x", m.name, wrong)
				}
			}
			for _, unknown := range []canon.Raw{{0x00}, {0xf6}, {0x81, 0xa0}} {
				assert.Equal(t, ctap.OK, status(99, unknown), "a member that nobody knows")
				assert.Equal(t, ctap.OK, status(-1, unknown), "a member that nobody knows")
			}
			assert.Equal(t, ctap.InvalidCBOR, status(99, canon.Raw{0x81, 0x81, 0x81, 0x81, 0x00}), "nested too deeply")
		})
	}
}

func TestMembersOfConfigParameters(t *testing.T) {
	t.Parallel()
	for key, wrong := range map[int64]canon.Raw{1: {0x61, 'a'}, 2: {0x01}, 3: {0x01}, 4: {0xf6}} {
		req := &ctap.ConfigRequest{SubCommand: ctap.SetMinPINLength}
		require.NoError(t, req.SetParams(map[int64]canon.Raw{key: wrong, 99: {0xf6}}))
		raw, err := ctap.EncodeRequest(req)
		require.NoError(t, err)
		_, err = ctap.DecodeRequest(raw)
		assert.ErrorIs(t, err, ctap.CBORUnexpectedType, "member %d", key)
	}
}

package ctap_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	require.NoError(t, err)
	return b
}

// minimal is the smallest makeCredential request; %s takes more members.
var (
	hash32  = "5820" + strings.Repeat("11", 32)
	rp      = "a1 626964 6161" // {"id": "a"}
	user    = "a1 626964 4107" // {"id": h'07'}
	es256   = "a2 63616c67 26 6474797065 6a" + hex.EncodeToString([]byte("public-key"))
	minimal = "01 a4 01" + hash32 + "02" + rp + "03" + user + "04 81" + es256
)

func TestDecodeRequest(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, hex string
		want      ctap.Status
	}{
		{"minimal makeCredential", minimal, ctap.OK},
		{"unknown member", strings.Replace(minimal, "01 a4", "01 a5", 1) + "1863 f5", ctap.OK},
		{"getInfo", "04", ctap.OK},
		{"bytes after a command without parameters", "04 a0ff", ctap.OK},
		{"no bytes", "", ctap.InvalidLength},
		{"unknown command", "3f", ctap.InvalidCommand},
		{"no parameters at all", "01", ctap.InvalidCBOR},
		{"parameters are no map", "01 80", ctap.InvalidCBOR},
		{"empty map", "01 a0", ctap.MissingParameter},
		{"trailing byte", minimal + "00", ctap.InvalidCBOR},
		{"keys out of order", "02 a2 02" + hash32 + "01 6161", ctap.InvalidCBOR},
		{"duplicate key", "02 a3 01 6161 01 6161 02" + hash32, ctap.InvalidCBOR},
		{"rpId of the wrong type", "02 a2 01 07 02" + hash32, ctap.CBORUnexpectedType},
		{"rpId missing", "02 a1 02" + hash32, ctap.MissingParameter},
		{"hash missing", "02 a1 01 6161", ctap.MissingParameter},
		{"option of the wrong type", "02 a3 01 6161 02" + hash32 + "05 a1 627570 01", ctap.CBORUnexpectedType},
		{"unknown option with any value", "02 a3 01 6161 02" + hash32 + "05 a1 627878 01", ctap.OK},
		{"pubKeyCredParams element without alg", "01 a4 01" + hash32 + "02" + rp + "03" + user + "04 81 a1 6474797065 6161", ctap.InvalidCBOR},
		{"pubKeyCredParams element with text alg", "01 a4 01" + hash32 + "02" + rp + "03" + user + "04 81 a2 63616c67 6161 6474797065 6161", ctap.CBORUnexpectedType},
		{"descriptor without id", "02 a3 01 6161 02" + hash32 + "03 81 a1 6474797065 6161", ctap.InvalidCBOR},
		{"descriptor is no map", "02 a3 01 6161 02" + hash32 + "03 81 01", ctap.CBORUnexpectedType},
		{"five levels deep", "02 a3 01 6161 02" + hash32 + "04 a1 6161 81 81 81 00", ctap.InvalidCBOR},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := ctap.DecodeRequest(unhex(t, c.hex))
			assert.Equal(t, c.want, ctap.StatusOf(err), "%v", err)
		})
	}
}

func TestZeroLengthPinUvAuthParamIsPresent(t *testing.T) {
	t.Parallel()
	req, err := ctap.DecodeRequest(unhex(t, "02 a3 01 6161 02"+hash32+"06 40"))
	require.NoError(t, err)
	asked := req.(*ctap.GetAssertionRequest)
	assert.NotNil(t, asked.PinUvAuthParam)
	assert.Empty(t, asked.PinUvAuthParam)

	again, err := ctap.EncodeRequest(asked)
	require.NoError(t, err)
	assert.Equal(t, unhex(t, "02 a3 01 6161 02"+hash32+"06 40"), again)
}

func TestRequestsSurviveTheWire(t *testing.T) {
	t.Parallel()
	yes, one := true, uint64(1)
	for _, req := range []ctap.Request{
		&ctap.MakeCredentialRequest{
			ClientDataHash:   []byte{1},
			RP:               ctap.RPEntity{ID: "example.com", Name: "Example"},
			User:             ctap.UserEntity{ID: []byte{7}, Name: "n", DisplayName: "d"},
			PubKeyCredParams: []ctap.Parameters{{Algorithm: -7, Type: ctap.PublicKey}},
			ExcludeList:      []ctap.Descriptor{{ID: []byte{9}, Type: ctap.PublicKey}},
			Extensions:       ctap.Extensions{"credProtect": {0x02}},
			Options:          &ctap.Options{RK: &yes},
			PinUvAuthParam:   []byte{2}, PinUvAuthProtocol: &one, EnterpriseAttestation: &one,
			AttestationFormatsPreference: []string{"packed"},
		},
		&ctap.GetAssertionRequest{RPID: "example.com", ClientDataHash: []byte{1}, Options: &ctap.Options{UV: &yes}},
		&ctap.GetNextAssertionRequest{}, &ctap.GetInfoRequest{}, &ctap.SelectionRequest{}, &ctap.ResetRequest{},
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

// answering is a Transport that gives one canned answer.
type answering struct {
	raw []byte
	err error
}

func (a answering) Exchange(context.Context, []byte) ([]byte, error) { return a.raw, a.err }

func TestCall(t *testing.T) {
	t.Parallel()
	info := &ctap.GetInfoResponse{Versions: []string{ctap.VersionFIDO20}, AAGUID: make([]byte, 16)}
	good := ctap.EncodeResponse(info, nil)
	broken := errors.New("cable pulled")
	cases := []struct {
		name  string
		with  answering
		check func(*testing.T, *ctap.GetInfoResponse, error)
	}{
		{"decodes the answer", answering{raw: good}, func(t *testing.T, got *ctap.GetInfoResponse, err error) {
			require.NoError(t, err)
			assert.Equal(t, info, got)
		}},
		{"a status is the error", answering{raw: []byte{0x36}}, func(t *testing.T, _ *ctap.GetInfoResponse, err error) {
			assert.ErrorIs(t, err, ctap.PUATRequired)
		}},
		{"a transport error stays what it is", answering{err: broken}, func(t *testing.T, _ *ctap.GetInfoResponse, err error) {
			assert.ErrorIs(t, err, broken)
		}},
		{"no bytes", answering{}, func(t *testing.T, _ *ctap.GetInfoResponse, err error) {
			assert.ErrorContains(t, err, "no bytes")
		}},
		{"an answer without its mandatory members", answering{raw: []byte{0, 0xa0}}, func(t *testing.T, _ *ctap.GetInfoResponse, err error) {
			assert.ErrorContains(t, err, "versions (0x01)")
		}},
		{"an answer that is no CBOR", answering{raw: []byte{0, 0xff}}, func(t *testing.T, _ *ctap.GetInfoResponse, err error) {
			assert.ErrorContains(t, err, "not canonical")
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := ctap.Call(t.Context(), c.with, &ctap.GetInfoRequest{})
			c.check(t, got, err)
		})
	}
}

func TestStatusOf(t *testing.T) {
	t.Parallel()
	cases := []struct {
		err  error
		want ctap.Status
	}{
		{nil, ctap.OK},
		{ctap.NoCredentials, ctap.NoCredentials},
		{fmt.Errorf("wrapped: %w", ctap.Errorf(ctap.NotAllowed, "why")), ctap.NotAllowed},
		{context.Canceled, ctap.KeepaliveCancel},
		{context.DeadlineExceeded, ctap.UserActionTimeout},
		{errors.New("anything"), ctap.Other},
	}
	for _, c := range cases {
		assert.Equal(t, c.want, ctap.StatusOf(c.err), "%v", c.err)
	}
}

func TestErrorResponseIsOneByte(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []byte{0x2e}, ctap.EncodeResponse(nil, ctap.Errorf(ctap.NoCredentials, "a reason that stays here")))
	assert.Equal(t, []byte{0x00}, ctap.EncodeResponse(new(ctap.Empty), nil))
}

func TestGetInfoOptionDefaults(t *testing.T) {
	t.Parallel()
	info := &ctap.GetInfoResponse{Options: map[string]bool{ctap.OptionRK: true, ctap.OptionUV: false}}
	assert.True(t, info.Option(ctap.OptionUP), "up defaults to true")
	assert.False(t, info.Option(ctap.OptionPlat))
	assert.True(t, info.Option(ctap.OptionRK))
	assert.False(t, info.Option(ctap.OptionUV))
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	name, text := ctap.DescribeRequest(unhex(t, minimal))
	assert.Equal(t, "authenticatorMakeCredential", name)
	assert.Contains(t, text, "0x01 clientDataHash: h'1111")
	assert.Contains(t, text, `id: "a"`)

	authData := append(make([]byte, 32), 0x05, 0, 0, 0, 9)
	raw := ctap.EncodeResponse(&ctap.GetAssertionResponse{AuthData: authData, Signature: []byte{1}}, nil)
	status, text := ctap.DescribeResponse(ctap.CommandGetAssertion, raw)
	assert.Equal(t, "CTAP1_ERR_SUCCESS", status)
	assert.Contains(t, text, "flags: UP|UV")
	assert.Contains(t, text, "signCount: 9")

	status, _ = ctap.DescribeResponse(ctap.CommandReset, []byte{0x27})
	assert.Equal(t, "CTAP2_ERR_OPERATION_DENIED", status)
	name, text = ctap.DescribeRequest([]byte{0x01, 0xff})
	assert.Equal(t, "authenticatorMakeCredential", name)
	assert.Contains(t, text, "not CBOR")
}

// Whatever decodes, encodes to something that decodes to the same.
func FuzzDecodeRequest(f *testing.F) {
	for _, seed := range []string{minimal, "01ff", "02bf", "06a30101020503a0"} { // the last has a key without coordinates
		f.Add(unhex(f, seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		ctap.DescribeRequest(raw)
		req, err := ctap.DecodeRequest(raw)
		if err != nil {
			assert.NotEqual(t, ctap.OK, ctap.StatusOf(err))
			return
		}
		again, err := ctap.EncodeRequest(req)
		require.NoError(t, err)
		back, err := ctap.DecodeRequest(again)
		require.NoError(t, err)
		assert.Equal(t, req, back)
	})
}

func FuzzDecodeResponse(f *testing.F) {
	f.Add(byte(ctap.CommandGetAssertion), []byte{0, 0xa0})
	f.Fuzz(func(t *testing.T, command byte, raw []byte) {
		ctap.DescribeResponse(ctap.Command(command), raw)
		for _, resp := range []any{
			new(ctap.GetInfoResponse), new(ctap.MakeCredentialResponse), new(ctap.GetAssertionResponse), new(ctap.ClientPINResponse),
			new(ctap.BioEnrollmentResponse), new(ctap.CredentialManagementResponse), new(ctap.LargeBlobsResponse), new(ctap.Empty),
		} {
			_ = ctap.DecodeResponse(raw, resp)
		}
	})
}

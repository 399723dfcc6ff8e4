package u2f_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/u2f"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	require.NoError(t, err)
	return b
}

// repeated is a parameter of one byte again and again.
func repeated(b byte) u2f.Parameter { return u2f.Parameter(bytes.Repeat([]byte{b}, u2f.ParameterSize)) }

var (
	challenge   = strings.Repeat("11", 32)
	application = strings.Repeat("22", 32)
	both        = challenge + application
)

func TestDecodeRequest(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, hex string
		want      u2f.Request
	}{
		{"version, short, no Le", "00030000", &u2f.VersionRequest{}},
		{"version, short", "00030000 00", &u2f.VersionRequest{}},
		{"version, extended", "00030000 000000", &u2f.VersionRequest{}},
		{"version, extended with an Lc of zero", "00030000 000000 0000", &u2f.VersionRequest{}},
		{"register, extended", "00010300 000040" + both + "0000", &u2f.RegisterRequest{Challenge: repeated(0x11), Application: repeated(0x22)}},
		{"register, extended, no Le", "00010000 000040" + both, &u2f.RegisterRequest{Challenge: repeated(0x11), Application: repeated(0x22)}},
		{"register, short", "00010000 40" + both + "00", &u2f.RegisterRequest{Challenge: repeated(0x11), Application: repeated(0x22)}},
		{"register, individual attestation", "00018300 40" + both, &u2f.RegisterRequest{Challenge: repeated(0x11), Application: repeated(0x22), Individual: true}},
		{"authenticate", "00020300 000043" + both + "02abcd 0000", &u2f.AuthenticateRequest{Control: u2f.EnforcePresence, Challenge: repeated(0x11), Application: repeated(0x22), KeyHandle: []byte{0xab, 0xcd}}},
		{"check only", "00020700 43" + both + "02abcd", &u2f.AuthenticateRequest{Control: u2f.CheckOnly, Challenge: repeated(0x11), Application: repeated(0x22), KeyHandle: []byte{0xab, 0xcd}}},
		{"presence not enforced, empty handle", "00020800 41" + both + "00", &u2f.AuthenticateRequest{Control: u2f.DontEnforce, Challenge: repeated(0x11), Application: repeated(0x22), KeyHandle: []byte{}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := u2f.DecodeRequest(unhex(t, c.hex))
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
}

// Each request has one defect; where it has two, the first to be judged names
// the status.
func TestDecodeRequestRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, hex string
		want      u2f.Status
	}{
		{"nothing", "", u2f.WrongLength},
		{"no P2", "000300", u2f.WrongLength},
		{"another class", "80030000", u2f.ClassNotSupported},
		{"another class before an unknown instruction", "80ff0000", u2f.ClassNotSupported},
		{"unknown instruction", "00040000", u2f.InstructionNotSupported},
		{"vendor instruction", "00400000", u2f.InstructionNotSupported},
		{"unknown instruction before lengths that do not add up", "00ff0000 05aa", u2f.InstructionNotSupported},
		{"lengths that do not add up", "00010000 41" + both, u2f.WrongLength},
		{"P2 is not 0", "00030001", u2f.IncorrectParameters},
		{"version with data", "00030000 01aa", u2f.WrongLength},
		{"register without data", "00010000", u2f.WrongLength},
		{"register with a byte too few", "00010000 3f" + both[2:], u2f.WrongLength},
		{"register with a byte too many", "00010000 41" + both + "00", u2f.WrongLength},
		{"authenticate without a key handle length", "00020300 40" + both, u2f.WrongLength},
		{"authenticate with a handle shorter than it says", "00020300 43" + both + "03abcd", u2f.WrongLength},
		{"authenticate with a handle longer than it says", "00020300 43" + both + "01abcd", u2f.WrongLength},
		{"undefined control byte", "00020000 43" + both + "02abcd", u2f.IncorrectParameters},
		{"longer than anything", "00010000" + strings.Repeat("00", u2f.MaxMessage), u2f.WrongLength},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := u2f.DecodeRequest(unhex(t, c.hex))
			assert.Equal(t, c.want, u2f.StatusOf(err), "%v", err)
		})
	}
}

func TestEncodeRequest(t *testing.T) {
	t.Parallel()
	register := &u2f.RegisterRequest{Challenge: repeated(0x11), Application: repeated(0x22)}
	authenticate := &u2f.AuthenticateRequest{Control: u2f.CheckOnly, Challenge: repeated(0x11), Application: repeated(0x22), KeyHandle: []byte{0xab}}
	for _, c := range []struct {
		req             u2f.Request
		extended, short string
	}{
		{&u2f.VersionRequest{}, "00030000 000000", "00030000 00"},
		{register, "00010300 000040" + both + "0000", "00010300 40" + both + "00"},
		{&u2f.RegisterRequest{Individual: true}, "00018300 000040" + strings.Repeat("00", 64) + "0000", "00018300 40" + strings.Repeat("00", 64) + "00"},
		{authenticate, "00020700 000042" + both + "01ab 0000", "00020700 42" + both + "01ab 00"},
	} {
		raw, err := u2f.EncodeRequest(c.req)
		require.NoError(t, err)
		assert.Equal(t, unhex(t, c.extended), raw)
		raw, err = u2f.EncodeShortRequest(c.req)
		require.NoError(t, err)
		assert.Equal(t, unhex(t, c.short), raw)
	}

	authenticate.KeyHandle = make([]byte, 191)
	_, err := u2f.EncodeShortRequest(authenticate)
	require.Error(t, err, "a short APDU has no room for the handle")
	_, err = u2f.EncodeRequest(authenticate)
	require.NoError(t, err)
	authenticate.KeyHandle = make([]byte, u2f.MaxKeyHandle)
	_, err = u2f.EncodeRequest(authenticate)
	require.NoError(t, err)
	authenticate.KeyHandle = make([]byte, u2f.MaxKeyHandle+1)
	_, err = u2f.EncodeRequest(authenticate)
	assert.Error(t, err, "the length of a handle is one byte")
}

// registration is a response as on the wire: a point, a handle of two bytes, a
// certificate of an empty sequence, a signature of two bytes.
var registration = "05 04" + strings.Repeat("33", 64) + "02 abcd" + "3000" + "eeff"

func TestResponses(t *testing.T) {
	t.Parallel()
	made := &u2f.RegisterResponse{PublicKey: append([]byte{4}, bytes.Repeat([]byte{0x33}, 64)...), KeyHandle: []byte{0xab, 0xcd}, Certificate: []byte{0x30, 0}, Signature: []byte{0xee, 0xff}}
	raw := u2f.EncodeResponse(made, nil)
	assert.Equal(t, unhex(t, registration+"9000"), raw)
	again, err := u2f.DecodeResponse(&u2f.RegisterRequest{}, raw)
	require.NoError(t, err)
	assert.Equal(t, made, again)

	signed := &u2f.AuthenticateResponse{Presence: 1, Counter: 0x01020304, Signature: []byte{0xee}}
	raw = u2f.EncodeResponse(signed, nil)
	assert.Equal(t, unhex(t, "01 01020304 ee 9000"), raw)
	asserted, err := u2f.DecodeResponse(&u2f.AuthenticateRequest{}, raw)
	require.NoError(t, err)
	assert.Equal(t, signed, asserted)
	assert.True(t, asserted.UserPresent())
	assert.False(t, (&u2f.AuthenticateResponse{Presence: 0xfe}).UserPresent())

	version, err := u2f.DecodeResponse(&u2f.VersionRequest{}, u2f.EncodeResponse(&u2f.VersionResponse{Version: u2f.V2}, nil))
	require.NoError(t, err)
	assert.Equal(t, "U2F_V2", version.Version)
}

func TestDecodeResponseRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, hex string
	}{
		{"nothing", ""},
		{"half a status word", "90"},
		{"nothing before the status word", "9000"},
		{"longer than anything", strings.Repeat("00", u2f.MaxMessage+1)},
		{"another first byte", "04" + registration[2:] + "9000"},
		{"a compressed point", "05 02" + registration[5:] + "9000"},
		{"a handle that is not there", "05 04" + strings.Repeat("33", 64) + "02 ab 9000"},
		{"no certificate", "05 04" + strings.Repeat("33", 64) + "02 abcd 9000"},
		{"a certificate longer than all", "05 04" + strings.Repeat("33", 64) + "02 abcd 3003ee 9000"},
		{"no signature", "05 04" + strings.Repeat("33", 64) + "02 abcd 3000 9000"},
	} {
		_, err := u2f.DecodeResponse(&u2f.RegisterRequest{}, unhex(t, c.hex))
		require.Error(t, err, c.name)
		assert.NotErrorAs(t, err, new(u2f.Status), c.name)
	}
	_, err := u2f.DecodeResponse(&u2f.AuthenticateRequest{}, unhex(t, "01 00000001 9000"))
	require.ErrorContains(t, err, "too few")
	_, err = u2f.DecodeResponse(&u2f.VersionRequest{}, unhex(t, "9000"))
	require.ErrorContains(t, err, "empty")

	_, err = u2f.DecodeResponse(&u2f.VersionRequest{}, unhex(t, "6985"))
	assert.ErrorIs(t, err, u2f.ConditionsNotSatisfied)
}

func TestSignedData(t *testing.T) {
	t.Parallel()
	assert.Equal(t, unhex(t, "00"+application+challenge+"abcd"+"04ee"),
		u2f.RegistrationSigned(repeated(0x22), repeated(0x11), []byte{0xab, 0xcd}, []byte{4, 0xee}))
	assert.Equal(t, unhex(t, application+"01 0000002a"+challenge),
		u2f.AuthenticationSigned(repeated(0x22), 1, 42, repeated(0x11)))
}

func TestStatus(t *testing.T) {
	t.Parallel()
	assert.Equal(t, u2f.NoError, u2f.StatusOf(nil))
	assert.Equal(t, u2f.WrongData, u2f.StatusOf(fmt.Errorf("deeper: %w", u2f.Errorf(u2f.WrongData, "not ours"))))
	assert.Equal(t, u2f.Other, u2f.StatusOf(errors.New("a disk")))
	assert.Equal(t, []byte{0x6f, 0x00}, u2f.EncodeResponse(nil, errors.New("a disk")))
	assert.EqualError(t, u2f.Errorf(u2f.WrongData, "not ours"), "SW_WRONG_DATA: not ours")
	assert.Equal(t, "U2F status 0x6123", u2f.Status(0x6123).String())
	assert.Equal(t, "U2F_REGISTER", u2f.InstructionRegister.String())
	assert.Equal(t, "U2F instruction 0x40", u2f.Instruction(0x40).String())
}

// wire answers every command with the same bytes.
type wire struct {
	command, response []byte
	err               error
}

func (w *wire) ExchangeAPDU(_ context.Context, command []byte) ([]byte, error) {
	w.command = command
	return w.response, w.err
}

func TestCall(t *testing.T) {
	t.Parallel()
	w := &wire{response: unhex(t, "5532465f5632 9000")}
	version, err := u2f.Call(t.Context(), w, &u2f.VersionRequest{})
	require.NoError(t, err)
	assert.Equal(t, u2f.V2, version.Version)
	assert.Equal(t, unhex(t, "00030000 000000"), w.command)

	cut := errors.New("unplugged")
	_, err = u2f.Call(t.Context(), &wire{err: cut}, &u2f.VersionRequest{})
	require.ErrorIs(t, err, cut)
	_, err = u2f.Call(t.Context(), w, &u2f.AuthenticateRequest{KeyHandle: make([]byte, 256)})
	require.Error(t, err)
}

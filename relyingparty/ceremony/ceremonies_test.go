package ceremony

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony/ceremonytest"
)

const testOrigin = "https://auth.acme.test"

// bench is a relying party's ceremonies with one device in front of them.
type bench struct {
	ceremonies *Ceremonies
	clock      *authenticator.ManualClock
	device     *ceremonytest.Device
	credential Credential
}

var testRegistrationRules = RegistrationRules{
	UserVerification: VerificationRequired,
	Attestation:      AttestationNone,
	Lifetime:         time.Minute,
}

var testLoginRules = LoginRules{UserVerification: VerificationRequired, Lifetime: time.Minute}

func newBench(t testing.TB) *bench {
	t.Helper()
	clock := authenticator.NewManualClock(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
	c, err := New(Config{
		RPID: "acme.test", RPName: "Acme", Origin: testOrigin, Clock: clock.Now, Random: rand.Reader,
	})
	require.NoError(t, err)
	return &bench{ceremonies: c, clock: clock, device: ceremonytest.NewDevice(t, testOrigin, "acme.test")}
}

func (b *bench) register(t testing.TB) error {
	t.Helper()
	account := Account{Handle: []byte("alice's handle"), Name: "alice", DisplayName: "Alice"}
	raw, asked, err := b.ceremonies.BeginRegistration(account, nil, testRegistrationRules)
	require.NoError(t, err)
	response, err := ParseRegistration(b.device.Create(t, raw))
	if err != nil {
		return err
	}
	b.credential, err = b.ceremonies.FinishRegistration(asked, response)
	return err
}

func (b *bench) logIn(t testing.TB) error {
	t.Helper()
	raw, asked, err := b.ceremonies.BeginLogin(testLoginRules)
	require.NoError(t, err)
	return b.answer(asked, b.device.Get(t, raw))
}

func (b *bench) answer(asked *Login, body []byte) error {
	response, err := ParseLogin(body)
	if err != nil {
		return err
	}
	a, err := b.ceremonies.FinishLogin(asked, response, CounterRefuse, b.find)
	if err == nil {
		b.credential.SignCount = a.SignCount
	}
	return err
}

func (b *bench) find(id []byte) (Owner, error) {
	if string(id) != string(b.credential.ID) {
		return Owner{}, refuse(ReasonUnknownCredential, nil)
	}
	return Owner{Handle: []byte("alice's handle"), Credential: b.credential}, nil
}

func TestCeremoniesAcceptGoodResponses(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*ceremonytest.Device){
		"plain":    func(*ceremonytest.Device) {},
		"counting": func(d *ceremonytest.Device) { d.Counter = 7 },
		"synced":   func(d *ceremonytest.Device) { d.Flags |= ceremonytest.FlagBE | ceremonytest.FlagBS },
		"no attachment": func(d *ceremonytest.Device) {
			d.Answer = func(a map[string]any) { delete(a, "authenticatorAttachment") }
		},
		"unsolicited extension": func(d *ceremonytest.Device) {
			d.Answer = func(a map[string]any) {
				a["clientExtensionResults"] = map[string]any{"credProps": map[string]any{"rk": true}}
			}
		},
		"unknown members":        func(d *ceremonytest.Device) { d.Answer = func(a map[string]any) { a["from the future"] = 1 } },
		"unknown client members": func(d *ceremonytest.Device) { d.ClientData = func(c map[string]any) { c["from the future"] = 1 } },
	}
	for name, prepare := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			prepare(b.device)
			require.NoError(t, b.register(t))
			require.NoError(t, b.logIn(t))
			require.NoError(t, b.logIn(t))
		})
	}
}

func TestLoginWithoutUserHandleIsAccepted(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	require.NoError(t, b.register(t))
	b.device.Handle = nil
	require.NoError(t, b.logIn(t))
}

func set(member string, value any) func(map[string]any) {
	return func(m map[string]any) { m[member] = value }
}

func TestRefusedRegistrations(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		spoil func(*ceremonytest.Device)
		want  Reason
	}{
		"not public-key":            {func(d *ceremonytest.Device) { d.Answer = set("type", "password") }, ReasonMalformed},
		"no response":               {func(d *ceremonytest.Device) { d.Answer = set("response", nil) }, ReasonMalformed},
		"no raw ID":                 {func(d *ceremonytest.Device) { d.Answer = set("rawId", nil) }, ReasonMalformed},
		"ID spelled otherwise":      {func(d *ceremonytest.Device) { d.Answer = set("id", encode(d.ID)+"=") }, ReasonMalformed},
		"challenge of another kind": {func(d *ceremonytest.Device) { d.ClientData = set("challenge", 1) }, ReasonMalformed},
		"no attested credential": {func(d *ceremonytest.Device) {
			d.AuthData = func(a []byte) []byte { a[32] &^= ceremonytest.FlagAT; return a[:37] }
		}, ReasonMalformed},
		"short authenticator data": {func(d *ceremonytest.Device) { d.AuthData = func(a []byte) []byte { return a[:36] } }, ReasonMalformed},
		"login client data":        {func(d *ceremonytest.Device) { d.ClientData = set("type", "webauthn.get") }, ReasonCeremony},
		"other challenge":          {func(d *ceremonytest.Device) { d.ClientData = set("challenge", "AAAAAAAAAAAAAAAAAAAAAA") }, ReasonChallengeMismatch},
		"look-alike origin":        {func(d *ceremonytest.Device) { d.Origin = "https://auth.acme.test.evil.test" }, ReasonOrigin},
		"origin with a slash":      {func(d *ceremonytest.Device) { d.Origin = testOrigin + "/" }, ReasonOrigin},
		"origin with a port":       {func(d *ceremonytest.Device) { d.Origin = testOrigin + ":443" }, ReasonOrigin},
		"origin in capitals":       {func(d *ceremonytest.Device) { d.Origin = "https://AUTH.acme.test" }, ReasonOrigin},
		"in a foreign page":        {func(d *ceremonytest.Device) { d.ClientData = set("crossOrigin", true) }, ReasonCrossOrigin},
		"other RP ID":              {func(d *ceremonytest.Device) { d.RPID = "evil.test" }, ReasonRPIDHash},
		"nobody there":             {func(d *ceremonytest.Device) { d.Flags = ceremonytest.FlagUV }, ReasonUserPresence},
		"nobody verified":          {func(d *ceremonytest.Device) { d.Flags = ceremonytest.FlagUP }, ReasonUserVerification},
		"backed up, not eligible":  {func(d *ceremonytest.Device) { d.Flags |= ceremonytest.FlagBS }, ReasonBackupState},
		"algorithm not offered":    {func(d *ceremonytest.Device) { d.COSE = func(k map[int]any) { k[3] = -35 } }, ReasonAlgorithm},
		"other credential ID": {func(d *ceremonytest.Device) {
			d.Answer = func(a map[string]any) {
				a["id"], a["rawId"] = encode([]byte("another one")), encode([]byte("another one"))
			}
		}, ReasonCredentialID},
		"point off the curve": {func(d *ceremonytest.Device) { d.COSE = func(k map[int]any) { k[-3] = k[-2] } }, ReasonPublicKey},
		"RSA key too short": {func(d *ceremonytest.Device) {
			d.COSE = func(k map[int]any) {
				clear(k)
				k[1], k[3], k[-1], k[-2] = 3, -257, new(big.Int).Lsh(big.NewInt(1), 1023).Bytes(), []byte{1, 0, 1}
			}
		}, ReasonPublicKey},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			test.spoil(b.device)
			err := b.register(t)
			assert.Equal(t, test.want, ReasonOf(err), err)
			assert.NotEmpty(t, ReasonOf(err).Explain())
		})
	}
}

func TestRefusedLogins(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		spoil func(*ceremonytest.Device)
		want  Reason
	}{
		"not JSON members":         {func(d *ceremonytest.Device) { d.Answer = set("rawId", "AAAA") }, ReasonMalformed},
		"registration client data": {func(d *ceremonytest.Device) { d.ClientData = set("type", "webauthn.create") }, ReasonCeremony},
		"other challenge":          {func(d *ceremonytest.Device) { d.ClientData = set("challenge", "AAAAAAAAAAAAAAAAAAAAAA") }, ReasonChallengeMismatch},
		"look-alike origin":        {func(d *ceremonytest.Device) { d.Origin = "https://auth-acme.test" }, ReasonOrigin},
		"insecure origin":          {func(d *ceremonytest.Device) { d.Origin = "http://auth.acme.test" }, ReasonOrigin},
		"origin with a path":       {func(d *ceremonytest.Device) { d.Origin = testOrigin + "/login" }, ReasonOrigin},
		"in a foreign page":        {func(d *ceremonytest.Device) { d.ClientData = set("crossOrigin", true) }, ReasonCrossOrigin},
		"other RP ID":              {func(d *ceremonytest.Device) { d.RPID = "evil.test" }, ReasonRPIDHash},
		"nobody there":             {func(d *ceremonytest.Device) { d.Flags = ceremonytest.FlagUV }, ReasonUserPresence},
		"nobody verified":          {func(d *ceremonytest.Device) { d.Flags = ceremonytest.FlagUP }, ReasonUserVerification},
		"became eligible":          {func(d *ceremonytest.Device) { d.Flags |= ceremonytest.FlagBE }, ReasonBackupState},
		"flipped signature bit": {func(d *ceremonytest.Device) {
			d.Sign = func(s []byte) []byte { s[len(s)-1] ^= 1; return s }
		}, ReasonSignature},
		"empty signature":    {func(d *ceremonytest.Device) { d.Sign = func([]byte) []byte { return []byte{} } }, ReasonSignature},
		"unknown credential": {func(d *ceremonytest.Device) { d.ID = []byte("a credential nobody knows") }, ReasonUnknownCredential},
		"other user handle":  {func(d *ceremonytest.Device) { d.Handle = []byte("bob's handle") }, ReasonUserHandle},
		"counter goes back":  {func(d *ceremonytest.Device) { d.Counter = 3 }, ReasonCounter},
		"counter stands":     {func(d *ceremonytest.Device) { d.Counter = 9 }, ReasonCounter},
		"counter gone":       {func(d *ceremonytest.Device) { d.Counter = 0 }, ReasonCounter},
		"another key": {func(d *ceremonytest.Device) {
			d.Key, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		}, ReasonSignature},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.device.Counter = 10
			require.NoError(t, b.register(t))
			test.spoil(b.device)
			err := b.logIn(t)
			assert.Equal(t, test.want, ReasonOf(err), err)
		})
	}
}

func TestChallengeIsGoodForOneResponse(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	require.NoError(t, b.register(t))
	raw, asked, err := b.ceremonies.BeginLogin(testLoginRules)
	require.NoError(t, err)
	body := b.device.Get(t, raw)
	require.NoError(t, b.answer(asked, body))
	assert.Equal(t, ReasonChallengeUsed, ReasonOf(b.answer(asked, body)))
}

func TestChallengeIsUsedUpByABadResponse(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	require.NoError(t, b.register(t))
	raw, asked, err := b.ceremonies.BeginLogin(testLoginRules)
	require.NoError(t, err)
	good := b.device.Get(t, raw)
	b.device.Flags = 0
	require.Error(t, b.answer(asked, b.device.Get(t, raw)))
	assert.Equal(t, ReasonChallengeUsed, ReasonOf(b.answer(asked, good)))
}

func TestChallengeExpires(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	require.NoError(t, b.register(t))
	raw, asked, err := b.ceremonies.BeginLogin(testLoginRules)
	require.NoError(t, err)
	b.clock.Advance(time.Minute)
	require.NoError(t, b.answer(asked, b.device.Get(t, raw)), "good to the last moment")
	raw, asked, err = b.ceremonies.BeginLogin(testLoginRules)
	require.NoError(t, err)
	b.clock.Advance(time.Minute + time.Nanosecond)
	assert.Equal(t, ReasonChallengeExpired, ReasonOf(b.answer(asked, b.device.Get(t, raw))))
}

func TestCounterPolicyWarn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.device.Counter = 10
	require.NoError(t, b.register(t))
	b.device.Counter = 3
	raw, asked, err := b.ceremonies.BeginLogin(testLoginRules)
	require.NoError(t, err)
	response, err := ParseLogin(b.device.Get(t, raw))
	require.NoError(t, err)
	a, err := b.ceremonies.FinishLogin(asked, response, CounterWarn, b.find)
	require.NoError(t, err)
	assert.True(t, a.CounterRegressed)
	assert.EqualValues(t, 4, a.SignCount)
}

func TestFailedSearchIsNoRefusal(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	require.NoError(t, b.register(t))
	raw, asked, err := b.ceremonies.BeginLogin(testLoginRules)
	require.NoError(t, err)
	response, err := ParseLogin(b.device.Get(t, raw))
	require.NoError(t, err)
	broken := errors.New("disk on fire")
	_, err = b.ceremonies.FinishLogin(asked, response, CounterRefuse, func([]byte) (Owner, error) { return Owner{}, broken })
	require.ErrorIs(t, err, broken)
	assert.Empty(t, ReasonOf(err))
}

func TestCreationOptions(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	rules := testRegistrationRules
	rules.Attestation = AttestationDirect
	known := []Credential{{ID: []byte("known"), Transports: []string{"usb", "nfc"}}, {ID: []byte("other")}}
	rules.Attachment = "platform"
	raw, _, err := b.ceremonies.BeginRegistration(Account{Handle: []byte("h"), Name: "n", DisplayName: "d"}, known, rules)
	require.NoError(t, err)
	var got map[string]map[string]any
	require.NoError(t, json.Unmarshal(raw, &got))
	o := got["publicKey"]
	assert.Len(t, o["challenge"], 43)
	delete(o, "challenge")
	assert.Equal(t, map[string]any{
		"rp":   map[string]any{"id": "acme.test", "name": "Acme"},
		"user": map[string]any{"id": "aA", "name": "n", "displayName": "d"},
		"pubKeyCredParams": []any{
			map[string]any{"type": "public-key", "alg": -8.0},
			map[string]any{"type": "public-key", "alg": -7.0},
			map[string]any{"type": "public-key", "alg": -257.0},
		},
		"timeout":     60000.0,
		"attestation": "direct",
		"excludeCredentials": []any{
			map[string]any{"type": "public-key", "id": "a25vd24", "transports": []any{"usb", "nfc"}},
			map[string]any{"type": "public-key", "id": "b3RoZXI"},
		},
		"authenticatorSelection": map[string]any{
			"authenticatorAttachment": "platform", "residentKey": "required", "requireResidentKey": true, "userVerification": "required",
		},
	}, o)
}

func TestRequestOptions(t *testing.T) {
	t.Parallel()
	raw, _, err := newBench(t).ceremonies.BeginLogin(testLoginRules)
	require.NoError(t, err)
	var got map[string]map[string]any
	require.NoError(t, json.Unmarshal(raw, &got))
	o := got["publicKey"]
	assert.Len(t, o["challenge"], 43)
	delete(o, "challenge")
	assert.Equal(t, map[string]any{"rpId": "acme.test", "timeout": 60000.0, "userVerification": "required"}, o)
}

func TestEveryReasonIsExplained(t *testing.T) {
	t.Parallel()
	for _, f := range findings {
		assert.NotEmpty(t, f.reason.Explain(), f.reason)
	}
}

// FuzzCeremonies feeds hostile responses to the verifier. Whatever comes, it must
// neither panic nor accept.
func FuzzCeremonies(f *testing.F) {
	b := newBench(f)
	require.NoError(f, b.register(f))
	raw, _, err := b.ceremonies.BeginLogin(testLoginRules)
	require.NoError(f, err)
	f.Add(b.device.Get(f, raw))
	raw, _, err = b.ceremonies.BeginRegistration(Account{Handle: []byte("h"), Name: "n", DisplayName: "d"}, nil, testRegistrationRules)
	require.NoError(f, err)
	f.Add(b.device.Create(f, raw))
	f.Add([]byte(`{"id":"AA","rawId":"AA","type":"public-key","response":{}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if response, err := ParseLogin(body); err == nil {
			_, asked, err := b.ceremonies.BeginLogin(testLoginRules)
			require.NoError(t, err)
			_, err = b.ceremonies.FinishLogin(asked, response, CounterRefuse, b.find)
			require.NotEmpty(t, ReasonOf(err))
		}
		if response, err := ParseRegistration(body); err == nil {
			_, asked, err := b.ceremonies.BeginRegistration(Account{Handle: []byte("h"), Name: "n", DisplayName: "d"}, nil, testRegistrationRules)
			require.NoError(t, err)
			_, err = b.ceremonies.FinishRegistration(asked, response)
			require.NotEmpty(t, ReasonOf(err))
		}
	})
}

// BenchmarkCeremonies is one sign-up and one login, from options to verified
// response. The device's own work is left out of the timing.
func BenchmarkCeremonies(b *testing.B) {
	rp := newBench(b)
	account := Account{Handle: []byte("alice's handle"), Name: "alice", DisplayName: "Alice"}
	for b.Loop() {
		raw, asked, err := rp.ceremonies.BeginRegistration(account, nil, testRegistrationRules)
		require.NoError(b, err)
		b.StopTimer()
		body := rp.device.Create(b, raw)
		b.StartTimer()
		registration, err := ParseRegistration(body)
		require.NoError(b, err)
		rp.credential, err = rp.ceremonies.FinishRegistration(asked, registration)
		require.NoError(b, err)
		raw, login, err := rp.ceremonies.BeginLogin(testLoginRules)
		require.NoError(b, err)
		b.StopTimer()
		body = rp.device.Get(b, raw)
		b.StartTimer()
		response, err := ParseLogin(body)
		require.NoError(b, err)
		_, err = rp.ceremonies.FinishLogin(login, response, CounterRefuse, rp.find)
		require.NoError(b, err)
	}
}

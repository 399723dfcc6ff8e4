package ceremony

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony/ceremonytest"
)

func TestRulesOfLogins(t *testing.T) {
	t.Parallel()
	other := Credential{ID: []byte("another credential")}
	tests := map[string]struct {
		rules func(*bench, *LoginRules)
		spoil func(*ceremonytest.Device)
		want  Reason
	}{
		"allowed":              {rules: func(b *bench, r *LoginRules) { r.Allow = []Credential{other, b.credential} }},
		"not allowed":          {rules: func(_ *bench, r *LoginRules) { r.Allow = []Credential{other} }, want: ReasonNotAllowed},
		"another origin":       {spoil: func(d *ceremonytest.Device) { d.Origin = "https://app.acme.test" }, want: ReasonOrigin},
		"an origin by rule":    {rules: originRule, spoil: func(d *ceremonytest.Device) { d.Origin = "https://app.acme.test" }},
		"the site's by rule":   {rules: originRule},
		"neither origin":       {rules: originRule, spoil: func(d *ceremonytest.Device) { d.Origin = "https://evil.test" }, want: ReasonOrigin},
		"absent":               {spoil: func(d *ceremonytest.Device) { d.Flags = 0 }, want: ReasonUserPresence},
		"absent by rule":       {rules: absentRule(VerificationPreferred), spoil: func(d *ceremonytest.Device) { d.Flags = 0 }},
		"absent, unverified":   {rules: absentRule(VerificationRequired), spoil: func(d *ceremonytest.Device) { d.Flags = 0 }, want: ReasonUserVerification},
		"absent, of elsewhere": {rules: absentRule(VerificationPreferred), spoil: func(d *ceremonytest.Device) { d.Flags, d.RPID = 0, "evil.test" }, want: ReasonRPIDHash},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			require.NoError(t, b.register(t))
			rules := LoginRules{UserVerification: VerificationPreferred, Lifetime: time.Minute}
			if test.rules != nil {
				test.rules(b, &rules)
			}
			if test.spoil != nil {
				test.spoil(b.device)
			}
			raw, asked, err := b.ceremonies.BeginLogin(rules)
			require.NoError(t, err)
			err = b.answer(asked, b.device.Get(t, raw))
			assert.Equal(t, test.want, ReasonOf(err), "%v", err)
			assert.Equal(t, test.want == "", err == nil)
		})
	}
}

func originRule(_ *bench, r *LoginRules) { r.Origins = []string{"https://app.acme.test"} }

func absentRule(uv UserVerification) func(*bench, *LoginRules) {
	return func(_ *bench, r *LoginRules) { r.WithoutPresence, r.UserVerification = true, uv }
}

func TestRulesOfRegistrations(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		rules  func(*RegistrationRules)
		origin string
		want   Reason
	}{
		"its algorithm":         {rules: func(r *RegistrationRules) { r.Algorithms = []int64{-7} }},
		"another algorithm":     {rules: func(r *RegistrationRules) { r.Algorithms = []int64{-8, -257} }, want: ReasonAlgorithm},
		"an origin by rule":     {rules: func(r *RegistrationRules) { r.Origins = []string{"android:apk-key-hash:x"} }, origin: "android:apk-key-hash:x"},
		"another app's origin":  {rules: func(r *RegistrationRules) { r.Origins = []string{"android:apk-key-hash:x"} }, origin: "android:apk-key-hash:y", want: ReasonOrigin},
		"an origin without one": {origin: "android:apk-key-hash:x", want: ReasonOrigin},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			rules := testRegistrationRules
			if test.rules != nil {
				test.rules(&rules)
			}
			if test.origin != "" {
				b.device.Origin = test.origin
			}
			raw, asked, err := b.ceremonies.BeginRegistration(Account{Handle: []byte("h"), Name: "n"}, nil, rules)
			require.NoError(t, err)
			response, err := ParseRegistration(b.device.Create(t, raw))
			require.NoError(t, err)
			_, err = b.ceremonies.FinishRegistration(asked, response)
			assert.Equal(t, test.want, ReasonOf(err), "%v", err)
			assert.Equal(t, test.want == "", err == nil)
		})
	}
}

type object = map[string]any

// TestRulesInOptions looks at what rules put into the options, as whole objects.
func TestRulesInOptions(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	read := func(raw json.RawMessage) object {
		var o struct {
			PublicKey object `json:"publicKey"`
		}
		require.NoError(t, json.Unmarshal(raw, &o))
		delete(o.PublicKey, "challenge")
		var inner object
		require.NoError(t, json.Unmarshal(PublicKeyOf(raw), &inner))
		delete(inner, "challenge")
		assert.Equal(t, o.PublicKey, inner)
		return inner
	}
	known := []Credential{{ID: []byte{0xff}, Transports: []string{"usb"}}}
	raw, _, err := b.ceremonies.BeginRegistration(Account{Handle: []byte{1}, Name: "n", DisplayName: "d"}, known, RegistrationRules{
		UserVerification: VerificationDiscouraged, Lifetime: time.Second, Algorithms: []int64{-65535},
		Selection: json.RawMessage(`{"userVerification":"discouraged"}`), Extensions: json.RawMessage(`{"example.extension":1}`),
	})
	require.NoError(t, err)
	assert.Equal(t, object{
		"rp": object{"id": "acme.test", "name": "Acme"}, "user": object{"id": "AQ", "name": "n", "displayName": "d"}, "timeout": 1000.0,
		"pubKeyCredParams":       []any{object{"type": "public-key", "alg": -65535.0}},
		"excludeCredentials":     []any{object{"type": "public-key", "id": "_w", "transports": []any{"usb"}}},
		"authenticatorSelection": object{"userVerification": "discouraged"}, "extensions": object{"example.extension": 1.0},
	}, read(raw))
	raw, _, err = b.ceremonies.BeginLogin(LoginRules{
		UserVerification: VerificationDiscouraged, Lifetime: time.Second, Allow: known, Extensions: json.RawMessage(`{"a":{}}`),
	})
	require.NoError(t, err)
	assert.Equal(t, object{
		"timeout": 1000.0, "rpId": "acme.test", "userVerification": "discouraged", "extensions": object{"a": object{}},
		"allowCredentials": []any{object{"type": "public-key", "id": "_w", "transports": []any{"usb"}}},
	}, read(raw))
}

package ceremony_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation/mds"
	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/webauthn"
)

func TestWhichStatusesAreUndesired(t *testing.T) {
	t.Parallel()
	m := newMaker(t, "maker")
	model := keyModel(m)
	for _, status := range mds.Statuses() {
		w := newWorld(t, mds.EntryOf(statementOf(model, m), mds.StatusReport{Status: status}))
		on := w.browser(model)
		_, err := w.signUp(on, &ceremony.ModelRules{})
		if status.Undesired() {
			assert.Equal(t, ceremony.ReasonModelStatus, ceremony.ReasonOf(err), status)
		} else {
			assert.NoError(t, err, status)
		}
		_, err = w.signUp(on, &ceremony.ModelRules{Undesired: []string{string(status)}})
		assert.Equal(t, ceremony.ReasonModelStatus, ceremony.ReasonOf(err), status)
		_, err = w.signUp(on, &ceremony.ModelRules{Undesired: []string{}})
		assert.NoError(t, err, status)
	}
}

// Statuses begin and end by the relying party's clock.
func TestStatusesOverTime(t *testing.T) {
	t.Parallel()
	m := newMaker(t, "maker")
	model := keyModel(m)
	w := newWorld(t, mds.EntryOf(statementOf(model, m), mds.StatusReport{Status: mds.UserVerificationBypass, EffectiveDate: day("2030-02-10"), SunsetDate: day("2030-05-10")}))
	on, rules := w.browser(model), &ceremony.ModelRules{}
	_, err := w.signUp(on, rules)
	require.NoError(t, err)
	pass := func(days int) { w.clock.Advance(time.Duration(days) * 24 * time.Hour) }

	pass(39) // 2030-02-09; a new BLOB was due on 2030-01-31
	require.NoError(t, w.logIn(on, rules))
	pass(1)
	require.NoError(t, w.logIn(on, rules), "the site's BLOB is good until 2030-03-11, and does not know")
	pass(29)
	assert.Equal(t, ceremony.ReasonModelStatus, ceremony.ReasonOf(w.logIn(on, rules)), "registered passkeys are looked at again")
	_, err = w.signUp(on, rules)
	require.ErrorContains(t, err, "is USER_VERIFICATION_BYPASS since 2030-02-10.")
	pass(60)
	_, err = w.signUp(on, rules)
	require.NoError(t, err, "its sunset date has come")
	require.NoError(t, w.logIn(on, rules))
}

func TestWhatIsAdmittedBesides(t *testing.T) {
	t.Parallel()
	m := newMaker(t, "maker")
	attested := keyModel(m)
	self := keyModel(m)
	self.Attestation = nil
	synced := keyModel(m)
	makeSynced(&synced)
	silent := authenticator.Phone()
	id := func(model authenticator.Model) ceremony.AAGUID { return ceremony.AAGUID(model.AAGUID) }
	another := func(s *mds.Statement) { s.AAGUID = "11111111-1111-4111-9111-111111111111" }
	surrogate := func(s *mds.Statement) { s.AttestationTypes = append(s.AttestationTypes, mds.BasicSurrogate) }

	for _, c := range []struct {
		name  string
		model authenticator.Model
		edit  func(*mds.Statement)
		rules ceremony.ModelRules
		want  ceremony.Reason // "" for admitted
	}{
		{"nothing attested", silent, nil, ceremony.ModelRules{}, ceremony.ReasonUnattested},
		{"nothing attested, unknown admitted", silent, nil, ceremony.ModelRules{AdmitUnknown: true}, ""},
		{"attested, unknown admitted", attested, another, ceremony.ModelRules{AdmitUnknown: true}, ""},
		{"attested, unknown admitted, hardware wanted", attested, another, ceremony.ModelRules{AdmitUnknown: true, HardwareBacked: true}, ceremony.ReasonModelSoftware},
		{"nothing attested, and denied", silent, nil, ceremony.ModelRules{AdmitUnknown: true, Deny: []ceremony.AAGUID{id(silent)}}, ceremony.ReasonModelDenied},
		{"nothing attested, though allowed", silent, nil, ceremony.ModelRules{AdmitUnknown: true, Allow: []ceremony.AAGUID{id(silent)}}, ceremony.ReasonUnattested},
		{"attested without an entry, though allowed", attested, another, ceremony.ModelRules{AdmitUnknown: true, Allow: []ceremony.AAGUID{id(attested)}}, ceremony.ReasonModelUnknown},
		{"self attestation without an entry, though allowed", self, another, ceremony.ModelRules{AdmitUnknown: true, Allow: []ceremony.AAGUID{id(self)}}, ceremony.ReasonModelUnknown},
		{"attested without an entry, and denied", attested, another, ceremony.ModelRules{AdmitUnknown: true, Deny: []ceremony.AAGUID{id(attested)}}, ceremony.ReasonModelDenied},
		{"nothing attested, hardware wanted", silent, nil, ceremony.ModelRules{AdmitUnknown: true, HardwareBacked: true}, ceremony.ReasonUnattested},

		{"denied", attested, nil, ceremony.ModelRules{Deny: []ceremony.AAGUID{id(attested)}}, ceremony.ReasonModelDenied},
		{"others denied", attested, nil, ceremony.ModelRules{Deny: []ceremony.AAGUID{id(silent)}}, ""},
		{"others allowed", attested, nil, ceremony.ModelRules{Allow: []ceremony.AAGUID{id(silent)}}, ceremony.ReasonModelDenied},
		{"allowed", attested, nil, ceremony.ModelRules{Allow: []ceremony.AAGUID{id(silent), id(attested)}}, ""},

		{"self attestation", self, nil, ceremony.ModelRules{}, ceremony.ReasonModelMismatch},
		{"self attestation of a model that makes it", self, surrogate, ceremony.ModelRules{}, ""},
		{"self attestation, hardware wanted", self, surrogate, ceremony.ModelRules{HardwareBacked: true}, ceremony.ReasonModelSoftware},

		{"software", attested, func(s *mds.Statement) { s.KeyProtection = []string{"software"} }, ceremony.ModelRules{HardwareBacked: true}, ceremony.ReasonModelSoftware},
		{"software beside hardware", attested, func(s *mds.Statement) { s.KeyProtection = []string{"hardware", "software"} }, ceremony.ModelRules{HardwareBacked: true}, ceremony.ReasonModelSoftware},
		{"no word on protection", attested, func(s *mds.Statement) { s.KeyProtection = []string{} }, ceremony.ModelRules{HardwareBacked: true}, ceremony.ReasonModelSoftware},
		{"trusted environment", attested, func(s *mds.Statement) { s.KeyProtection = []string{"tee"} }, ceremony.ModelRules{HardwareBacked: true}, ""},
		{"synced model", attested, func(s *mds.Statement) { s.MultiDeviceCredentialSupport = mds.MultiDeviceImplicit }, ceremony.ModelRules{HardwareBacked: true}, ceremony.ReasonModelSoftware},
		{"model that may sync and does not", attested, func(s *mds.Statement) { s.MultiDeviceCredentialSupport = mds.MultiDeviceExplicit }, ceremony.ModelRules{HardwareBacked: true}, ""},
		{"model that may sync and does", synced, func(s *mds.Statement) { s.MultiDeviceCredentialSupport = mds.MultiDeviceExplicit }, ceremony.ModelRules{HardwareBacked: true}, ceremony.ReasonModelSoftware},
		{"software, hardware not wanted", attested, func(s *mds.Statement) { s.KeyProtection = []string{"software"} }, ceremony.ModelRules{}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			statement := statementOf(attested, m)
			if c.edit != nil {
				c.edit(statement)
			}
			w := newWorld(t, mds.EntryOf(statement))
			_, err := w.signUp(w.browser(c.model), &c.rules)
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			assert.Equal(t, c.want, ceremony.ReasonOf(err), err)
		})
	}
}

// A passkey on record that names no model is held to the lists, too.
func TestLoginOfAnAuthenticatorThatNamesNoModel(t *testing.T) {
	t.Parallel()
	m := newMaker(t, "maker")
	model := keyModel(m)
	zeros := ceremony.AAGUID{}
	w := newWorld(t)
	on := w.browser(model)
	made, err := w.signUp(on, nil)
	require.NoError(t, err)
	for _, unsaid := range [][]byte{zeros[:], nil} {
		made.AAGUID = unsaid
		w.known[string(made.ID)] = made
		for name, c := range map[string]struct {
			rules ceremony.ModelRules
			want  ceremony.Reason
		}{
			"no lists":       {ceremony.ModelRules{}, ""},
			"denied":         {ceremony.ModelRules{Deny: []ceremony.AAGUID{zeros}}, ceremony.ReasonModelDenied},
			"others allowed": {ceremony.ModelRules{Allow: []ceremony.AAGUID{ceremony.AAGUID(model.AAGUID)}}, ceremony.ReasonModelDenied},
			"allowed":        {ceremony.ModelRules{Allow: []ceremony.AAGUID{zeros}}, ""},
			"others denied":  {ceremony.ModelRules{Deny: []ceremony.AAGUID{ceremony.AAGUID(model.AAGUID)}}, ""},
		} {
			assert.Equal(t, c.want, ceremony.ReasonOf(w.logIn(on, &c.rules)), name)
		}
	}
}

// An attestation that does not verify is not explained by metadata.
func TestBadStatementIsNoQuestionOfModels(t *testing.T) {
	t.Parallel()
	m := newMaker(t, "maker")
	model := keyModel(m)
	model.Attestation = &authenticator.AttestationKey{ // signs with another key than the certificate's
		Algorithm: webauthn.ES256, Private: scalarOf("wrong"), Certificates: model.Attestation.Certificates,
	}
	w := newWorld(t)
	_, err := w.signUp(w.browser(model), &ceremony.ModelRules{})
	assert.Equal(t, ceremony.ReasonAttestation, ceremony.ReasonOf(err))
}

// Nothing good is known of a model whose entry cannot be read, and something bad may
// be. Those who have it already are not locked out.
func TestUnreadableEntry(t *testing.T) {
	t.Parallel()
	m := newMaker(t, "maker")
	model := keyModel(m)
	w := newWorld(t, mds.EntryOf(statementOf(model, m)))
	f, err := mds.FaultByID("entry/report-date")
	require.NoError(t, err)
	on := w.browser(model)
	_, err = w.signUp(on, nil)
	require.NoError(t, err)
	w.service.Break(f)
	rules := []*ceremony.ModelRules{{}, {AdmitUnknown: true}}
	for _, r := range rules {
		assert.NoError(t, w.logIn(on, r))
	}
	for _, r := range rules {
		_, err = w.signUp(on, r)
		require.Equal(t, ceremony.ReasonModelUnknown, ceremony.ReasonOf(err))
		assert.ErrorContains(t, err, "cannot be read")
	}
}

func TestWithoutMetadata(t *testing.T) {
	t.Parallel()
	m := newMaker(t, "maker")
	model := keyModel(m)
	w := newWorld(t, mds.EntryOf(statementOf(model, m)))
	w.service.Break(mds.Faults()[0])
	on, rules := w.browser(model), &ceremony.ModelRules{}
	_, err := w.signUp(on, rules)
	require.Equal(t, ceremony.ReasonMetadata, ceremony.ReasonOf(err))
	_, err = w.signUp(on, nil)
	require.NoError(t, err)
	assert.NoError(t, w.logIn(on, rules), "nobody is locked out")
	denied := &ceremony.ModelRules{Deny: []ceremony.AAGUID{ceremony.AAGUID(model.AAGUID)}}
	assert.Equal(t, ceremony.ReasonModelDenied, ceremony.ReasonOf(w.logIn(on, denied)), "what the policy says needs no metadata")

	w.service.Break()
	w.clock.Advance(59 * time.Second)
	_, err = w.signUp(on, rules)
	require.Equal(t, ceremony.ReasonMetadata, ceremony.ReasonOf(err), "not asked again yet")
	w.clock.Advance(time.Second)
	_, err = w.signUp(on, rules)
	require.NoError(t, err)
}

func TestParseAAGUID(t *testing.T) {
	t.Parallel()
	id, err := ceremony.ParseAAGUID(modelID)
	require.NoError(t, err)
	assert.Equal(t, modelID, id.String())
	for _, bad := range []string{"", "7", "70617373-6B65-796C-6162-3A0000000003", "{" + modelID + "}", "urn:uuid:" + modelID} {
		_, err := ceremony.ParseAAGUID(bad)
		assert.Error(t, err, bad)
	}
}

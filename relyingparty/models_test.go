package relyingparty_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation/mds"
	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/webauthn"
)

func TestAttestedModelIsAdmitted(t *testing.T) {
	t.Parallel()
	m := newMaker(t, "maker")
	model := keyModel(m)
	w := newWorld(t, mds.EntryOf(statementOf(model, m), mds.StatusReport{Status: mds.FIDOCertifiedL1}))
	on := w.browser(model)
	for _, rules := range []*relyingparty.ModelRules{nil, {}, {HardwareBacked: true}, {Allow: []relyingparty.AAGUID{relyingparty.AAGUID(model.AAGUID)}}} {
		for _, attestation := range []relyingparty.Attestation{relyingparty.AttestationDirect, relyingparty.AttestationEnterprise} {
			made, err := w.signUpAs(on, attestation, rules)
			require.NoError(t, err)
			assert.Equal(t, model.AAGUID[:], made.AAGUID)
			assert.Equal(t, "packed", made.Attestation)
			require.NoError(t, w.logIn(on, rules))
		}
	}
}

// scene is a model, what metadata say of it, and what a page asks of it.
type scene struct {
	model     authenticator.Model
	maker     *maker
	statement *mds.Statement
	entry     mds.Entry // EntryOf(statement) with these reports, where it has no other name
	page      func(map[string]any)
}

// Each check of metadata refuses what it is for, and says so; without it the same is
// admitted.
func TestModelChecks(t *testing.T) {
	t.Parallel()
	seen := map[relyingparty.ModelCheck]bool{}
	for _, c := range []struct {
		name   string
		check  relyingparty.ModelCheck
		spoil  func(*scene)
		want   relyingparty.Reason
		detail string
	}{
		{"MD1 revoked", relyingparty.CheckStatus, func(s *scene) {
			s.entry.StatusReports = []mds.StatusReport{{Status: mds.FIDOCertified}, {Status: mds.Revoked, EffectiveDate: day("2029-05-01")}}
		}, relyingparty.ReasonModelStatus, `"Test Key 5" (` + modelID + `) is REVOKED since 2029-05-01.`},
		{"MD5 statement of a type that the model does not make", relyingparty.CheckTypes, func(s *scene) {
			s.statement.AttestationTypes = []mds.AttestationType{mds.BasicSurrogate, mds.AttCA}
		}, relyingparty.ReasonModelMismatch, "The attestation is of type basic_full"},
		{"MD6 certificate of nobody", relyingparty.CheckTrust, func(s *scene) {
			s.model.Attestation = newMaker(s.maker.t, "nobody").batch("first batch", s.model.AAGUID)
		}, relyingparty.ReasonModelUntrusted, `does not lead to a root of "Test Key 5"`},
		{"MD7 certificate under another model's root", relyingparty.CheckTrust, func(s *scene) {
			s.statement.AttestationRootCertificates = [][]byte{newMaker(s.maker.t, "other maker").root.Raw}
		}, relyingparty.ReasonModelUntrusted, "does not lead to a root"},
		{"MD8 unknown model", relyingparty.CheckEntry, func(s *scene) {
			s.entry.AAGUID = "11111111-1111-4111-9111-111111111111"
		}, relyingparty.ReasonModelUnknown, "There are no metadata of the model " + modelID + "."},
		{"MD9 key identifier of a revoked model", relyingparty.CheckStatus, func(s *scene) {
			u2f(s)
			s.entry.StatusReports = []mds.StatusReport{{Status: mds.Retired}}
		}, relyingparty.ReasonModelStatus, "is RETIRED."},
		{"MD10 statement of another model", relyingparty.CheckAAGUID, func(s *scene) {
			s.statement.AAGUID = "11111111-1111-4111-9111-111111111111"
		}, relyingparty.ReasonModelMismatch, "name several models"},
		{"MD10 getInfo of another model", relyingparty.CheckAAGUID, func(s *scene) {
			s.statement.AuthenticatorGetInfo = &mds.GetInfo{Versions: []string{"FIDO_2_0"}, AAGUID: "11111111111141119111111111111111"}
		}, relyingparty.ReasonModelMismatch, "name several models"},
		{"MD11 format that the model does not make", relyingparty.CheckFormats, func(s *scene) {
			s.statement.AuthenticatorGetInfo = &mds.GetInfo{Versions: []string{"FIDO_2_0"}, AttestationFormats: []string{"tpm", "none"}}
		}, relyingparty.ReasonModelMismatch, "does not make attestation statements of this format"},
		{"MD11 U2F with another format", relyingparty.CheckFormats, func(s *scene) {
			s.statement.ProtocolFamily = "u2f"
		}, relyingparty.ReasonModelMismatch, "does not make attestation statements of this format"},
		{"MD12 backup where there is none", relyingparty.CheckBackup, func(s *scene) {
			s.model.BackupEligible, s.model.BackedUp, s.model.Counter = true, true, authenticator.CounterZero
			s.model.NonDiscoverable, s.model.Versions = authenticator.Stored, []string{ctap.VersionFIDO20, ctap.VersionFIDO21}
			s.model.Previews = false
		}, relyingparty.ReasonModelMismatch, "cannot back passkeys up"},
		{"MD13 algorithm that the model has not", relyingparty.CheckAlgorithms, func(s *scene) {
			s.statement.AuthenticationAlgorithms = []string{mds.AlgorithmWord(webauthn.EdDSA)}
		}, relyingparty.ReasonModelMismatch, "does not make passkeys with this algorithm"},
		{"MD14 extension that the model has not", relyingparty.CheckExtensions, func(s *scene) {
			s.statement.SupportedExtensions = []mds.ExtensionDescriptor{{ID: "hmac-secret"}}
			s.page = func(options map[string]any) {
				options["extensions"] = map[string]any{"credentialProtectionPolicy": "userVerificationRequired"}
			}
		}, relyingparty.ReasonModelMismatch, "does not have the extensions"},
		{"MD15 user verification that the model has not", relyingparty.CheckVerification, func(s *scene) {
			s.statement.UserVerificationDetails = [][]mds.VerificationMethod{{{UserVerificationMethod: "presence_internal"}}}
		}, relyingparty.ReasonModelMismatch, "cannot verify users"},
		{"MD16 revoked batch", relyingparty.CheckStatus, func(s *scene) {
			s.entry.StatusReports = []mds.StatusReport{{Status: mds.AttestationKeyCompromise, BatchCertificate: s.model.Attestation.Certificates[0]}}
		}, relyingparty.ReasonModelStatus, "is ATTESTATION_KEY_COMPROMISE."},
	} {
		seen[c.check] = true
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, model, page := play(t, c.spoil)
			on := w.browser(model)
			_, err := w.signUp(on, &relyingparty.ModelRules{}, page)
			var refused *relyingparty.Refusal
			require.ErrorAs(t, err, &refused)
			assert.Equal(t, c.want, refused.Reason, err)
			assert.Contains(t, refused.Explain(), c.detail)

			_, err = w.signUp(on, nil, page)
			require.NoError(t, err, "without rules")
			_, err = w.signUp(on, &relyingparty.ModelRules{Except: []relyingparty.ModelCheck{c.check}}, page)
			require.NoError(t, err, "without the check")
			if c.check != relyingparty.CheckStatus {
				assert.NoError(t, w.logIn(on, &relyingparty.ModelRules{}), "a credential on record is held to statuses alone")
			}
		})
	}
	for _, check := range relyingparty.ModelChecks() {
		if check != relyingparty.CheckKeyIdentifier && check != relyingparty.CheckBatch { // see the next test
			assert.True(t, seen[check], check)
		}
	}
}

// Two checks do not refuse, but find: an entry, and a batch.
func TestChecksThatFind(t *testing.T) {
	t.Parallel()
	t.Run("MD9 entry by key identifier", func(t *testing.T) {
		t.Parallel()
		w, model, _ := play(t, u2f)
		on := w.browser(model)
		_, err := w.signUp(on, &relyingparty.ModelRules{})
		require.NoError(t, err)
		_, err = w.signUp(on, &relyingparty.ModelRules{Except: []relyingparty.ModelCheck{relyingparty.CheckKeyIdentifier}})
		assert.Equal(t, relyingparty.ReasonModelUnknown, relyingparty.ReasonOf(err), "without it")
	})
	t.Run("MD16 another batch", func(t *testing.T) {
		t.Parallel()
		w, model, _ := play(t, func(s *scene) {
			other := s.maker.batch("second batch", s.model.AAGUID)
			s.entry.StatusReports = []mds.StatusReport{{Status: mds.AttestationKeyCompromise, BatchCertificate: other.Certificates[0]}}
		})
		on := w.browser(model)
		_, err := w.signUp(on, &relyingparty.ModelRules{})
		require.NoError(t, err)
		require.NoError(t, w.logIn(on, &relyingparty.ModelRules{}), "nothing shows the batch any more")
		without := &relyingparty.ModelRules{Except: []relyingparty.ModelCheck{relyingparty.CheckBatch}}
		assert.Equal(t, relyingparty.ReasonModelStatus, relyingparty.ReasonOf(w.logIn(on, without)), "without it, the whole model")
		_, err = w.signUp(on, without)
		assert.Equal(t, relyingparty.ReasonModelStatus, relyingparty.ReasonOf(err))
	})
}

// A report may name the root of a batch, which no authenticator sends along.
func TestRevokedBatchIssuer(t *testing.T) {
	t.Parallel()
	w, model, _ := play(t, func(s *scene) {
		s.entry.StatusReports = []mds.StatusReport{{Status: mds.AttestationKeyCompromise, EffectiveDate: day("2029-12-31"), BatchCertificate: s.maker.root.Raw}}
	})
	on := w.browser(model)
	_, err := w.signUp(on, &relyingparty.ModelRules{})
	require.Equal(t, relyingparty.ReasonModelStatus, relyingparty.ReasonOf(err))
	assert.ErrorContains(t, err, "is ATTESTATION_KEY_COMPROMISE since 2029-12-31.")
	_, err = w.signUp(on, &relyingparty.ModelRules{Except: []relyingparty.ModelCheck{relyingparty.CheckStatus}})
	require.NoError(t, err)

	w, model, _ = play(t, func(s *scene) {
		other := newMaker(t, "other batch")
		s.statement.AttestationRootCertificates = append(s.statement.AttestationRootCertificates, other.root.Raw)
		s.entry.StatusReports = []mds.StatusReport{{Status: mds.AttestationKeyCompromise, BatchCertificate: other.root.Raw}}
	})
	_, err = w.signUp(w.browser(model), &relyingparty.ModelRules{})
	assert.NoError(t, err, "the root of another batch")
}

// u2f makes the scene one of a key without AAGUID, which metadata know by the key of
// its attestation certificate.
func u2f(s *scene) {
	s.model.AAGUID = webauthn.AAGUID{}
	s.model.Attestation = s.maker.batch("first batch", s.model.AAGUID)
	s.statement.AAGUID = ""
	s.entry.AAGUID = ""
	s.entry.AttestationCertificateKeyIdentifiers = []string{keyIdentifier(s.maker.t, s.model.Attestation)}
}

const modelID = "70617373-6b65-796c-6162-3a0000000003"

func day(s string) mds.Date {
	d, err := mds.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// play sets a scene up in which all is well but for what spoil does.
func play(t *testing.T, spoil func(*scene)) (*world, authenticator.Model, func(map[string]any)) {
	t.Helper()
	s := &scene{maker: newMaker(t, "maker"), page: func(map[string]any) {}}
	s.model = keyModel(s.maker)
	s.statement = statementOf(s.model, s.maker)
	s.entry = mds.EntryOf(s.statement)
	spoil(s)
	return newWorld(t, s.entry), s.model, s.page
}

func TestWhichStatusesAreUndesired(t *testing.T) {
	t.Parallel()
	m := newMaker(t, "maker")
	model := keyModel(m)
	for _, status := range mds.Statuses() {
		w := newWorld(t, mds.EntryOf(statementOf(model, m), mds.StatusReport{Status: status}))
		on := w.browser(model)
		_, err := w.signUp(on, &relyingparty.ModelRules{})
		if status.Undesired() {
			assert.Equal(t, relyingparty.ReasonModelStatus, relyingparty.ReasonOf(err), status)
		} else {
			assert.NoError(t, err, status)
		}
		_, err = w.signUp(on, &relyingparty.ModelRules{Undesired: []string{string(status)}})
		assert.Equal(t, relyingparty.ReasonModelStatus, relyingparty.ReasonOf(err), status)
		_, err = w.signUp(on, &relyingparty.ModelRules{Undesired: []string{}})
		assert.NoError(t, err, status)
	}
}

// Statuses begin and end by the site's clock.
func TestStatusesOverTime(t *testing.T) {
	t.Parallel()
	m := newMaker(t, "maker")
	model := keyModel(m)
	w := newWorld(t, mds.EntryOf(statementOf(model, m), mds.StatusReport{Status: mds.UserVerificationBypass, EffectiveDate: day("2030-02-10"), SunsetDate: day("2030-05-10")}))
	on, rules := w.browser(model), &relyingparty.ModelRules{}
	_, err := w.signUp(on, rules)
	require.NoError(t, err)
	pass := func(days int) { w.clock.Advance(time.Duration(days) * 24 * time.Hour) }

	pass(39) // 2030-02-09; a new BLOB was due on 2030-01-31
	require.NoError(t, w.logIn(on, rules))
	pass(1)
	require.NoError(t, w.logIn(on, rules), "the site's BLOB is good until 2030-03-11, and does not know")
	pass(29)
	assert.Equal(t, relyingparty.ReasonModelStatus, relyingparty.ReasonOf(w.logIn(on, rules)), "registered passkeys are looked at again")
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
	silent := authenticator.Phone()
	id := func(model authenticator.Model) relyingparty.AAGUID { return relyingparty.AAGUID(model.AAGUID) }
	surrogate := func(s *mds.Statement) { s.AttestationTypes = append(s.AttestationTypes, mds.BasicSurrogate) }

	for _, c := range []struct {
		name  string
		model authenticator.Model
		edit  func(*mds.Statement)
		rules relyingparty.ModelRules
		want  relyingparty.Reason // "" for admitted
	}{
		{"nothing attested", silent, nil, relyingparty.ModelRules{}, relyingparty.ReasonUnattested},
		{"nothing attested, unknown admitted", silent, nil, relyingparty.ModelRules{AdmitUnknown: true}, ""},
		{"nothing attested, and denied", silent, nil, relyingparty.ModelRules{AdmitUnknown: true, Deny: []relyingparty.AAGUID{id(silent)}}, relyingparty.ReasonModelDenied},
		{"nothing attested, though allowed", silent, nil, relyingparty.ModelRules{AdmitUnknown: true, Allow: []relyingparty.AAGUID{id(silent)}}, relyingparty.ReasonUnattested},
		{"nothing attested, hardware wanted", silent, nil, relyingparty.ModelRules{AdmitUnknown: true, HardwareBacked: true}, relyingparty.ReasonUnattested},

		{"denied", attested, nil, relyingparty.ModelRules{Deny: []relyingparty.AAGUID{id(attested)}}, relyingparty.ReasonModelDenied},
		{"others denied", attested, nil, relyingparty.ModelRules{Deny: []relyingparty.AAGUID{id(silent)}}, ""},
		{"others allowed", attested, nil, relyingparty.ModelRules{Allow: []relyingparty.AAGUID{id(silent)}}, relyingparty.ReasonModelDenied},
		{"allowed", attested, nil, relyingparty.ModelRules{Allow: []relyingparty.AAGUID{id(silent), id(attested)}}, ""},

		{"self attestation", self, nil, relyingparty.ModelRules{}, relyingparty.ReasonModelMismatch},
		{"self attestation of a model that makes it", self, surrogate, relyingparty.ModelRules{}, ""},
		{"self attestation, hardware wanted", self, surrogate, relyingparty.ModelRules{HardwareBacked: true}, relyingparty.ReasonModelSoftware},

		{"software", attested, func(s *mds.Statement) { s.KeyProtection = []string{"software"} }, relyingparty.ModelRules{HardwareBacked: true}, relyingparty.ReasonModelSoftware},
		{"software beside hardware", attested, func(s *mds.Statement) { s.KeyProtection = []string{"hardware", "software"} }, relyingparty.ModelRules{HardwareBacked: true}, relyingparty.ReasonModelSoftware},
		{"no word on protection", attested, func(s *mds.Statement) { s.KeyProtection = []string{} }, relyingparty.ModelRules{HardwareBacked: true}, relyingparty.ReasonModelSoftware},
		{"trusted environment", attested, func(s *mds.Statement) { s.KeyProtection = []string{"tee"} }, relyingparty.ModelRules{HardwareBacked: true}, ""},
		{"synced model", attested, func(s *mds.Statement) { s.MultiDeviceCredentialSupport = mds.MultiDeviceImplicit }, relyingparty.ModelRules{HardwareBacked: true}, relyingparty.ReasonModelSoftware},
		{"model that may sync and does not", attested, func(s *mds.Statement) { s.MultiDeviceCredentialSupport = mds.MultiDeviceExplicit }, relyingparty.ModelRules{HardwareBacked: true}, ""},
		{"software, hardware not wanted", attested, func(s *mds.Statement) { s.KeyProtection = []string{"software"} }, relyingparty.ModelRules{}, ""},
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
			assert.Equal(t, c.want, relyingparty.ReasonOf(err), err)
		})
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
	_, err := w.signUp(w.browser(model), &relyingparty.ModelRules{})
	assert.Equal(t, relyingparty.ReasonAttestation, relyingparty.ReasonOf(err))
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
	rules := []*relyingparty.ModelRules{{}, {AdmitUnknown: true}}
	for _, r := range rules {
		assert.NoError(t, w.logIn(on, r))
	}
	for _, r := range rules {
		_, err = w.signUp(on, r)
		require.Equal(t, relyingparty.ReasonModelUnknown, relyingparty.ReasonOf(err))
		assert.ErrorContains(t, err, "cannot be read")
	}
}

func TestWithoutMetadata(t *testing.T) {
	t.Parallel()
	m := newMaker(t, "maker")
	model := keyModel(m)
	w := newWorld(t, mds.EntryOf(statementOf(model, m)))
	w.service.Break(mds.Faults()[0])
	on, rules := w.browser(model), &relyingparty.ModelRules{}
	_, err := w.signUp(on, rules)
	require.Equal(t, relyingparty.ReasonMetadata, relyingparty.ReasonOf(err))
	_, err = w.signUp(on, nil)
	require.NoError(t, err)
	assert.NoError(t, w.logIn(on, rules), "nobody is locked out")
	denied := &relyingparty.ModelRules{Deny: []relyingparty.AAGUID{relyingparty.AAGUID(model.AAGUID)}}
	assert.Equal(t, relyingparty.ReasonModelDenied, relyingparty.ReasonOf(w.logIn(on, denied)), "what the policy says needs no metadata")

	w.service.Break()
	w.clock.Advance(59 * time.Second)
	_, err = w.signUp(on, rules)
	require.Equal(t, relyingparty.ReasonMetadata, relyingparty.ReasonOf(err), "not asked again yet")
	w.clock.Advance(time.Second)
	_, err = w.signUp(on, rules)
	require.NoError(t, err)
}

func TestParseAAGUID(t *testing.T) {
	t.Parallel()
	id, err := relyingparty.ParseAAGUID(modelID)
	require.NoError(t, err)
	assert.Equal(t, modelID, id.String())
	for _, bad := range []string{"", "7", "70617373-6B65-796C-6162-3A0000000003", "{" + modelID + "}", "urn:uuid:" + modelID} {
		_, err := relyingparty.ParseAAGUID(bad)
		assert.Error(t, err, bad)
	}
}

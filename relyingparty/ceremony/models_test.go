package ceremony_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation/mds"
	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/webauthn"
)

func TestAttestedModelIsAdmitted(t *testing.T) {
	t.Parallel()
	m := newMaker(t, "maker")
	model := keyModel(m)
	w := newWorld(t, mds.EntryOf(statementOf(model, m), mds.StatusReport{Status: mds.FIDOCertifiedL1}))
	on := w.browser(model)
	for _, rules := range []*ceremony.ModelRules{nil, {}, {HardwareBacked: true}, {Allow: []ceremony.AAGUID{ceremony.AAGUID(model.AAGUID)}}} {
		for _, attestation := range []ceremony.Attestation{ceremony.AttestationDirect, ceremony.AttestationEnterprise} {
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
	seen := map[ceremony.ModelCheck]bool{}
	for _, c := range []struct {
		name   string
		check  ceremony.ModelCheck
		spoil  func(*scene)
		want   ceremony.Reason
		detail string
	}{
		{"MD1 revoked", ceremony.CheckStatus, func(s *scene) {
			s.entry.StatusReports = []mds.StatusReport{{Status: mds.FIDOCertified}, {Status: mds.Revoked, EffectiveDate: day("2029-05-01")}}
		}, ceremony.ReasonModelStatus, `"Test Key 5" (` + modelID + `) is REVOKED since 2029-05-01.`},
		{"MD5 statement of a type that the model does not make", ceremony.CheckTypes, func(s *scene) {
			s.statement.AttestationTypes = []mds.AttestationType{mds.BasicSurrogate, mds.AttCA}
		}, ceremony.ReasonModelMismatch, "The attestation is of type basic_full"},
		{"MD6 certificate of nobody", ceremony.CheckTrust, func(s *scene) {
			s.model.Attestation = newMaker(s.maker.t, "nobody").batch("first batch", s.model.AAGUID)
		}, ceremony.ReasonModelUntrusted, `does not lead to a root of "Test Key 5"`},
		{"MD7 certificate under another model's root", ceremony.CheckTrust, func(s *scene) {
			s.statement.AttestationRootCertificates = [][]byte{newMaker(s.maker.t, "other maker").root.Raw}
		}, ceremony.ReasonModelUntrusted, "does not lead to a root"},
		{"MD8 unknown model", ceremony.CheckEntry, func(s *scene) {
			s.entry.AAGUID = "11111111-1111-4111-9111-111111111111"
		}, ceremony.ReasonModelUnknown, "There are no metadata of the model " + modelID + "."},
		{"MD9 key identifier of a revoked model", ceremony.CheckStatus, func(s *scene) {
			u2f(s)
			s.entry.StatusReports = []mds.StatusReport{{Status: mds.Retired}}
		}, ceremony.ReasonModelStatus, "is RETIRED."},
		{"MD10 statement of another model", ceremony.CheckAAGUID, func(s *scene) {
			s.statement.AAGUID = "11111111-1111-4111-9111-111111111111"
		}, ceremony.ReasonModelMismatch, "name several models"},
		{"MD10 getInfo of another model", ceremony.CheckAAGUID, func(s *scene) {
			s.statement.AuthenticatorGetInfo = &mds.GetInfo{Versions: []string{"FIDO_2_0"}, AAGUID: "11111111111141119111111111111111"}
		}, ceremony.ReasonModelMismatch, "name several models"},
		{"MD11 format that the model does not make", ceremony.CheckFormats, func(s *scene) {
			s.statement.AuthenticatorGetInfo = &mds.GetInfo{Versions: []string{"FIDO_2_0"}, AttestationFormats: []string{"tpm", "none"}}
		}, ceremony.ReasonModelMismatch, "does not make attestation statements of this format"},
		{"MD11 U2F with another format", ceremony.CheckFormats, func(s *scene) {
			s.statement.ProtocolFamily = "u2f"
		}, ceremony.ReasonModelMismatch, "does not make attestation statements of this format"},
		{"MD12 backup where there is none", ceremony.CheckBackup, func(s *scene) {
			makeSynced(&s.model)
		}, ceremony.ReasonModelMismatch, "cannot back passkeys up"},
		{"MD13 algorithm that the model has not", ceremony.CheckAlgorithms, func(s *scene) {
			s.statement.AuthenticationAlgorithms = []string{mds.AlgorithmWord(webauthn.EdDSA)}
		}, ceremony.ReasonModelMismatch, "does not make passkeys with this algorithm"},
		{"MD14 extension that the model has not", ceremony.CheckExtensions, func(s *scene) {
			s.statement.SupportedExtensions = []mds.ExtensionDescriptor{{ID: "hmac-secret"}}
			s.page = func(options map[string]any) {
				options["extensions"] = map[string]any{"credentialProtectionPolicy": "userVerificationRequired"}
			}
		}, ceremony.ReasonModelMismatch, "does not have the extensions"},
		{"MD15 user verification that the model has not", ceremony.CheckVerification, func(s *scene) {
			s.statement.UserVerificationDetails = [][]mds.VerificationMethod{{{UserVerificationMethod: "presence_internal"}}}
		}, ceremony.ReasonModelMismatch, "cannot verify users"},
		{"MD16 revoked batch", ceremony.CheckStatus, func(s *scene) {
			s.entry.StatusReports = []mds.StatusReport{{Status: mds.AttestationKeyCompromise, BatchCertificate: s.model.Attestation.Certificates[0]}}
		}, ceremony.ReasonModelStatus, "is ATTESTATION_KEY_COMPROMISE."},
	} {
		seen[c.check] = true
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, model, page := play(t, c.spoil)
			on := w.browser(model)
			_, err := w.signUp(on, &ceremony.ModelRules{}, page)
			var refused *ceremony.Refusal
			require.ErrorAs(t, err, &refused)
			assert.Equal(t, c.want, refused.Reason, err)
			assert.Contains(t, refused.Explain(), c.detail)

			_, err = w.signUp(on, nil, page)
			require.NoError(t, err, "without rules")
			_, err = w.signUp(on, &ceremony.ModelRules{Except: []ceremony.ModelCheck{c.check}}, page)
			require.NoError(t, err, "without the check")
			if c.check != ceremony.CheckStatus {
				assert.NoError(t, w.logIn(on, &ceremony.ModelRules{}), "a credential on record is held to statuses alone")
			}
		})
	}
	for _, check := range ceremony.ModelChecks() {
		if check != ceremony.CheckKeyIdentifier && check != ceremony.CheckBatch { // see the next test
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
		_, err := w.signUp(on, &ceremony.ModelRules{})
		require.NoError(t, err)
		others := &ceremony.ModelRules{Allow: []ceremony.AAGUID{{1}}}
		require.NoError(t, w.logIn(on, &ceremony.ModelRules{}), "nothing on record says which model it is")
		assert.Equal(t, ceremony.ReasonModelDenied, ceremony.ReasonOf(w.logIn(on, others)), "hence nothing that it is one of those")
		_, err = w.signUp(on, &ceremony.ModelRules{Except: []ceremony.ModelCheck{ceremony.CheckKeyIdentifier}})
		assert.Equal(t, ceremony.ReasonModelUnknown, ceremony.ReasonOf(err), "without it")
	})
	t.Run("MD16 another batch", func(t *testing.T) {
		t.Parallel()
		w, model, _ := play(t, func(s *scene) {
			other := s.maker.batch("second batch", s.model.AAGUID)
			s.entry.StatusReports = []mds.StatusReport{{Status: mds.AttestationKeyCompromise, BatchCertificate: other.Certificates[0]}}
		})
		on := w.browser(model)
		_, err := w.signUp(on, &ceremony.ModelRules{})
		require.NoError(t, err)
		require.NoError(t, w.logIn(on, &ceremony.ModelRules{}), "nothing shows the batch any more")
		without := &ceremony.ModelRules{Except: []ceremony.ModelCheck{ceremony.CheckBatch}}
		assert.Equal(t, ceremony.ReasonModelStatus, ceremony.ReasonOf(w.logIn(on, without)), "without it, the whole model")
		_, err = w.signUp(on, without)
		assert.Equal(t, ceremony.ReasonModelStatus, ceremony.ReasonOf(err))
	})
}

// A report may name the root of a batch, which no authenticator sends along.
func TestRevokedBatchIssuer(t *testing.T) {
	t.Parallel()
	w, model, _ := play(t, func(s *scene) {
		s.entry.StatusReports = []mds.StatusReport{{Status: mds.AttestationKeyCompromise, EffectiveDate: day("2029-12-31"), BatchCertificate: s.maker.root.Raw}}
	})
	on := w.browser(model)
	_, err := w.signUp(on, &ceremony.ModelRules{})
	require.Equal(t, ceremony.ReasonModelStatus, ceremony.ReasonOf(err))
	assert.ErrorContains(t, err, "is ATTESTATION_KEY_COMPROMISE since 2029-12-31.")
	_, err = w.signUp(on, &ceremony.ModelRules{Except: []ceremony.ModelCheck{ceremony.CheckStatus}})
	require.NoError(t, err)

	w, model, _ = play(t, func(s *scene) {
		other := newMaker(t, "other batch")
		s.statement.AttestationRootCertificates = append(s.statement.AttestationRootCertificates, other.root.Raw)
		s.entry.StatusReports = []mds.StatusReport{{Status: mds.AttestationKeyCompromise, BatchCertificate: other.root.Raw}}
	})
	_, err = w.signUp(w.browser(model), &ceremony.ModelRules{})
	assert.NoError(t, err, "the root of another batch")
}

// What the site asks for is up to it: the key's own certificate, or the one that tells
// its owner, where the browser lets this site have that.
func TestEnterpriseAttestation(t *testing.T) {
	t.Parallel()
	m, employer := newMaker(t, "maker"), newMaker(t, "employer")
	model := keyModel(m)
	model.Enterprise = authenticator.EnterpriseFeatures{Platform: true, Key: employer.batch("number 7", model.AAGUID)}
	w := newWorld(t, mds.EntryOf(statementOf(model, employer)))
	managed, rules := w.browser(model, "acme.test"), &ceremony.ModelRules{}
	_, err := w.signUpAs(managed, ceremony.AttestationEnterprise, rules)
	require.NoError(t, err)
	_, err = w.signUpAs(managed, ceremony.AttestationDirect, rules)
	assert.Equal(t, ceremony.ReasonModelUntrusted, ceremony.ReasonOf(err))
	_, err = w.signUpAs(w.browser(model), ceremony.AttestationEnterprise, rules)
	assert.Equal(t, ceremony.ReasonModelUntrusted, ceremony.ReasonOf(err), "a browser that knows the site for nobody's employer")
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

// makeSynced makes a key one whose passkeys are synced.
func makeSynced(model *authenticator.Model) {
	model.BackupEligible, model.BackedUp, model.Counter = true, true, authenticator.CounterZero
	model.NonDiscoverable, model.Versions, model.Previews = authenticator.Stored, []string{ctap.VersionFIDO20, ctap.VersionFIDO21}, false
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

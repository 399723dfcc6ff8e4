package fault_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/attestation/mds"
	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/relyingparty/conformanceapi"
	"github.com/passkeylab/passkeylab/relyingparty/fault"
	"github.com/passkeylab/passkeylab/webauthn"
)

// described is a model and what metadata say of it.
type described struct {
	statement *mds.Statement
	reports   []mds.StatusReport
	unlisted  bool // there is no entry
	rules     ceremony.ModelRules
	key       func(*key)
}

// modelStage is a relying party that holds registrations to metadata of the test's model,
// as spoil leaves them.
func modelStage(t testing.TB, spoil func(*described), seams ...relyingparty.Seams) (*stage, *key, *mds.Service) {
	t.Helper()
	roots, err := makers().Roots(webauthn.FormatPacked)
	require.NoError(t, err)
	d := &described{statement: mds.Key(model, "Test Key", roots[0].Raw), reports: []mds.StatusReport{{Status: mds.FIDOCertifiedL1}}}
	d.statement.AttestationTypes = []mds.AttestationType{mds.BasicFull}
	k := newKey(t, "first")
	k.attest, k.attestedAs = packed(t), "packed"
	d.key = func(*key) {}
	spoil(d)
	d.key(k)
	entry := mds.EntryOf(d.statement, d.reports...)
	entry.AAGUID = ceremony.AAGUID(model).String()
	if d.unlisted {
		entry.AAGUID = "11111111-1111-4111-9111-111111111111"
	}
	service, err := mds.New(mds.Config{Secret: []byte("faults"), Clock: func() time.Time { return opening }})
	require.NoError(t, err)
	service.Publish(entry)
	known, err := ceremony.NewMetadata(ceremony.MetadataConfig{
		Source: func(context.Context) ([]byte, error) { return service.BLOB() }, Root: service.Root(), Clock: func() time.Time { return opening },
	})
	require.NoError(t, err)
	s := newStage(t, func(c *conformanceapi.Config) { c.Metadata, c.Models = known, &d.rules }, seams...)
	return s, k, service
}

func packed(t testing.TB) attestation.Attester {
	t.Helper()
	for _, s := range samples() {
		if s.Name == webauthn.FormatPacked {
			return s.Attester
		}
	}
	t.Fatal("there is no sample of packed")
	return nil
}

func status(s mds.Status) func(*described) {
	return func(d *described) { d.reports = []mds.StatusReport{{Status: s}} }
}

// broken attests with a defect.
func broken(t testing.TB, id string) func(*described) {
	return func(d *described) {
		for _, defect := range attestation.Defects() {
			if defect.ID == id {
				s, err := defect.Of(samples())
				require.NoError(t, err)
				d.key = func(k *key) { k.attest, k.attestedAs = s.Attester, id }
			}
		}
	}
}

// Each fault admits what the metadata are against, and nothing else that they are
// against; a model that nothing is known against is admitted with it, too.
func TestMetadata(t *testing.T) {
	t.Parallel()
	scenes := map[string]func(*described){
		"revoked":  status(mds.Revoked),
		"bypass":   status(mds.UserVerificationBypass),
		"attested": status(mds.AttestationKeyCompromise),
		"remote":   status(mds.UserKeyRemoteCompromise),
		"physical": status(mds.UserKeyPhysicalCompromise),
		"retired":  status(mds.Retired),
		"unlisted": func(d *described) { d.unlisted = true },
		"denied":   func(d *described) { d.rules.Deny = []ceremony.AAGUID{ceremony.AAGUID(model)} },
		"software": func(d *described) {
			d.rules.HardwareBacked = true
			d.statement.KeyProtection = []string{"software"}
		},
		"root":   broken(t, "packed/root-other"),
		"types":  func(d *described) { d.statement.AttestationTypes = []mds.AttestationType{mds.AttCA} },
		"aaguid": func(d *described) { d.statement.AAGUID = "11111111-1111-4111-9111-111111111111" },
		"formats": func(d *described) {
			d.statement.AuthenticatorGetInfo = &mds.GetInfo{Versions: []string{"FIDO_2_0"}, AttestationFormats: []string{"tpm"}}
		},
		"backup":     func(d *described) { d.key = func(k *key) { k.flags |= be | bs } },
		"algorithms": func(d *described) { d.statement.AuthenticationAlgorithms = []string{mds.AlgorithmWord(webauthn.EdDSA)} },
		"extensions": func(d *described) {
			d.statement.SupportedExtensions = []mds.ExtensionDescriptor{{ID: "hmac-secret"}}
			d.key = func(k *key) { k.tail = extension }
		},
		"verification": func(d *described) {
			d.statement.UserVerificationDetails = [][]mds.VerificationMethod{{{UserVerificationMethod: "presence_internal"}}}
		},
	}
	statuses := []string{"revoked", "bypass", "attested", "remote", "physical", "retired"}
	all := []string{}
	for name := range scenes {
		all = append(all, name)
	}
	for what, admits := range map[string][]string{
		"revoked-accepted": {"revoked"}, "bypass-accepted": {"bypass"}, "attestation-key-compromise-accepted": {"attested"},
		"remote-compromise-accepted": {"remote"}, "physical-compromise-accepted": {"physical"}, "status-ignored": statuses,
		"unknown-accepted": {"unlisted"}, "denied-accepted": {"denied"}, "software-accepted": {"software"},
		"chain-not-verified": {"root"}, "type-ignored": {"types"}, "aaguid-not-compared": {"aaguid"}, "format-ignored": {"formats"},
		"backup-ignored": {"backup"}, "algorithm-ignored": {"algorithms"}, "extensions-ignored": {"extensions"}, "verification-ignored": {"verification"},
		"ignored": all, "not-looked-at-again": {}, "batch-ignored": {},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			f := lookup(t, "rp/metadata/"+what)
			s, k, _ := modelStage(t, func(*described) {}, f.Seams)
			assert.True(t, s.register("alice", k, nil), "a model that nothing is known against")
			for name, spoil := range scenes {
				s, k, _ := modelStage(t, spoil)
				assert.False(t, s.register("alice", k, nil), "%s, without the fault", name)
				s, k, _ = modelStage(t, spoil, lookup(t, "rp/metadata/"+what).Seams)
				assert.Equal(t, strings.Contains(" "+strings.Join(admits, " ")+" ", " "+name+" "), s.register("alice", k, nil), name)
			}
		})
	}
	tested := 20
	n := 0
	for _, f := range fault.All() {
		if f.Group() == "rp/metadata" {
			n++
		}
	}
	assert.Equal(t, tested, n, "each is played here")
}

// What is known of another batch says nothing of this one.
func TestMetadataOfAnotherBatch(t *testing.T) {
	t.Parallel()
	other := func(d *described) {
		roots, err := makers().Roots(webauthn.FormatAndroidKey)
		require.NoError(t, err)
		d.reports = append(d.reports, mds.StatusReport{Status: mds.AttestationKeyCompromise, BatchCertificate: roots[0].Raw})
	}
	s, k, _ := modelStage(t, other)
	assert.True(t, s.register("alice", k, nil))
	s, k, _ = modelStage(t, other, lookup(t, "rp/metadata/batch-ignored").Seams)
	assert.False(t, s.register("alice", k, nil))
}

// A model that is revoked after the registration can be used no more, unless nobody looks
// again. The conformance interface does not, so this is through the ceremonies alone.
func TestMetadataLaterOn(t *testing.T) {
	t.Parallel()
	revoked, rules := false, new(ceremony.ModelRules)
	roots, err := makers().Roots(webauthn.FormatPacked)
	require.NoError(t, err)
	statement := mds.Key(model, "Test Key", roots[0].Raw)
	service, err := mds.New(mds.Config{Secret: []byte("faults"), Clock: func() time.Time { return opening }})
	require.NoError(t, err)
	known, err := ceremony.NewMetadata(ceremony.MetadataConfig{
		Source: func(context.Context) ([]byte, error) {
			reports := []mds.StatusReport{{Status: mds.FIDOCertifiedL1}}
			if revoked {
				reports = append(reports, mds.StatusReport{Status: mds.Revoked})
			}
			service.Publish(mds.EntryOf(statement, reports...))
			return service.BLOB()
		},
		Root: service.Root(), Clock: func() time.Time { return opening },
	})
	require.NoError(t, err)
	for _, faulty := range []bool{false, true} {
		var seams []relyingparty.Seams
		if faulty {
			seams = append(seams, lookup(t, "rp/metadata/not-looked-at-again").Seams)
		}
		c, err := ceremony.New(ceremony.Config{
			RPID: host, RPName: "Acme", Origin: origin, Random: new(numbers), Metadata: known, Seams: relyingparty.CeremonySeams(seams),
			Clock: func() time.Time { return opening },
		})
		require.NoError(t, err)
		k := newKey(t, "first")
		k.attest, k.attestedAs = packed(t), "packed"
		revoked = false
		require.NoError(t, known.Refresh(t.Context()))
		owner := registeredThrough(t, c, k, rules)
		logIn := func() error {
			raw, asked, err := c.BeginLogin(ceremony.LoginRules{UserVerification: ceremony.VerificationRequired, Models: rules, Lifetime: time.Minute})
			require.NoError(t, err)
			response, err := c.ParseLogin(k.get(t, publicKey(t, raw)))
			require.NoError(t, err)
			_, err = c.FinishLogin(asked, response, ceremony.CounterRefuse, func([]byte) (ceremony.Owner, error) { return owner, nil })
			return err
		}
		require.NoError(t, logIn())
		revoked = true
		require.NoError(t, known.Refresh(t.Context()))
		assert.Equal(t, faulty, logIn() == nil)
	}
}

// publicKey are the options in the object that a page gets.
func publicKey(t testing.TB, raw []byte) object {
	t.Helper()
	var in struct {
		PublicKey object `json:"publicKey"`
	}
	require.NoError(t, json.Unmarshal(raw, &in))
	return in.PublicKey
}

// registeredThrough registers a key without anything around the ceremonies.
func registeredThrough(t testing.TB, c *ceremony.Ceremonies, k *key, rules *ceremony.ModelRules) ceremony.Owner {
	t.Helper()
	account := ceremony.Account{Handle: []byte("alice's handle"), Name: "alice", DisplayName: "Alice"}
	raw, asked, err := c.BeginRegistration(account, nil, ceremony.RegistrationRules{
		UserVerification: ceremony.VerificationRequired, Attestation: ceremony.AttestationDirect, Models: rules, Lifetime: time.Minute,
	})
	require.NoError(t, err)
	response, err := c.ParseRegistration(k.create(t, publicKey(t, raw)))
	require.NoError(t, err)
	made, err := c.FinishRegistration(asked, response)
	require.NoError(t, err)
	return ceremony.Owner{Handle: account.Handle, Credential: made}
}

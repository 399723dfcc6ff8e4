package mds_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation/mds"
	"github.com/passkeylab/passkeylab/webauthn"
)

func TestGoWebauthnReadsWhatIsPublished(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []webauthn.Algorithm{webauthn.ES256, webauthn.RS256} {
		t.Run(algorithm.String(), func(t *testing.T) {
			t.Parallel()
			s, _ := newService(t, func(c *mds.Config) { c.Algorithm = algorithm })
			assert.Equal(t, 1, s.Publish(key(1, mds.StatusReport{Status: mds.FIDOCertifiedL2, EffectiveDate: mds.On(start)})))
			read, err := decode(s.Root(), blobOf(t, s))
			require.NoError(t, err)
			assert.Empty(t, read.Unparsed)
			assert.Equal(t, 1, read.Parsed.Number)
			assert.Equal(t, "2030-01-31", read.Parsed.NextUpdate.Format(time.DateOnly))
			require.Len(t, read.Parsed.Entries, 1)
			e := read.Parsed.Entries[0]
			assert.Equal(t, model(1).String(), e.AaGUID.String())
			assert.Equal(t, "test key", e.MetadataStatement.Description)
			require.Len(t, e.StatusReports, 1)
			assert.EqualValues(t, mds.FIDOCertifiedL2, e.StatusReports[0].Status)
		})
	}
}

func TestServicesOfOneSecretPublishTheSameBytes(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []webauthn.Algorithm{webauthn.ES256, webauthn.RS256} {
		published := func(secret string) (blob, root string) {
			s, _ := newService(t, func(c *mds.Config) { c.Algorithm, c.Secret = algorithm, []byte(secret) })
			s.Publish(key(1))
			return string(blobOf(t, s)), string(s.Root())
		}
		blob, root := published("one")
		again, rootAgain := published("one")
		assert.Equal(t, blob, again, algorithm)
		assert.Equal(t, root, rootAgain, algorithm)
		other, otherRoot := published("two")
		assert.NotEqual(t, blob, other, algorithm)
		assert.NotEqual(t, root, otherRoot, algorithm)
	}
}

func TestCertificatesAreLikeRealOnes(t *testing.T) {
	t.Parallel()
	s, _ := newService(t, func(c *mds.Config) { c.URL = "http://127.0.0.1:1/" })
	header, _, _ := strings.Cut(string(blobOf(t, s)), ".")
	text, err := base64.RawURLEncoding.DecodeString(header)
	require.NoError(t, err)
	var h struct {
		Alg, Typ string
		X5C      [][]byte
	}
	require.NoError(t, json.Unmarshal(text, &h))
	assert.Equal(t, "ES256", h.Alg)
	assert.Equal(t, "JWT", h.Typ)
	require.Len(t, h.X5C, 2, "the root is not sent")
	leaf, intermediate, root := certificate(t, h.X5C[0]), certificate(t, h.X5C[1]), certificate(t, s.Root())
	assert.NoError(t, leaf.CheckSignatureFrom(intermediate))
	assert.NoError(t, intermediate.CheckSignatureFrom(root))
	assert.NoError(t, leaf.VerifyHostname(s.Host()))
	assert.Equal(t, s.Host(), leaf.Subject.CommonName)
	assert.False(t, leaf.IsCA)
	assert.Equal(t, []string{"http://127.0.0.1:1/lists/intermediate.crl"}, leaf.CRLDistributionPoints)
	assert.Equal(t, []string{"http://127.0.0.1:1/lists/root.crl"}, intermediate.CRLDistributionPoints)
	assert.Equal(t, x509.ECDSAWithSHA256, leaf.SignatureAlgorithm)
	for _, at := range []time.Time{start, time.Now()} { // virtual time and real time
		assert.True(t, leaf.NotBefore.Before(at) && leaf.NotAfter.After(at))
	}
}

func TestNumbersIncreaseWithEveryChange(t *testing.T) {
	t.Parallel()
	s, at := newService(t)
	assert.Equal(t, 1, s.Publish(key(1), key(2)))
	assert.Equal(t, 2, s.Publish(key(2, mds.StatusReport{Status: mds.NotFIDOCertified})), "in place of the other")
	assert.Len(t, s.Payload().Entries, 2)
	no, err := s.Report(model(1), mds.StatusReport{Status: mds.Revoked})
	require.NoError(t, err)
	assert.Equal(t, 3, no)
	assert.Equal(t, "2030-01-01", s.Payload().Entries[0].StatusReports[0].EffectiveDate.String(), "today")
	assert.Equal(t, 4, s.Withdraw(model(2)))
	assert.Len(t, s.Payload().Entries, 1)
	assert.Equal(t, 4, s.Payload().Number, "reading changes nothing")
	_, err = s.Report(model(9), mds.StatusReport{Status: mds.Revoked})
	assert.ErrorContains(t, err, model(9).String())

	assert.Equal(t, "2030-01-31", s.Payload().NextUpdate.String())
	at.days(29)
	assert.Equal(t, 4, s.Payload().Number)
	at.days(1)
	assert.Equal(t, 5, s.Payload().Number, "as was promised")
	assert.Equal(t, "2030-03-02", s.Payload().NextUpdate.String())
}

func TestReportsOfDaysToComeAreHeldBack(t *testing.T) {
	t.Parallel()
	s, at := newService(t)
	s.Publish(key(1,
		mds.StatusReport{Status: mds.FIDOCertified, EffectiveDate: mds.On(start.AddDate(-1, 0, 0))},
		mds.StatusReport{Status: mds.Retired, EffectiveDate: mds.On(start.AddDate(0, 0, 20))},
		mds.StatusReport{Status: mds.Revoked, EffectiveDate: mds.On(start.AddDate(0, 0, 10))},
	))
	statuses := func() (said []mds.Status) {
		for _, r := range s.Payload().Entries[0].StatusReports {
			said = append(said, r.Status)
		}
		return said
	}
	assert.Equal(t, []mds.Status{mds.FIDOCertified}, statuses())
	assert.Equal(t, "2030-01-01", s.Payload().Entries[0].TimeOfLastStatusChange.String(), "when it was first published")
	at.days(9)
	assert.Equal(t, 1, s.Payload().Number)
	at.days(1)
	assert.Equal(t, []mds.Status{mds.FIDOCertified, mds.Revoked}, statuses())
	assert.Equal(t, 2, s.Payload().Number)
	assert.Equal(t, "2030-01-11", s.Payload().Entries[0].TimeOfLastStatusChange.String())
	at.days(10)
	assert.Equal(t, []mds.Status{mds.FIDOCertified, mds.Retired, mds.Revoked}, statuses())
	assert.Equal(t, 3, s.Payload().Number)
}

func TestStatusesOfGoWebauthn(t *testing.T) {
	t.Parallel()
	assert.Len(t, mds.Statuses(), 20)
	for _, status := range mds.Statuses() {
		assert.Equal(t, undesiredByGoWebauthn(status), status.Undesired(), status)
	}
}

func TestRogueLists(t *testing.T) {
	t.Parallel()
	s, _ := newService(t, func(c *mds.Config) { c.URL = "http://127.0.0.1:1" })
	s.Publish(key(1))
	list := mds.RogueList{{SK: "AAAA", Date: mds.On(start)}}
	_, err := s.Rogues(model(1), list)
	require.NoError(t, err)
	e := s.Payload().Entries[0]
	assert.Equal(t, "http://127.0.0.1:1/rogues/"+model(1).String(), e.RogueListURL)
	assert.Equal(t, list.Hash(), e.RogueListHash)
	assert.JSONEq(t, `[{"sk":"AAAA","date":"2030-01-01"}]`, string(list.JSON()))
	assert.Equal(t, "[]", string(mds.RogueList(nil).JSON()))
	_, err = decode(s.Root(), blobOf(t, s))
	assert.NoError(t, err)
}

func TestConfigMistakes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		edit func(*mds.Config)
		want string
	}{
		"no secret":  {func(c *mds.Config) { c.Secret = nil }, "Secret"},
		"no clock":   {func(c *mds.Config) { c.Clock = nil }, "Clock"},
		"algorithm":  {func(c *mds.Config) { c.Algorithm = webauthn.EdDSA }, "ES256 or RS256"},
		"every hour": {func(c *mds.Config) { c.Every = time.Hour }, "whole days"},
	} {
		config := config(newClock())
		c.edit(&config)
		_, err := mds.New(config)
		assert.ErrorContains(t, err, c.want, name)
	}
	_, err := mds.FaultByID("alg/nome")
	assert.ErrorContains(t, err, `did you mean "alg/none"`)
	f, err := mds.FaultByID("alg/none")
	require.NoError(t, err)
	assert.Equal(t, "RFC 7518 §3.6", f.Spec)
}

func TestDates(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "2030-02-30", "2030-1-1", "2030-01-01T00:00:00Z", "tomorrow"} {
		_, err := mds.ParseDate(bad)
		assert.ErrorContains(t, err, "YYYY-MM-DD", bad)
	}
	d, err := mds.ParseDate("2030-01-02")
	require.NoError(t, err)
	assert.Equal(t, mds.On(time.Date(2030, 1, 3, 1, 0, 0, 0, time.FixedZone("east", 2*60*60))), d, "the day is that of UTC")
	var read struct{ D mds.Date }
	require.NoError(t, json.Unmarshal([]byte(`{"D":"2030-01-02"}`), &read))
	assert.Equal(t, d, read.D)
	assert.Error(t, json.Unmarshal([]byte(`{"D":"soon"}`), &read))
	require.NoError(t, json.Unmarshal([]byte(`{"D":""}`), &read))
	assert.True(t, read.D.IsZero())
}

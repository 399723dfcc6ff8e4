package relyingparty_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation/mds"
	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

func TestPoliciesThatNeedMetadata(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	service, err := mds.New(mds.Config{Secret: []byte("models"), Clock: clock})
	require.NoError(t, err)
	known := ceremony.MetadataConfig{
		Root: service.Root(), Source: func(context.Context) ([]byte, error) { return service.BLOB() },
	}
	config := func(edit func(*relyingparty.Policy), metadata *ceremony.MetadataConfig) relyingparty.Config {
		policy := relyingparty.DefaultPolicy()
		policy.Attestation = ceremony.AttestationDirect
		edit(&policy)
		return relyingparty.Config{
			BaseURL: "https://auth.acme.test", Clock: clock, Random: bytes.NewReader(make([]byte, 1<<10)),
			PasswordCost: relyingparty.LabPasswordCost(), Policy: policy, Metadata: metadata,
		}
	}
	ruled := func(p *relyingparty.Policy) { p.Models = new(ceremony.ModelRules) }
	id := ceremony.AAGUID{1}
	for name, c := range map[string]struct {
		config relyingparty.Config
		want   string
	}{
		"no metadata":   {config(ruled, nil), "needs Config.Metadata"},
		"bad metadata":  {config(ruled, &ceremony.MetadataConfig{Source: known.Source}), "Root"},
		"not asked":     {config(func(p *relyingparty.Policy) { ruled(p); p.Attestation = ceremony.AttestationNone }, &known), "direct or enterprise"},
		"unknown check": {config(func(p *relyingparty.Policy) { ruled(p); p.Models.Except = []ceremony.ModelCheck{"all"} }, &known), `Policy.Models: check "all"`},
		"allowed, denied": {config(func(p *relyingparty.Policy) {
			ruled(p)
			p.Models.Allow, p.Models.Deny = []ceremony.AAGUID{id}, []ceremony.AAGUID{id}
		}, &known), "both in Allow and in Deny"},
		"unknown statement": {config(func(p *relyingparty.Policy) { p.Attestation = "indirect" }, nil), "Attestation"},
	} {
		_, err := relyingparty.New(c.config)
		assert.ErrorContains(t, err, c.want, name)
	}
	site, err := relyingparty.New(config(func(*relyingparty.Policy) {}, nil))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, site.Close()) })
	assert.Nil(t, site.Metadata())
	p := site.Policy()
	ruled(&p)
	assert.ErrorContains(t, site.SetPolicy(p), "needs Config.Metadata")
	assert.Nil(t, site.Policy().Models, "the old policy stays")
}

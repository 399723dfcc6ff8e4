package ceremony_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation/mds"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// knowledge is a relying party's metadata with the service behind it, whose answers
// are counted.
type knowledge struct {
	*world
	log    bytes.Buffer
	config ceremony.MetadataConfig
	asked  int
	fail   error
}

func newKnowledge(t *testing.T) *knowledge {
	t.Helper()
	k := &knowledge{world: newWorld(t)}
	k.config = ceremony.MetadataConfig{
		Root: k.service.Root(), Clock: k.clock.Now, Logger: slog.New(slog.NewTextHandler(&k.log, nil)),
		Source: func(context.Context) ([]byte, error) {
			k.asked++
			if k.fail != nil {
				return nil, k.fail
			}
			return k.service.BLOB()
		},
	}
	return k
}

func (k *knowledge) open() *ceremony.Metadata {
	k.t.Helper()
	m, err := ceremony.NewMetadata(k.config)
	require.NoError(k.t, err)
	return m
}

func number(m *ceremony.Metadata) int64 {
	n, held := m.Number()
	if !held {
		return -1
	}
	return n
}

// A BLOB that is rolled back does not undo what is known since.
func TestRolledBackBLOBIsIgnored(t *testing.T) {
	t.Parallel()
	maker := newMaker(t, "maker")
	model := keyModel(maker)
	w := newWorld(t, mds.EntryOf(statementOf(model, maker)))
	old, err := w.service.BLOB()
	require.NoError(t, err)
	_, err = w.service.Report(model.AAGUID, mds.StatusReport{Status: mds.Revoked})
	require.NoError(t, err)

	var replayed []byte
	var log bytes.Buffer
	known, err := ceremony.NewMetadata(ceremony.MetadataConfig{
		Source: func(context.Context) ([]byte, error) {
			if replayed != nil {
				return replayed, nil
			}
			return w.service.BLOB()
		},
		Root: w.service.Root(), Clock: w.clock.Now, Logger: slog.New(slog.NewTextHandler(&log, nil)),
	})
	require.NoError(t, err)
	w.site, err = ceremony.New(ceremony.Config{
		RPID: "acme.test", RPName: "Acme", Origin: origin, Clock: w.clock.Now, Random: bytes.NewReader(make([]byte, 1<<10)), Metadata: known,
	})
	require.NoError(t, err)
	on := w.browser(model)
	_, err = w.signUp(on, &ceremony.ModelRules{})
	require.Equal(t, ceremony.ReasonModelStatus, ceremony.ReasonOf(err))

	replayed = old
	w.clock.Advance(31 * 24 * time.Hour) // the BLOB held is due to be renewed
	_, err = w.signUp(on, &ceremony.ModelRules{})
	assert.Equal(t, ceremony.ReasonModelStatus, ceremony.ReasonOf(err))
	assert.Contains(t, log.String(), "no successor of the last one: it has number 1, the last has 2")
	assert.ErrorIs(t, known.Refresh(t.Context()), ceremony.ErrRolledBack)
	assert.EqualValues(t, 2, number(known))
}

func TestRenewalIsByTheClock(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	maker := newMaker(t, "maker")
	model := keyModel(maker)
	k.service.Publish(mds.EntryOf(statementOf(model, maker)))
	k.site = nil
	var err error
	k.site, err = ceremony.New(ceremony.Config{
		RPID: "acme.test", RPName: "Acme", Origin: origin, Clock: k.clock.Now, Random: bytes.NewReader(make([]byte, 1<<12)), Metadata: k.open(),
	})
	require.NoError(t, err)
	on, rules := k.browser(model), &ceremony.ModelRules{}
	asked := func(want int) {
		t.Helper()
		_, err := k.signUp(on, rules)
		require.NoError(t, err)
		assert.Equal(t, want, k.asked)
	}
	asked(1)
	k.clock.Advance(29 * 24 * time.Hour)
	asked(1)
	k.fail = errors.New("the line is down")
	k.clock.Advance(24 * time.Hour) // nextUpdate
	asked(2)
	assert.Contains(t, k.log.String(), "the line is down")
	k.clock.Advance(59 * time.Minute)
	asked(2)
	k.clock.Advance(time.Minute)
	asked(3)
	k.fail = nil
	k.clock.Advance(time.Hour)
	asked(4)
	asked(4)
}

func TestNobodyWaitsForARenewal(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	maker := newMaker(t, "maker")
	model := keyModel(maker)
	k.service.Publish(mds.EntryOf(statementOf(model, maker)))
	begun, end := make(chan struct{}), make(chan struct{})
	var slow bool
	k.config.Source = func(context.Context) ([]byte, error) {
		if slow {
			close(begun)
			<-end
		}
		return k.service.BLOB()
	}
	known := k.open()
	require.NoError(t, known.Refresh(t.Context()))
	var err error
	k.site, err = ceremony.New(ceremony.Config{
		RPID: "acme.test", RPName: "Acme", Origin: origin, Clock: k.clock.Now, Random: bytes.NewReader(make([]byte, 1<<12)), Metadata: known,
	})
	require.NoError(t, err)
	k.clock.Advance(31 * 24 * time.Hour)
	slow = true
	var renewing sync.WaitGroup
	renewing.Go(func() { assert.NoError(t, known.Refresh(context.Background())) })
	<-begun
	_, err = k.signUp(k.browser(model), &ceremony.ModelRules{})
	assert.NoError(t, err, "the old BLOB will do meanwhile")
	close(end)
	renewing.Wait()
	assert.EqualValues(t, 3, number(known))
}

func TestServiceThatNeverAnswers(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	k.config.Timeout = time.Nanosecond
	k.config.Source = func(ctx context.Context) ([]byte, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	assert.ErrorIs(t, k.open().Refresh(t.Context()), context.DeadlineExceeded)
}

// The last good BLOB survives a restart, and so does the memory of its number.
func TestCache(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	k.config.Cache = filepath.Join(t.TempDir(), "blob.jwt")
	old, err := k.service.BLOB()
	require.NoError(t, err)
	k.service.Publish()
	require.NoError(t, k.open().Refresh(t.Context()))
	kept, err := os.ReadFile(k.config.Cache)
	require.NoError(t, err)

	k.config.Source = func(context.Context) ([]byte, error) { return old, nil }
	again := k.open()
	assert.EqualValues(t, 2, number(again), "without asking anybody")
	require.ErrorIs(t, again.Refresh(t.Context()), ceremony.ErrRolledBack)
	after, err := os.ReadFile(k.config.Cache)
	require.NoError(t, err)
	assert.Equal(t, kept, after)
	others, err := os.ReadDir(filepath.Dir(k.config.Cache))
	require.NoError(t, err)
	assert.Len(t, others, 1, "nothing is left lying around")

	require.NoError(t, os.WriteFile(k.config.Cache, []byte("damaged"), 0o600))
	assert.EqualValues(t, -1, number(k.open()), "one that is not good is as none")
	assert.Contains(t, k.log.String(), "of an earlier run not taken")
	k.config.Cache = filepath.Join(t.TempDir(), "missing", "blob.jwt")
	nowhere := k.open()
	assert.ErrorContains(t, nowhere.Refresh(t.Context()), "no such file")
	assert.EqualValues(t, 1, number(nowhere), "a BLOB that cannot be kept is a good one all the same")
}

// The issuers of a kept BLOB's certificates were asked when it was fetched.
func TestCacheAsksNobody(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	named, err := mds.New(mds.Config{Secret: []byte("models"), Clock: k.clock.Now, URL: "http://mds.passkeylab.test"})
	require.NoError(t, err)
	k.service, k.config.Root = named, named.Root()
	k.config.Cache = filepath.Join(t.TempDir(), "blob.jwt")
	var lists []string
	k.config.Lists = func(_ context.Context, url string) ([]byte, error) {
		lists = append(lists, url)
		w := httptest.NewRecorder()
		named.ServeHTTP(w, httptest.NewRequest(http.MethodGet, url, nil))
		return w.Body.Bytes(), nil
	}
	require.NoError(t, k.open().Refresh(t.Context()))
	assert.Len(t, lists, 2)
	k.config.Lists = func(context.Context, string) ([]byte, error) { return nil, errors.New("nobody is there") }
	again := k.open()
	assert.EqualValues(t, 1, number(again))
	assert.ErrorContains(t, again.Refresh(t.Context()), "nobody is there")
	assert.EqualValues(t, 1, number(again))
}

func TestSources(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	server := httptest.NewServer(k.service)
	t.Cleanup(server.Close)
	k.config.Source = ceremony.FromURL(nil, server.URL)
	known := k.open()
	require.NoError(t, known.Refresh(t.Context()))
	require.NoError(t, known.Refresh(t.Context()), "nothing new is no error")

	blob, err := k.service.BLOB()
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "blob.jwt")
	require.NoError(t, os.WriteFile(file, append(blob, '\n'), 0o600))
	k.config.Source = ceremony.FromFile(file)
	require.NoError(t, k.open().Refresh(t.Context()))

	k.config.Source = ceremony.FromFile(file + ".missing")
	assert.ErrorContains(t, k.open().Refresh(t.Context()), "no such file")
	k.config.Source = ceremony.FromURL(nil, server.URL+"/nowhere")
	assert.ErrorContains(t, k.open().Refresh(t.Context()), "404 Not Found")
	k.config.Source = ceremony.FromURL(&http.Client{Transport: http.NewFileTransport(http.Dir(t.TempDir()))}, "://")
	assert.Error(t, k.open().Refresh(t.Context()))
}

func TestMetadataConfigMistakes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		edit func(*ceremony.MetadataConfig)
		want string
	}{
		"no source": {func(c *ceremony.MetadataConfig) { c.Source = nil }, "Source"},
		"no clock":  {func(c *ceremony.MetadataConfig) { c.Clock = nil }, "Clock"},
		"no root":   {func(c *ceremony.MetadataConfig) { c.Root = nil }, "Root"},
		"bad root":  {func(c *ceremony.MetadataConfig) { c.Root = []byte("PEM?") }, "Root"},
	} {
		k := newKnowledge(t)
		c.edit(&k.config)
		_, err := ceremony.NewMetadata(k.config)
		assert.ErrorContains(t, err, c.want, name)
	}
}

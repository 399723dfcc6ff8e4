package relyingparty

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony/ceremonytest"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// loadTime is how long each rate of BenchmarkLoad lasts.
const loadTime = 5 * time.Second

// BenchmarkLoad is a site with a SQLite file behind a real HTTP server, to which logins
// come at a fixed rate, whether or not it keeps up: options and the verified, stored
// response, each a request. Times count from when a login was due. Visitors and their
// devices compute on the same cores. "sync-ms" is what the disk takes to keep a page, in
// the same directory right before.
func BenchmarkLoad(b *testing.B) {
	for _, users := range []int{100, 100_000} {
		b.Run(fmt.Sprintf("users=%d", users), func(b *testing.B) {
			where := filepath.Join(b.TempDir(), "site.db")
			l := startLoad(b, where, users)
			for _, rate := range []int{100, 200, 500, 700, 1000} {
				b.Run(fmt.Sprintf("rate=%d", rate), func(b *testing.B) { l.run(b, rate) })
			}
		})
	}
}

// BenchmarkLoginAmong is one login after the other in the same process, without a
// network, among few and among many accounts.
func BenchmarkLoginAmong(b *testing.B) {
	for _, users := range []int{100, 100_000} {
		b.Run(fmt.Sprintf("users=%d", users), func(b *testing.B) {
			l := startLoad(b, filepath.Join(b.TempDir(), "site.db"), users)
			for round := range 40 { // the lowest counts: others use the cores as well
				visitors := l.visitors(b, 1)
				b.Run(fmt.Sprint(round), func(b *testing.B) {
					for n := 0; b.Loop(); n++ {
						b.StopTimer()
						visitors = l.visitors(b, 1)
						b.StartTimer()
						require.NoError(b, l.logIn(b, visitors[0], time.Now(), n*31+round).err)
					}
				})
			}
		})
	}
}

// BenchmarkLoadOnPostgres is the same on a PostgreSQL that keeps what it has committed.
func BenchmarkLoadOnPostgres(b *testing.B) {
	l := startLoad(b, newPostgres(b), 100)
	b.Run("rate=500", func(b *testing.B) { l.run(b, 500) })
}

const passkeysEach = 3

// load is a site with visitors.
type load struct {
	address string
	dir     string
	client  *http.Client
	device  *ceremonytest.Device // holds every passkey: they share a key
	users   int
}

func startLoad(b *testing.B, where string, users int) *load {
	b.Helper()
	l := &load{users: users, device: ceremonytest.NewDevice(b, "", "localhost"), dir: b.TempDir()}
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	b.Cleanup(server.Close)
	l.address = strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	l.device.Origin = l.address
	unlimited := DefaultLimits()
	unlimited.Requests.Burst, unlimited.Sessions = math.MaxInt32, 100_000
	s, err := New(Config{BaseURL: l.address, Data: where, Limits: unlimited, PasswordCost: LabPasswordCost(), Clock: time.Now, Random: rand.Reader})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, s.Close()) })
	handler = s
	l.fill(b, s.store)
	l.client = &http.Client{Transport: &http.Transport{MaxIdleConns: 1000, MaxIdleConnsPerHost: 1000},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return l
}

// name numbers a credential or a handle.
func numberedName(user, passkey int) []byte {
	name := make([]byte, 32)
	binary.BigEndian.PutUint64(name, uint64(user))
	binary.BigEndian.PutUint64(name[8:], uint64(passkey))
	return name
}

// fill makes users with passkeys.
func (l *load) fill(b *testing.B, s *store.Store) {
	b.Helper()
	key, now := l.device.PublicKey(b), time.Now()
	for start := 0; start < l.users; start += 1000 {
		require.NoError(b, s.Update(func(tx *store.Tx) error {
			for i := start; i < min(start+1000, l.users); i++ {
				id := fmt.Sprintf("auth0|%024d", i)
				email := fmt.Sprintf("user%d@example.com", i)
				if err := tx.InsertUser(store.User{ID: id, Handle: numberedName(i, -1), Email: email, EmailKey: email, Created: now}); err != nil {
					return err
				}
				for k := range passkeysEach {
					if err := tx.InsertPasskey(store.Passkey{
						ID: fmt.Sprintf("passkey|dev_%d_%d", i, k), UserID: id, CredentialID: numberedName(i, k), PublicKey: key,
						UserVerified: true, AAGUID: make([]byte, 16), Attachment: "platform",
						Transports: []string{"internal"}, Attestation: "none", RPID: "localhost", Name: "Chrome on Linux", Created: now,
					}, passkeysEach); err != nil {
						return err
					}
				}
			}
			return nil
		}))
	}
}

// visitor is a stranger with a session.
type visitor struct{ cookie, csrf string }

var csrfInPage = regexp.MustCompile(`name="csrf-token" content="([^"]+)"|name="csrf" value="([^"]+)"`)

// visitors open the login page, which is not part of what is measured.
func (l *load) visitors(b *testing.B, n int) []visitor {
	b.Helper()
	all := make([]visitor, n)
	var next sync.Mutex
	i := 0
	var done sync.WaitGroup
	for range 8 {
		done.Go(func() {
			for {
				next.Lock()
				mine := i
				i++
				next.Unlock()
				if mine >= n {
					return
				}
				response, err := l.client.Get(l.address + pathLogin)
				if err != nil {
					continue
				}
				page, _ := io.ReadAll(response.Body)
				response.Body.Close()
				found := csrfInPage.FindSubmatch(page)
				if found == nil || len(response.Cookies()) == 0 {
					continue
				}
				all[mine] = visitor{response.Cookies()[0].Name + "=" + response.Cookies()[0].Value, string(found[1]) + string(found[2])}
			}
		})
	}
	done.Wait()
	require.NotEmpty(b, all[0].csrf, "the login page has a token")
	return all
}

// outcome is how one login went.
type outcome struct {
	options, whole time.Duration
	err            error
}

func (l *load) post(v visitor, path string, body []byte) ([]byte, error) {
	r, err := http.NewRequest(http.MethodPost, l.address+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Cookie", v.cookie)
	r.Header.Set(csrfHeader, v.csrf)
	response, err := l.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", path, response.Status, answer)
	}
	return answer, err
}

// logIn is one login that was due at a time.
func (l *load) logIn(b *testing.B, v visitor, due time.Time, n int) (o outcome) {
	options, err := l.post(v, "/u/passkey/login/options", nil)
	o.options = time.Since(due)
	if err != nil {
		return outcome{err: err}
	}
	device := *l.device
	user := n * 7919 % l.users
	device.ID, device.Handle = numberedName(user, n%passkeysEach), numberedName(user, -1)
	_, o.err = l.post(v, "/u/passkey/login/verify", device.Get(b, options))
	o.whole = time.Since(due)
	return o
}

// run has logins come at a rate, and reports how long they took.
func (l *load) run(b *testing.B, rate int) {
	for b.Loop() {
		n := int(loadTime.Seconds() * float64(rate))
		b.StopTimer()
		visitors := l.visitors(b, n)
		outcomes := make([]outcome, n)
		sync := l.syncTime(b)
		b.StartTimer()
		l.arrive(b, rate, visitors, outcomes)
		report(b, outcomes)
		b.ReportMetric(milliseconds(sync), "sync-ms")
	}
}

// arrive starts a login whenever one is due and waits for the last.
func (l *load) arrive(b *testing.B, rate int, visitors []visitor, outcomes []outcome) {
	var done sync.WaitGroup
	begin := time.Now()
	for i := range visitors {
		due := begin.Add(time.Duration(i) * time.Second / time.Duration(rate))
		if wait := time.Until(due); wait > 0 {
			<-time.After(wait)
		}
		done.Go(func() { outcomes[i] = l.logIn(b, visitors[i], due, i) })
	}
	done.Wait()
}

func report(b *testing.B, outcomes []outcome) {
	b.Helper()
	var options, whole []time.Duration
	failed := 0
	for _, o := range outcomes {
		if o.err != nil {
			if failed++; failed == 1 {
				b.Log(o.err)
			}
			continue
		}
		options, whole = append(options, o.options), append(whole, o.whole)
	}
	require.NotEmpty(b, whole)
	slices.Sort(options)
	slices.Sort(whole)
	at := func(all []time.Duration, part float64) float64 {
		return milliseconds(all[int(part*float64(len(all)-1))])
	}
	b.ReportMetric(at(options, 0.5), "options-p50-ms")
	b.ReportMetric(at(whole, 0.5), "p50-ms")
	b.ReportMetric(at(whole, 0.99), "p99-ms")
	b.ReportMetric(float64(failed), "errors")
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// syncTime is the median time to write a page and have the disk keep it.
func (l *load) syncTime(b *testing.B) time.Duration {
	b.Helper()
	f, err := os.Create(filepath.Join(l.dir, "sync"))
	require.NoError(b, err)
	defer f.Close()
	var all []time.Duration
	for range 21 {
		start := time.Now()
		_, err := f.WriteAt(make([]byte, 4096), 0)
		require.NoError(b, err)
		require.NoError(b, f.Sync())
		all = append(all, time.Since(start))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

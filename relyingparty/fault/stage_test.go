package fault_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/conformanceapi"
)

const (
	host   = "auth.acme.test"
	origin = "https://" + host
)

type object = map[string]any

// stage is a relying party behind the conformance interface, the same each time but for
// its faults: its challenges come in a fixed order.
type stage struct {
	t     testing.TB
	to    http.Handler
	jar   map[string]string // cookies
	clock *time.Time
}

// opening is when a scene begins. Certificates of attestation are held to the real time,
// which must not be in the keys of what is remembered of them.
var opening = time.Now().Truncate(24 * time.Hour)

func newStage(t testing.TB, edit func(*conformanceapi.Config), seams ...relyingparty.Seams) *stage {
	t.Helper()
	s := &stage{t: t, jar: map[string]string{}, clock: new(time.Time)}
	*s.clock = opening
	config := conformanceapi.Config{
		RPID: host, RPName: "Acme", Origin: origin, Random: new(numbers), Seams: seams,
		Clock: func() time.Time { return *s.clock },
	}
	if edit != nil {
		edit(&config)
	}
	server, err := conformanceapi.New(config)
	require.NoError(t, err)
	s.to = server
	return s
}

// other is another session of the same relying party.
func (s *stage) other() *stage {
	return &stage{t: s.t, to: s.to, jar: map[string]string{}, clock: s.clock}
}

// numbers is chance that is the same each time. In base64url it has both characters that
// the standard alphabet does not have.
type numbers struct {
	mu sync.Mutex
	n  uint64
}

func (r *numbers) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.n++
	sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("number"), r.n))
	n := copy(p, sum[:])
	copy(p, []byte{0xfb, 0xff, 0xbf})
	return n, nil
}

// post sends JSON as it stands.
func (s *stage) post(path string, body []byte) (object, bool) {
	r := httptest.NewRequest(http.MethodPost, origin+path, bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for name, value := range s.jar {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	s.to.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		s.jar[c.Name] = c.Value
	}
	var answer object
	require.NoError(s.t, json.Unmarshal(w.Body.Bytes(), &answer), w.Body.String())
	require.Less(s.t, w.Code, http.StatusInternalServerError, "%v", answer)
	return answer, w.Code == http.StatusOK
}

func marshal(t testing.TB, v any) []byte {
	t.Helper()
	out, err := json.Marshal(v)
	require.NoError(t, err)
	return out
}

// stopped is the panic of a scene that cannot go on.
type stopped string

// end is how a scene ends on a stage.
func (sc scene) end(s *stage) (how string) {
	defer func() {
		if r := recover(); r != nil {
			why, is := r.(stopped)
			if !is {
				panic(r)
			}
			how = string(why)
		}
	}()
	return sc.play(s)
}

// ask gets options.
func (s *stage) ask(path string, about object) object {
	answer, ok := s.post(path, marshal(s.t, about))
	if !ok {
		panic(stopped("there are no options"))
	}
	return answer
}

// toRegister asks for creation options of a user.
func (s *stage) toRegister(name string, more object) object {
	about := object{"username": name, "displayName": "Somebody", "attestation": "direct"}
	for member, value := range more {
		about[member] = value
	}
	return s.ask("/attestation/options", about)
}

// toLogIn asks for request options of a user.
func (s *stage) toLogIn(name string, more object) object {
	about := object{"username": name}
	for member, value := range more {
		about[member] = value
	}
	return s.ask("/assertion/options", about)
}

// register is a whole registration, as k is now; it reports whether it was accepted.
func (s *stage) register(name string, k *key, more object) bool {
	return s.registered(k.create(s.t, s.toRegister(name, more)))
}

func (s *stage) registered(response []byte) bool {
	_, ok := s.post("/attestation/result", response)
	return ok
}

// logIn is a whole login, as k is now; it reports whether it was accepted.
func (s *stage) logIn(name string, k *key, more object) bool {
	return s.loggedIn(k.get(s.t, s.toLogIn(name, more)))
}

func (s *stage) loggedIn(response []byte) bool {
	_, ok := s.post("/assertion/result", response)
	return ok
}

// began registers a key that will have other things wrong, and wants that to work.
func (s *stage) began(name string, k *key) {
	if !s.register(name, k, nil) {
		panic(stopped(unregistered))
	}
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func decode(t testing.TB, text any) []byte {
	t.Helper()
	s, _ := text.(string)
	raw, err := base64.RawURLEncoding.DecodeString(s)
	require.NoError(t, err)
	return raw
}

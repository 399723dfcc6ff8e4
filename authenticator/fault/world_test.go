package fault_test

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/fault"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/webauthn"
)

// world is a device with everything around it, and what an observer has seen of
// it. Observers read leniently: nothing that a device says fails a test.
type world struct {
	t      testing.TB
	fault  fault.Fault
	scene  string
	model  authenticator.Model
	device *authenticator.Authenticator
	user   *authenticator.ScriptedUser
	clock  *authenticator.ManualClock
	store  authenticator.Store

	seen    map[string]string
	order   []string
	ids     map[string]string // names of credential IDs and the like
	kinds   map[string]int    // how many of a kind were seen
	keys    map[string][]byte // COSE_Key by credential ID, as registrations told them
	prompts int               // asked before
	defect  error             // a panic inside the device
	closely bool              // whoever looks on sees everything
	lower   bool              // a signature had s in the lower half
}

func newWorld(t testing.TB, f fault.Fault, scene string, model authenticator.Model) *world {
	t.Helper()
	w := &world{
		t: t, fault: f, scene: scene, model: model, user: new(authenticator.ScriptedUser),
		clock: authenticator.NewManualClock(time.Unix(1_900_000_000, 0)), store: authenticator.NewMemoryStore(),
		seen: map[string]string{}, ids: map[string]string{}, kinds: map[string]int{}, keys: map[string][]byte{},
	}
	var err error
	w.device, err = authenticator.New(model, authenticator.Env{Store: w.store, User: w.user, Clock: w.clock, Random: seed.Stream(1, "faults", scene)},
		f.Seams, authenticator.Seams{Refused: w.note})
	require.NoError(t, err)
	return w
}

// note keeps what must never happen.
func (w *world) note(_ ctap.Request, err error) {
	if broken := (*authenticator.PanicError)(nil); asPanic(err, &broken) {
		w.defect = fmt.Errorf("%w\n%s", broken, broken.Stack)
	}
}

// see notes an observation.
func (w *world) see(what, format string, args ...any) {
	key := w.scene + ": " + what
	if _, twice := w.seen[key]; twice {
		w.t.Fatalf("%q is seen twice", key)
	}
	value := fmt.Sprintf(format, args...)
	if value == "" {
		value = "nothing"
	}
	w.seen[key] = strings.ReplaceAll(value, "\n", " ")
	w.order = append(w.order, key)
}

// detail notes an observation of those who look closely.
func (w *world) detail(what, format string, args ...any) {
	if w.closely {
		w.see(what, format, args...)
	}
}

// exchange sends bytes.
func (w *world) exchange(request []byte) []byte {
	w.t.Helper()
	answer, err := w.device.Exchange(w.t.Context(), request)
	require.NoError(w.t, err)
	return answer
}

// send sends a request and returns how it ended, and what came with that.
func (w *world) send(req ctap.Request) (status string, body []byte) {
	w.t.Helper()
	raw, err := ctap.EncodeRequest(req)
	require.NoError(w.t, err)
	return ended(w.exchange(raw))
}

func ended(answer []byte) (status string, body []byte) {
	if len(answer) == 0 {
		return "no bytes", nil
	}
	status = ctap.Status(answer[0]).String()
	if answer[0] != 0 && len(answer) > 1 {
		status += fmt.Sprintf(" and %d bytes", len(answer)-1)
	}
	return status, answer[1:]
}

// status sends a request and notes how it ended.
func (w *world) status(what string, req ctap.Request) string {
	w.t.Helper()
	status, _ := w.send(req)
	w.see(what, "%s", status)
	return status
}

// name gives a credential ID a name for people.
func (w *world) name(id []byte) string {
	if len(id) == 0 {
		return "no ID"
	}
	return w.nameOf("credential", id)
}

// nameOf gives bytes of some kind a name, by the order in which they are seen.
func (w *world) nameOf(kind string, id []byte) string {
	key := kind + string(id)
	if _, known := w.ids[key]; !known {
		w.kinds[kind]++
		w.ids[key] = fmt.Sprintf("%s %d", kind, w.kinds[kind])
	}
	return w.ids[key]
}

// asked lists what the user was asked since the last time.
func (w *world) asked() string {
	all := w.user.Asked()
	var kinds []string
	for _, p := range all[w.prompts:] {
		kind := p.Kind.String()
		if p.Verify {
			kind += " with verification"
		}
		kinds = append(kinds, kind)
	}
	w.prompts = len(all)
	if len(kinds) == 0 {
		return "nobody"
	}
	return strings.Join(kinds, ", ")
}

var clientDataHash = sha256.Sum256([]byte("client data"))

func ptr[T any](v T) *T { return &v }

// rpID is the relying party of most scenes.
const rpID = "example.com"

func creation(change ...func(*ctap.MakeCredentialRequest)) *ctap.MakeCredentialRequest {
	req := &ctap.MakeCredentialRequest{
		ClientDataHash: clientDataHash[:],
		RP:             ctap.RPEntity{ID: rpID, Name: "Example"}, User: account("alice"),
		PubKeyCredParams: []ctap.Parameters{{Algorithm: int64(webauthn.ES256), Type: ctap.PublicKey}},
		Options:          &ctap.Options{RK: ptr(true), UV: ptr(true)},
	}
	for _, c := range change {
		c(req)
	}
	return req
}

func account(name string) ctap.UserEntity {
	return ctap.UserEntity{ID: []byte("handle-" + name), Name: name + "@example.com", DisplayName: name}
}

func forUser(name string) func(*ctap.MakeCredentialRequest) {
	return func(r *ctap.MakeCredentialRequest) { r.User = account(name) }
}

func listed(r *ctap.MakeCredentialRequest) { r.Options = &ctap.Options{UV: ptr(true)} }

func extending(id string, input any) func(*ctap.MakeCredentialRequest) {
	return func(r *ctap.MakeCredentialRequest) { mustSet(&r.Extensions, id, input) }
}

func wanting(id string, input any) func(*ctap.GetAssertionRequest) {
	return func(r *ctap.GetAssertionRequest) { mustSet(&r.Extensions, id, input) }
}

func mustSet(e *ctap.Extensions, id string, input any) {
	if err := e.Set(id, input); err != nil {
		panic(err) // of the test itself
	}
}

func signIn(change ...func(*ctap.GetAssertionRequest)) *ctap.GetAssertionRequest {
	req := &ctap.GetAssertionRequest{RPID: rpID, ClientDataHash: clientDataHash[:], Options: &ctap.Options{UV: ptr(true)}}
	for _, c := range change {
		c(req)
	}
	return req
}

func allowing(ids ...[]byte) func(*ctap.GetAssertionRequest) {
	return func(r *ctap.GetAssertionRequest) { r.AllowList = descriptors(ids...) }
}

func descriptors(ids ...[]byte) (list []ctap.Descriptor) {
	for _, id := range ids {
		list = append(list, ctap.Descriptor{Type: ctap.PublicKey, ID: id})
	}
	return list
}

func silently(r *ctap.GetAssertionRequest) { r.Options = &ctap.Options{UP: ptr(false)} }

func unverified(r *ctap.GetAssertionRequest) { r.Options = nil }

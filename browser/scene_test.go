package browser

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/transport/hybrid"
)

// near is one browser that finds phones, and what is around it, for all tests that
// spoil neither. They do not run in parallel: a display shows one QR code.
var near struct {
	once    sync.Once
	nearby  *Nearby
	browser *Browser
	err     error
}

func nearBrowser(t testing.TB) (*Nearby, *Browser) {
	t.Helper()
	near.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if near.nearby, near.err = StartNearby(ctx); near.err == nil {
			near.browser, near.err = Launch(ctx, near.nearby.Options(Options{}))
		}
	})
	require.NoError(t, near.err)
	return near.nearby, near.browser
}

// scene is a person with a phone at a computer that shows a site.
type scene struct {
	testing.TB
	nearby     *Nearby
	tab        *Tab
	ceremonies *ceremony.Ceremonies
	user       *authenticator.ScriptedUser
	device     *authenticator.Authenticator
	owners     map[string]ceremony.Owner // by credential ID
}

func newScene(t testing.TB) *scene {
	t.Helper()
	n, b := nearBrowser(t)
	return newSceneIn(t, n, b)
}

func newSceneIn(t testing.TB, n *Nearby, b *Browser) *scene {
	t.Helper()
	site := testSite(t)
	s := &scene{TB: t, nearby: n, tab: openTabIn(t, b, site+"/site.html", ContextOptions{}), owners: map[string]ceremony.Owner{}, user: new(authenticator.ScriptedUser)}
	var err error
	s.ceremonies, err = ceremony.New(ceremony.Config{
		RPID: "localhost", RPName: "Fixture", Origin: site, Clock: time.Now, Random: rand.Reader,
	})
	require.NoError(t, err)
	s.device, err = authenticator.New(authenticator.Phone(), authenticator.Env{
		Store: authenticator.NewMemoryStore(), User: s.user, Clock: authenticator.SystemClock{}, Random: rand.Reader,
	})
	require.NoError(t, err)
	return s
}

// in is the same scene in a test of its own.
func (s *scene) in(t testing.TB) *scene {
	there := *s
	there.TB = t
	return &there
}

// phone is one with the device in it.
func (s *scene) phone(changes ...func(*hybrid.PhoneConfig)) *hybrid.Phone {
	s.Helper()
	config := hybrid.PhoneConfig{Device: s.device, Advertiser: s.nearby.Air, Dialer: s.nearby.Dialer(), Random: rand.Reader}
	for _, change := range changes {
		change(&config)
	}
	p, err := hybrid.NewPhone(config)
	require.NoError(s, err)
	return p
}

// ask has the page ask for a passkey once its button is clicked, and clicks it.
func (s *scene) ask(method string, options json.RawMessage) {
	s.Helper()
	parse := map[string]string{"create": "parseCreationOptionsFromJSON", "get": "parseRequestOptionsFromJSON"}[method]
	require.NoError(s, s.tab.Eval(testContext(s), fmt.Sprintf(`document.querySelector("#%[1]s").onclick = async () => {
		window.outcome = "";
		window.aborter = new AbortController();
		const publicKey = PublicKeyCredential.%[2]s(%[3]s.publicKey);
		window.outcome = await navigator.credentials.%[1]s({publicKey, signal: aborter.signal})
			.then((c) => JSON.stringify(c.toJSON()), (e) => e.name);
	}`, method, parse, options), nil))
	require.NoError(s, s.tab.Click(testContext(s), "#"+method))
}

// outcome is what came of it: a response, or the name of an exception.
func (s *scene) outcome() string {
	s.Helper()
	require.NoError(s, s.tab.WaitFunc(testContext(s), `window.outcome`))
	return evalString(s, s.tab, `window.outcome`)
}

// scan has a phone scan the code that is shown, and returns what it will end with.
func (s *scene) scan(ctx context.Context, phone *hybrid.Phone) <-chan error {
	s.Helper()
	text, err := s.tab.QR(testContext(s))
	require.NoError(s, err)
	return scanText(ctx, phone, text)
}

func scanText(ctx context.Context, phone *hybrid.Phone, text string) <-chan error {
	ended := make(chan error, 1)
	go func() { ended <- phone.Scan(ctx, text) }()
	return ended
}

// register makes a passkey of somebody's on the phone, by the browser.
func (s *scene) register(name string, phone *hybrid.Phone) ceremony.Credential {
	s.Helper()
	account := ceremony.Account{Handle: []byte(name), Name: name, DisplayName: name}
	options, asked, err := s.ceremonies.BeginRegistration(account, nil, ceremony.RegistrationRules{
		UserVerification: ceremony.VerificationRequired, Attestation: ceremony.AttestationNone, Lifetime: time.Minute,
	})
	require.NoError(s, err)
	s.ask("create", options)
	ended := s.scan(testContext(s), phone)
	response, err := ceremony.ParseRegistration([]byte(s.outcome()))
	require.NoError(s, err)
	credential, err := s.ceremonies.FinishRegistration(asked, response)
	require.NoError(s, err)
	require.NoError(s, <-ended)
	s.owners[string(credential.ID)] = ceremony.Owner{Handle: account.Handle, Credential: credential}
	return credential
}

// askLogin has the page ask whoever it is.
func (s *scene) askLogin() *ceremony.Login {
	s.Helper()
	options, asked, err := s.ceremonies.BeginLogin(ceremony.LoginRules{
		UserVerification: ceremony.VerificationRequired, Lifetime: time.Minute,
	})
	require.NoError(s, err)
	s.ask("get", options)
	return asked
}

// verify holds what came of a login against what the site knows.
func (s *scene) verify(asked *ceremony.Login) ceremony.Assertion {
	s.Helper()
	outcome := s.outcome()
	response, err := ceremony.ParseLogin([]byte(outcome))
	require.NoError(s, err, outcome)
	assertion, err := s.ceremonies.FinishLogin(asked, response, ceremony.CounterRefuse, func(id []byte) (ceremony.Owner, error) {
		owner, found := s.owners[string(id)]
		if !found {
			return owner, errors.New("nobody has that credential")
		}
		return owner, nil
	})
	require.NoError(s, err)
	return assertion
}

// login signs somebody in by a phone.
func (s *scene) login(phone *hybrid.Phone) ceremony.Assertion {
	s.Helper()
	asked := s.askLogin()
	ended := s.scan(testContext(s), phone)
	assertion := s.verify(asked)
	require.NoError(s, <-ended)
	return assertion
}

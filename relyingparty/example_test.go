package relyingparty_test

import (
	"crypto/rand"
	"fmt"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/passkeylab/passkeylab/relyingparty"
)

// A site is an http.Handler; any server can serve it. Here its login page is asked
// for under a policy without a passkey button.
func Example() {
	site, err := relyingparty.New(relyingparty.Config{
		BaseURL:      "http://localhost:8080",
		Clock:        time.Now,
		Random:       rand.Reader,
		PasswordCost: relyingparty.LabPasswordCost(),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer site.Close()

	policy := site.Policy()
	policy.ChallengeUI = relyingparty.ChallengeAutofill
	if err := site.SetPolicy(policy); err != nil {
		fmt.Println(err)
		return
	}
	page := httptest.NewRecorder()
	site.ServeHTTP(page, httptest.NewRequest("GET", site.Origin()+"/u/login/identifier", nil))
	fmt.Println(page.Code, "for RP ID", site.RPID())
	fmt.Println("autofill:", strings.Contains(page.Body.String(), `autocomplete="username webauthn"`))
	fmt.Println("button:", strings.Contains(page.Body.String(), `id="passkey-button"`))
	// Output:
	// 200 for RP ID localhost
	// autofill: true
	// button: false
}

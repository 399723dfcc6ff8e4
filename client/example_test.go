package client_test

import (
	"context"
	"fmt"
	"time"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/webauthn"
)

// A page on https://example.com signs somebody up on a laptop and in again.
func Example() {
	laptop, err := authenticator.New(authenticator.Laptop(), authenticator.Env{
		Store: authenticator.NewMemoryStore(), User: new(authenticator.ScriptedUser),
		Clock: authenticator.NewManualClock(time.Unix(0, 0)), Random: seed.Stream(1),
	})
	if err != nil {
		panic(err)
	}
	browser, err := client.New(client.Config{
		Authenticators: client.Attached(client.Authenticator{Name: "laptop", Transport: laptop}),
	})
	if err != nil {
		panic(err)
	}
	page := client.Caller{Origin: "https://login.example.com"}
	made, err := browser.Create(context.Background(), page, &webauthn.CreationOptions{
		RP:                     webauthn.RPEntity{ID: "example.com", Name: "Example"},
		User:                   webauthn.UserEntity{ID: []byte("handle"), Name: "alice@example.com", DisplayName: "Alice"},
		Challenge:              []byte("fresh random bytes"),
		AuthenticatorSelection: webauthn.AuthenticatorSelection{ResidentKey: webauthn.Required},
	})
	fmt.Println(err, made.AuthenticatorAttachment, made.Response.PublicKeyAlgorithm)

	got, err := browser.Get(context.Background(), page, &webauthn.RequestOptions{RPID: "example.com", Challenge: []byte("other random bytes")})
	fmt.Println(err, string(got.Response.UserHandle))

	_, err = browser.Get(context.Background(), page, &webauthn.RequestOptions{RPID: "example.org", Challenge: []byte("more")})
	fmt.Println(err)
	// Output:
	// <nil> platform ES256
	// <nil> handle
	// SecurityError: RP ID "example.org" is neither the domain of https://login.example.com nor a registrable suffix of it
}

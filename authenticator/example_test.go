package authenticator_test

import (
	"context"
	"fmt"
	"time"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/webauthn"
)

// A phone makes a passkey and signs in with it.
func Example() {
	user := new(authenticator.ScriptedUser)
	phone, err := authenticator.New(authenticator.Phone(), authenticator.Env{
		Store:  authenticator.NewMemoryStore(),
		User:   user,
		Clock:  authenticator.NewManualClock(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)),
		Random: seed.Stream(1, "phone"),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, yes, hash := context.Background(), true, make([]byte, 32)
	_, err = ctap.Call(ctx, phone, &ctap.MakeCredentialRequest{
		ClientDataHash: hash, RP: ctap.RPEntity{ID: "example.com"}, User: ctap.UserEntity{ID: []byte{7}, Name: "alice"},
		PubKeyCredParams: []ctap.Parameters{{Algorithm: int64(webauthn.ES256), Type: ctap.PublicKey}},
		Options:          &ctap.Options{RK: &yes, UV: &yes},
	})
	fmt.Println("made:", ctap.StatusOf(err))

	signIn := &ctap.GetAssertionRequest{RPID: "example.com", ClientDataHash: hash, Options: &ctap.Options{UV: &yes}}
	got, err := ctap.Call(ctx, phone, signIn)
	fmt.Println("signed in:", ctap.StatusOf(err), got.User.Name)

	user.Then(authenticator.Decline)
	_, err = ctap.Call(ctx, phone, signIn)
	fmt.Println("declined:", ctap.StatusOf(err))
	// Output:
	// made: CTAP1_ERR_SUCCESS
	// signed in: CTAP1_ERR_SUCCESS alice
	// declined: CTAP2_ERR_OPERATION_DENIED
}

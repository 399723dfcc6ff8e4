package webdriver_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/provider"
	"github.com/passkeylab/passkeylab/authenticator/provider/webdriver"
)

// What a device of an account holds goes into a browser's virtual authenticator, as
// the parameters of Add Credential.
func Example() {
	clock := authenticator.NewManualClock(time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC))
	account, err := provider.NewAccount(provider.Options{Provider: provider.Bitwarden(), Clock: clock, Automatic: true})
	if err != nil {
		panic(err)
	}
	phone, err := account.Join(provider.Device{Name: "phone"})
	if err != nil {
		panic(err)
	}
	if _, err := phone.Import(numbered(1, -7)); err != nil {
		panic(err)
	}
	held, err := phone.Store().Find(context.Background(), authenticator.Query{})
	if err != nil {
		panic(err)
	}
	text, _, err := webdriver.Write(held...)
	if err != nil {
		panic(err)
	}
	fmt.Println(strings.Split(string(text), "\n")[2])
	// Output:
	//     "credentialId": "Y3JlZGVudGlhbCBudW1iZXIgMQ",
}

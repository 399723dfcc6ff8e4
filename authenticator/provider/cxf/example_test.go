package cxf_test

import (
	"fmt"
	"time"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/provider"
	"github.com/passkeylab/passkeylab/authenticator/provider/cxf"
	"github.com/passkeylab/passkeylab/webauthn"
)

// A passkey moves from one provider to another.
func Example() {
	clock := authenticator.NewManualClock(time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC))
	device := func(p provider.Provider) *provider.Member {
		account, err := provider.NewAccount(provider.Options{Provider: p, Clock: clock, Automatic: true})
		if err != nil {
			panic(err)
		}
		m, err := account.Join(provider.Device{Name: p.Name})
		if err != nil {
			panic(err)
		}
		return m
	}
	from, to := device(provider.Bitwarden()), device(provider.ICloud())
	if _, err := from.Import(numbered(1, webauthn.ES256)); err != nil {
		panic(err)
	}

	passkeys, stay, err := from.Export()
	if err != nil {
		panic(err)
	}
	text, report, err := cxf.Write(cxf.New("bitwarden.example", "Bitwarden", clock.Now(), cxf.Account{ID: []byte("1")}, passkeys...))
	if err != nil {
		panic(err)
	}
	fmt.Println(report.Written, "written,", len(stay)+len(report.LeftOut), "left out")

	document, err := cxf.Read(text)
	if err != nil {
		panic(err) // which names every line that is wrong; nothing was read
	}
	done, err := to.Import(document.Passkeys()...)
	if err != nil {
		panic(err) // nothing was imported
	}
	fmt.Println(done.Added, "imported")
	// Output:
	// 1 written, 0 left out
	// 1 imported
}

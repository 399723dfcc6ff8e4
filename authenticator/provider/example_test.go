package provider_test

import (
	"context"
	"fmt"
	"time"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/provider"
)

// list prints the IDs of what a device shows.
func list(m *provider.Member) {
	found, err := m.Store().Find(context.Background(), authenticator.Query{})
	if err != nil {
		fmt.Println(err)
	}
	fmt.Printf("%s:", m.Name())
	for _, c := range found {
		fmt.Printf(" %s", c.ID)
	}
	fmt.Println()
}

// must ends an example whose world does not hold together.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func commit(m *provider.Member, c authenticator.Change) {
	if err := m.Store().Commit(context.Background(), c); err != nil {
		panic(err)
	}
}

func ExampleAccount() {
	clock := authenticator.NewManualClock(time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC))
	account := must(provider.NewAccount(provider.Options{Provider: provider.ICloud(), Clock: clock, Secret: "123456"}))
	phone := must(account.Join(provider.Device{Name: "phone", Platform: provider.Apple}))
	laptop := must(account.Join(provider.Device{Name: "laptop", Platform: provider.Apple}))

	// An authenticator with phone.Store() would do this.
	commit(phone, authenticator.Change{Put: []*authenticator.Credential{passkey("alice's", 1)}})
	phone.Upload()
	laptop.Deliver()
	list(laptop) // the laptop has it, and cannot read it

	if err := phone.Approve(laptop); err != nil {
		panic(err)
	}
	list(laptop)
	// Output:
	// laptop:
	// laptop: alice's
}

// Two devices make a passkey for the same user, and neither knows of the other.
func ExampleAccount_Partition() {
	clock := authenticator.NewManualClock(time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC))
	account := must(provider.NewAccount(provider.Options{Provider: provider.ICloud(), Clock: clock}))
	phone := must(account.Join(provider.Device{Name: "phone"}))
	laptop := must(account.Join(provider.Device{Name: "laptop"}))
	if err := phone.Approve(laptop); err != nil {
		panic(err)
	}
	account.Partition(phone, laptop)
	commit(phone, authenticator.Change{Put: []*authenticator.Credential{passkey("of-the-phone", 1)}})
	clock.Advance(time.Minute)
	commit(laptop, authenticator.Change{Put: []*authenticator.Credential{passkey("of-the-laptop", 1)}})

	account.Heal()
	account.Sync()
	list(phone)
	for _, c := range account.Conflicts() {
		fmt.Printf("%s lost: %s\n", c.ID, c.Rule)
	}
	// Output:
	// phone: of-the-laptop
	// of-the-phone lost: a newer passkey
}

// Nothing sleeps: the changes of an automatic account travel by its clock.
func ExampleOptions() {
	clock := authenticator.NewManualClock(time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC))
	slow := provider.Bitwarden()
	slow.Lag = provider.Lag{Up: time.Second, Down: 30 * time.Second}
	account := must(provider.NewAccount(provider.Options{Provider: slow, Clock: clock, Automatic: true, Secret: "master password"}))
	phone := must(account.Join(provider.Device{Name: "phone"}))
	laptop := must(account.Join(provider.Device{Name: "laptop"}))
	if err := laptop.Unlock("master password"); err != nil {
		panic(err)
	}
	commit(phone, authenticator.Change{Put: []*authenticator.Credential{passkey("alice's", 1)}})
	list(laptop)
	clock.Advance(time.Minute)
	list(laptop)
	// Output:
	// laptop:
	// laptop: alice's
}

// A phone that is in a tunnel for most of an hour.
func ExampleAccount_Script() {
	clock := authenticator.NewManualClock(time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC))
	slow := provider.GooglePasswordManager()
	slow.Boundary, slow.Lag = provider.Boundary{}, provider.Lag{Up: 10 * time.Second}
	account := must(provider.NewAccount(provider.Options{Provider: slow, Clock: clock, Automatic: true}))
	phone := must(account.Join(provider.Device{Name: "phone"}))
	laptop := must(account.Join(provider.Device{Name: "laptop"}))
	account.Script(
		provider.Step{After: 5 * time.Second, Act: provider.GoOffline, Members: []*provider.Member{phone}},
		provider.Step{After: time.Hour, Act: provider.GoOnline, Members: []*provider.Member{phone}},
	)
	commit(phone, authenticator.Change{Put: []*authenticator.Credential{passkey("alice's", 1)}})
	clock.Advance(time.Hour)
	list(laptop)
	clock.Advance(10 * time.Second)
	list(laptop)
	// Output:
	// laptop:
	// laptop: alice's
}

// A stolen phone works until it hears that it is not in the account any more.
func ExampleAccount_Remove() {
	clock := authenticator.NewManualClock(time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC))
	account := must(provider.NewAccount(provider.Options{Provider: provider.GooglePasswordManager(), Clock: clock, Automatic: true}))
	phone := must(account.Join(provider.Device{Name: "phone"}))
	commit(phone, authenticator.Change{Put: []*authenticator.Credential{passkey("alice's", 1)}})
	phone.GoOffline()
	if err := account.Remove(phone); err != nil {
		panic(err)
	}
	list(phone)
	phone.GoOnline()
	list(phone)
	// Output:
	// phone: alice's
	// phone:
}

// The trap of signalAllAcceptedCredentials: a list that is empty by mistake.
func ExampleMember_AllAcceptedCredentials() {
	clock := authenticator.NewManualClock(time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC))
	account := must(provider.NewAccount(provider.Options{Provider: provider.GooglePasswordManager(), Clock: clock, Automatic: true}))
	phone := must(account.Join(provider.Device{Name: "phone"}))
	commit(phone, authenticator.Change{Put: []*authenticator.Credential{passkey("alice's", 1)}})
	alice := []byte("user 1")
	for _, e := range phone.AllAcceptedCredentials("site.test", alice, nil) {
		fmt.Printf("%s is %s\n", e.ID, e.What)
	}
	for _, e := range phone.AllAcceptedCredentials("site.test", alice, [][]byte{[]byte("alice's")}) {
		fmt.Printf("%s is %s\n", e.ID, e.What)
	}
	// Output:
	// alice's is hidden
	// alice's is shown again
}

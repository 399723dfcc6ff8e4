package provider_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/provider"
)

const fleet = 10_000

// crowd is an account with a fleet of devices that have all of its passkeys.
func crowd(b *testing.B, p provider.Provider, passkeys int) (*provider.Account, []*provider.Member) {
	b.Helper()
	a := newAccount(b, provider.Options{Provider: p, Secret: "s"})
	members := make([]*provider.Member, fleet)
	for i := range members {
		m, err := a.Join(provider.Device{Name: fmt.Sprintf("device %d", i)})
		require.NoError(b, err)
		require.NoError(b, m.Unlock("s"))
		members[i] = m
	}
	for i := range passkeys {
		put(b, members[0], passkey(fmt.Sprintf("passkey %d", i), i))
	}
	a.Sync()
	return a, members
}

// BenchmarkSync is a new passkey on its way to every device of a large account,
// and the one before it gone from all of them; beside it what it would take to put
// the passkey into as many maps.
func BenchmarkSync(b *testing.B) {
	b.Run("raw", func(b *testing.B) {
		maps := make([]map[string]*authenticator.Credential, fleet)
		for i := range maps {
			maps[i] = make(map[string]*authenticator.Credential)
			for n := range 20 {
				maps[i][fmt.Sprintf("passkey %d", n)] = passkey("x", n)
			}
		}
		c := passkey("new", 1)
		b.ReportAllocs()
		for b.Loop() {
			for _, m := range maps {
				delete(m, "new")
				m["new"] = c
			}
		}
	})
	for _, p := range []provider.Provider{open(), provider.ICloud(), provider.GooglePasswordManager()} {
		b.Run(p.Name, func(b *testing.B) {
			a, members := crowd(b, p, 20)
			n := 0
			b.ReportAllocs()
			for b.Loop() {
				n++
				from := members[n%fleet]
				change := authenticator.Change{Put: []*authenticator.Credential{passkey(fmt.Sprintf("new %d", n), 99)}}
				if n > 1 {
					change.Delete = [][]byte{fmt.Appendf(nil, "new %d", n-1)}
				}
				if err := from.Store().Commit(b.Context(), change); err != nil {
					b.Fatal(err)
				}
				a.Sync()
			}
			b.StopTimer()
			require.Contains(b, shown(b, members[fleet/2]), fmt.Sprintf("new %d", n))
		})
	}
	b.Run("one after the other, and each looks", func(b *testing.B) {
		a, members := crowd(b, open(), 20)
		n := 0
		for b.Loop() {
			n++
			put(b, members[0], passkey("new", n))
			members[0].Sync()
			for _, m := range members[1:] {
				m.Deliver()
				if found, err := m.Store().Find(b.Context(), authenticator.Query{RPID: "site.test"}); err != nil || len(found) != 21 {
					b.Fatal(len(found), err)
				}
			}
		}
		_ = a
	})
}

// BenchmarkLargeAccount is what an authenticator asks of its store for a new
// passkey, where the account has ten thousand: of as many relying parties, or all
// of one.
func BenchmarkLargeAccount(b *testing.B) {
	for _, p := range []provider.Provider{open(), provider.GooglePasswordManager()} {
		for name, rpID := range map[string]func(int) string{
			"of as many sites": func(i int) string { return fmt.Sprintf("%d.test", i) },
			"of one site":      func(int) string { return "site.test" },
		} {
			b.Run(p.Name+"/"+name, func(b *testing.B) {
				a := newAccount(b, provider.Options{Provider: p, Automatic: true})
				m := join(b, a, "phone")[0]
				all := make([]*authenticator.Credential, fleet)
				for i := range all {
					all[i] = passkey(fmt.Sprintf("passkey %d", i), i)
					all[i].RPID, all[i].Sequence = rpID(i), uint64(i)
				}
				put(b, m, all...)
				n := 0
				for b.Loop() {
					n++
					c := passkey("new", n)
					c.RPID = rpID(1)
					if _, err := m.Store().Load(b.Context()); err != nil {
						b.Fatal(err)
					}
					if _, err := m.Store().Find(b.Context(), authenticator.Query{RPID: c.RPID}); err != nil {
						b.Fatal(err)
					}
					put(b, m, c)
				}
			})
		}
	}
}

// BenchmarkCrowdInMemory tells how much a device of a large account takes.
func BenchmarkCrowdInMemory(b *testing.B) {
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		a, members := crowd(b, open(), 100)
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/fleet, "B/device")
		runtime.KeepAlive(a)
		runtime.KeepAlive(members)
	}
}

package relyingparty

import (
	"fmt"
	"math"
	"path/filepath"
	"testing"
)

// BenchmarkSite is one sign-up and one login through the site's own HTTP interface:
// pages, forms, ceremonies, storage and the device's work together.
func BenchmarkSite(b *testing.B) {
	for name, data := range map[string]string{"memory": "", "file": filepath.Join(b.TempDir(), "site.db")} {
		b.Run(name, func(b *testing.B) {
			s, _ := newSite(b, func(c *Config) {
				c.Data = data
				c.Limits = DefaultLimits()
				c.Limits.Requests.Burst = math.MaxInt32
			})
			for n := 0; b.Loop(); n++ {
				visitor := visitSite(b, s)
				d := visitor.signUp(fmt.Sprintf("visitor%d@example.com", n))
				visitor.logOut()
				visitor.follow(visitor.logInWith(d))
			}
		})
	}
}

// BenchmarkOptions is what the site computes to answer a request for login options.
func BenchmarkOptions(b *testing.B) {
	s, _ := newSite(b, func(c *Config) {
		c.Limits = DefaultLimits()
		c.Limits.Requests.Burst = 1 << 30
	})
	visitor := visitSite(b, s)
	visitor.open(pathLogin)
	for b.Loop() {
		visitor.loginOptions()
	}
}

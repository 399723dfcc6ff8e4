package authenticator_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
)

// §12.1: which level a credential gets, and what is said of it. A level of 0 is
// not asked for, or not said.
func TestCredProtectLevels(t *testing.T) {
	t.Parallel()
	cases := []struct {
		own, asked uint64
		want       ctap.Status
		level      ctap.CredProtect
		said       uint64
	}{
		{own: 0, asked: 0, level: 1},
		{own: 0, asked: 1, level: 1, said: 1},
		{own: 0, asked: 2, level: 2, said: 2},
		{own: 0, asked: 3, level: 3, said: 3},
		{own: 0, asked: 4, want: ctap.InvalidParameter},
		{own: 0, asked: 1 << 40, want: ctap.InvalidParameter},
		{own: 1, asked: 0, level: 1},
		{own: 2, asked: 0, level: 2},
		{own: 2, asked: 1, level: 2, said: 2},
		{own: 2, asked: 3, level: 3, said: 3},
		{own: 3, asked: 0, level: 3},
		{own: 3, asked: 1, level: 3, said: 3},
		{own: 3, asked: 2, level: 3, said: 3},
	}
	for _, c := range cases {
		for _, rk := range []bool{true, false} {
			t.Run(fmt.Sprintf("own %d asked %d rk %t", c.own, c.asked, rk), func(t *testing.T) {
				t.Parallel()
				r := newRig(t, extended(func(m *authenticator.Model) { m.CredProtect = ctap.CredProtect(c.own) }))
				req := creation(func(req *ctap.MakeCredentialRequest) { req.Options.RK = &rk })
				if c.asked != 0 {
					with(ctap.ExtensionCredProtect, c.asked)(req)
				}
				if c.want != ctap.OK {
					assert.Equal(t, c.want, r.status(req))
					return
				}
				made, err := ctap.Call(t.Context(), r, req)
				require.NoError(t, err)
				if c.said == 0 {
					assert.Nil(t, said(t, made.AuthData))
				} else {
					assert.Equal(t, only(ctap.ExtensionCredProtect, c.said), said(t, made.AuthData))
				}
				kept, err := r.Credential(t.Context(), "example.com", parse(t, made.AuthData).Attested.CredentialID)
				require.NoError(t, err)
				level := ctap.UserVerificationOptional
				if kept.Extras != nil {
					level = kept.Extras.CredProtect
				}
				assert.Equal(t, c.level, level)
			})
		}
	}
}

// One can also ask for zero, which is no level.
func TestCredProtectZero(t *testing.T) {
	t.Parallel()
	assert.Equal(t, ctap.InvalidParameter, newRig(t, extended()).status(creation(with(ctap.ExtensionCredProtect, 0))))
}

// §6.2.2 steps 7.4 and 7.5: every level, kept either way, with and without a
// list, for users verified by every means and for others.
func TestCredProtectHidesCredentials(t *testing.T) {
	t.Parallel()
	for level := ctap.UserVerificationOptional; level <= ctap.UserVerificationRequired; level++ {
		for _, keeping := range []string{"discoverable", "wrapped", "stored"} {
			for _, listed := range []bool{true, false} {
				for _, by := range []string{"nobody", "built-in UV", "PIN", "silence"} {
					t.Run(fmt.Sprintf("level %d %s listed %t verified by %s", level, keeping, listed, by), func(t *testing.T) {
						t.Parallel()
						model := extended()
						if keeping == "stored" {
							model = extended(storing)
						}
						r := newRig(t, model)
						p := r.withPIN()
						_, id := r.create(with(ctap.ExtensionCredProtect, level), func(req *ctap.MakeCredentialRequest) {
							req.Options.RK = ptr(keeping == "discoverable")
						})
						req := signIn()
						if listed {
							allowing(id)(req)
						}
						switch by {
						case "nobody":
							touchOnly(req)
						case "silence":
							silent(req)
						case "PIN":
							p.granted(ctap.PermissionGetAssertion, "example.com").asserting(req)
						}
						// The table of §12.1 in other words.
						verified := by == "built-in UV" || by == "PIN"
						found := listed || keeping == "discoverable"
						visible := verified || level == 1 || level == 2 && listed
						want := ctap.NoCredentials
						if found && visible {
							want = ctap.OK
						}
						assert.Equal(t, want, r.status(req))
					})
				}
			}
		}
	}
}

// A hidden credential does not hide the others.
func TestCredProtectLeavesTheOthers(t *testing.T) {
	t.Parallel()
	r := newRig(t, extended())
	ids := map[ctap.CredProtect][]byte{}
	for level := ctap.UserVerificationOptional; level <= ctap.UserVerificationRequired; level++ {
		_, ids[level] = r.create(forUser(fmt.Sprint("user ", level)), with(ctap.ExtensionCredProtect, level))
	}
	assert.Equal(t, uint64(3), r.assert().NumberOfCredentials)
	alone := r.assert(touchOnly)
	assert.Zero(t, alone.NumberOfCredentials)
	assert.Equal(t, ids[1], alone.Credential.ID)
	assert.Equal(t, ids[2], r.assert(touchOnly, allowing(ids[3], ids[2], ids[1])).Credential.ID)
	assert.Equal(t, ctap.NoCredentials, r.status(signIn(touchOnly, allowing(ids[3]))))
}

// §6.1.2 step 12: a credential of level 3 excludes only for its verified owner.
func TestCredProtectExcludes(t *testing.T) {
	t.Parallel()
	touch := func(req *ctap.MakeCredentialRequest) { req.Options = nil }
	for level := ctap.UserVerificationOptional; level <= ctap.UserVerificationRequired; level++ {
		for _, rk := range []bool{true, false} {
			for _, verified := range []bool{true, false} {
				t.Run(fmt.Sprintf("level %d discoverable %t verified %t", level, rk, verified), func(t *testing.T) {
					t.Parallel()
					r := newRig(t, extended())
					_, id := r.create(with(ctap.ExtensionCredProtect, level), func(req *ctap.MakeCredentialRequest) { req.Options.RK = &rk })
					req := creation(forUser("bob"), notDiscoverable, excluding([]byte("of another device"), id))
					if !verified {
						touch(req)
					}
					want := ctap.CredentialExcluded
					if level == 3 && !verified {
						want = ctap.OK
					}
					assert.Equal(t, want, r.status(req))
				})
			}
		}
	}
	r := newRig(t, extended())
	_, hidden := r.create(with(ctap.ExtensionCredProtect, 3))
	_, open := r.create(forUser("bob"))
	assert.Equal(t, ctap.CredentialExcluded, r.status(creation(touch, excluding(hidden, open))), "the rest of the list still counts")
}

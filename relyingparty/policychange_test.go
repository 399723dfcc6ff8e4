package relyingparty

import (
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Of changes to several parts of the policy at the same time none is lost, whichever
// way they come.
func TestPolicyChangesAtOnce(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications, withPolicy(func(p *Policy) { p.Passkeys = false }))
	p := operator(t, s)
	changes := []func(on bool){
		func(on bool) {
			assert.Equal(t, http.StatusOK, p.ask(http.MethodPatch, "/api/v2/prompts", object{"identifier_first": on}).status)
		},
		func(on bool) {
			experience := map[bool]string{true: "new", false: "classic"}[on]
			assert.Equal(t, http.StatusOK, p.ask(http.MethodPatch, "/api/v2/prompts", object{"universal_login_experience": experience}).status)
		},
		func(on bool) {
			assert.Equal(t, http.StatusOK, p.ask(http.MethodPatch, "/api/v2/clients/app", object{"custom_login_page_on": on}).status)
		},
		func(on bool) {
			assert.NoError(t, s.ChangePolicy(func(p *Policy) error {
				p.SignUp = on
				return nil
			}))
		},
	}
	for i := range 50 {
		on := i%2 == 0
		var done sync.WaitGroup
		for _, change := range changes {
			done.Go(func() { change(on) })
		}
		done.Wait()
		held := s.Policy()
		require.Equal(t, []bool{on, on, on, on},
			[]bool{held.Tenant.IdentifierFirst, held.Tenant.UniversalLogin, held.Tenant.CustomLoginPage, held.SignUp})
	}
}

func TestPolicyChangeThatIsRefusedChangesNothing(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	before := s.Policy()
	require.ErrorContains(t, s.ChangePolicy(func(p *Policy) error {
		p.MaxPasskeys, p.SignUp = 0, false
		return nil
	}), "MaxPasskeys")
	require.ErrorIs(t, s.ChangePolicy(func(p *Policy) error {
		p.SignUp = false
		return ErrNoSuchUser
	}), ErrNoSuchUser)
	assert.Equal(t, before, s.Policy())
}

package relyingparty

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRenamedUsersAreSignalled(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	b := visitSite(t, s)
	b.signUp("alice@example.com")
	require.NoError(t, s.SetName("ALICE@example.com", "Alice Cooper"))
	now := told(t, b.open(pathAccount))
	assert.Equal(t, "alice@example.com", now.Name, "what she logs in with stays")
	assert.Equal(t, "Alice Cooper", now.DisplayName)
	asked := b.post("/u/passkey/register/options", []byte(`{}`))
	assert.Contains(t, asked.body, `"displayName":"Alice Cooper"`, "and the next passkey has it from the start")

	assert.ErrorIs(t, s.SetName("bob@example.com", "Bob"), ErrNoSuchUser)
	for _, bad := range []string{"", " ", "a\nb"} {
		assert.Error(t, s.SetName("alice@example.com", bad))
	}
}

func TestManagementRenamesUsers(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	p := operator(t, s)
	newProgram(t, s).signUp("ann@example.com", nil)
	u, err := s.User("ann@example.com")
	require.NoError(t, err)
	path := "/api/v2/users/" + url.PathEscape(u.ID)
	renamed := p.ask(http.MethodPatch, path, object{"name": "Ann"})
	require.Equal(t, http.StatusOK, renamed.status, renamed.body)
	assert.Equal(t, "Ann", renamed.json(t)["name"])
	assert.Equal(t, "Ann", p.get(path).json(t)["name"])
	for _, bad := range []object{{}, {"name": ""}, {"name": 1}, {"email": "x@example.com"}} {
		assert.Equal(t, http.StatusBadRequest, p.ask(http.MethodPatch, path, bad).status, bad)
	}
	assert.Equal(t, http.StatusNotFound, p.ask(http.MethodPatch, "/api/v2/users/auth0|x", object{"name": "Ann"}).status)
}

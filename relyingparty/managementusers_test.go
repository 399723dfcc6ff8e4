package relyingparty

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony/ceremonytest"
)

func TestManagedUsers(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	p := operator(t, s)
	d, _ := newProgram(t, s).signUp("ann@example.com", nil)
	u, err := s.User("ann@example.com")
	require.NoError(t, err)
	found := p.get("/api/v2/users-by-email?email=ANN%40example.com").list(t)
	require.Len(t, found, 1)
	assert.Equal(t, u.ID, found[0]["user_id"])
	assert.Equal(t, found[0], p.get("/api/v2/users/"+url.PathEscape(u.ID)).json(t))
	assert.Equal(t, "[]", p.get("/api/v2/users-by-email?email=x@example.com").body)
	assert.Equal(t, http.StatusBadRequest, p.get("/api/v2/users-by-email").status)
	assert.Equal(t, http.StatusNotFound, p.get("/api/v2/users/auth0|x").status)

	methods := "/api/v2/users/" + url.PathEscape(u.ID) + "/authentication-methods"
	k := u.Passkeys[0]
	want := object{
		"id": k.RegistrationID, "type": "passkey", "name": k.Name, "confirmed": true,
		"created_at": "2030-01-01T00:00:00.000Z", "enrolled_at": "2030-01-01T00:00:00.000Z", "key_id": encode(d.ID),
		"public_key": base64.StdEncoding.EncodeToString(k.PublicKey), "credential_device_type": "single_device", "credential_backed_up": false,
		"identity_user_id": u.ID, "aaguid": "00000000-0000-0000-0000-000000000000", "relying_party_identifier": "auth.acme.test",
	}
	assert.Equal(t, []object{want}, p.get(methods).list(t))
	assert.Equal(t, object{"start": 0.0, "limit": 50.0, "total": 1.0, "authenticators": []any{want}}, p.get(methods+"?include_totals=true").json(t))
	one := methods + "/" + url.PathEscape(k.RegistrationID)
	assert.Equal(t, want, p.get(one).json(t))
	renamed := p.ask(http.MethodPatch, one, object{"name": "Key"})
	require.Equal(t, http.StatusOK, renamed.status, renamed.body)
	assert.Equal(t, "Key", renamed.json(t)["name"])
	assert.Equal(t, http.StatusBadRequest, p.ask(http.MethodPatch, one, object{"name": ""}).status)
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		assert.Equal(t, http.StatusNotFound, p.ask(method, methods+"/x", nil).status)
	}
	assert.Equal(t, http.StatusNoContent, p.ask(http.MethodDelete, one, nil).status)
	assert.True(t, strings.HasSuffix(codes(t, s), " gd_unenroll sapi"), codes(t, s))
	assert.Equal(t, "[]", p.get(methods).body)
	assert.Equal(t, http.StatusNoContent, p.ask(http.MethodDelete, methods, nil).status)
}

func TestImportedPasskeys(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications, withPolicy(func(p *Policy) { p.MaxPasskeys = 2 }))
	p := operator(t, s)
	newProgram(t, s).signUp("ann@example.com", nil)
	u, err := s.User("ann@example.com")
	require.NoError(t, err)
	methods := "/api/v2/users/" + url.PathEscape(u.ID) + "/authentication-methods"
	d := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
	body := func(name string, value any) object {
		o := object{"type": "passkey", "name": "Imported", "key_id": encode(d.ID), "public_key": base64.StdEncoding.EncodeToString(d.PublicKey(t)),
			"credential_device_type": "multi_device", "credential_backed_up": true, "transports": []string{"hybrid"},
			"relying_party_identifier": "auth.acme.test", "aaguid": "01234567-89ab-cdef-0123-456789abcdef"}
		o[name] = value
		return o
	}
	for name, value := range map[string]any{
		"type": "totp", "relying_party_identifier": "evil.test", "user_handle": "AAAA", "key_id": "+/", "public_key": "AAAA",
		"credential_device_type": "x", "aaguid": "x", "role": "admin", "name": longText,
	} {
		a := p.post(methods, body(name, value))
		assert.Equal(t, http.StatusBadRequest, a.status, "%s: %s", name, a.body)
		a.managementError(t)
	}
	assert.Equal(t, http.StatusBadRequest, p.post(methods, body("credential_device_type", "single_device")).status, "backed up")

	made := p.post(methods, body("name", "Imported"))
	require.Equal(t, http.StatusCreated, made.status, made.body)
	assert.Equal(t, "01234567-89ab-cdef-0123-456789abcdef", made.json(t)["aaguid"])
	assert.Equal(t, http.StatusConflict, deleteFirst(t, p, methods, body("name", "Again")).status)
	d.Flags |= ceremonytest.FlagBE | ceremonytest.FlagBS
	login := newProgram(t, s).beginLogin("app")
	assert.Equal(t, http.StatusOK, newProgram(t, s).exchange("app", login, d.Get(t, login.options), nil).status, "it logs in")
	assert.Equal(t, http.StatusCreated, p.post(methods, object{"type": "passkey", "key_id": "AAAA", "credential_device_type": "single_device",
		"public_key": encode(ceremonytest.NewDevice(t, testOrigin, "").PublicKey(t))}).status)
	full := p.post(methods, body("key_id", "BBBB"))
	assert.Equal(t, http.StatusBadRequest, full.status)
	assert.Contains(t, full.managementError(t), "maximum number of passkeys")
}

// deleteFirst makes room by removing the oldest passkey, then posts.
func deleteFirst(t testing.TB, p *program, methods string, body object) answer {
	t.Helper()
	first := p.get(methods).list(t)[0]["id"].(string)
	require.Equal(t, http.StatusNoContent, p.ask(http.MethodDelete, methods+"/"+url.PathEscape(first), nil).status)
	return p.post(methods, body)
}

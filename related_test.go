package passkeylab

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client"
)

// Labs that want the same name at the same time get one each.
func TestNamesAtTheDoor(t *testing.T) {
	t.Parallel()
	stage := NewStage(StageOptions{})
	t.Cleanup(func() { assert.NoError(t, stage.Close()) })
	d, err := stage.openedDoor()
	require.NoError(t, err)
	says := func(host string) int {
		w := httptest.NewRecorder()
		d.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "https://"+host+"/", nil))
		return w.Code
	}
	first, second := d.take("auth"), d.take("auth")
	assert.Equal(t, []string{"auth.acme.test", "auth-2.acme.test"}, []string{first, second})
	assert.Equal(t, http.StatusNotFound, says(first), "it is not open yet")
	d.put(first, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	assert.Equal(t, http.StatusTeapot, says("AUTH.acme.test"))
	assert.Equal(t, http.StatusNotFound, says(second))
	d.leave(first)
	assert.Equal(t, http.StatusNotFound, says(first))
	assert.Equal(t, first, d.take("auth"), "whoever comes next may have it")
}

// What clients of a lab can fetch is what its own site says, and nothing else.
func TestWorldOfALab(t *testing.T) {
	t.Parallel()
	lab := New(t, WithRelatedOrigins("acme-shop.test"))
	get := func(address string) (string, error) {
		answer, err := (&http.Client{Transport: world{lab}}).Get(address)
		if err != nil {
			return "", err
		}
		body, err := io.ReadAll(answer.Body)
		return string(body), err
	}
	document, err := get("https://" + siteHost + "/.well-known/webauthn")
	require.NoError(t, err)
	assert.JSONEq(t, `{"origins":["https://acme-shop.test"]}`, document)
	_, err = get("https://example.com/")
	assert.ErrorContains(t, err, "no host example.com in the lab")
	related, err := client.WellKnown{Transport: world{lab}}.Related(t.Context(), siteHost, "https://acme-shop.test")
	require.NoError(t, err)
	assert.True(t, related)
	assert.Equal(t, siteHost, lab.Site.At("acme-shop.test").RPID())
}

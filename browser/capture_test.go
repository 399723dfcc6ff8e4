package browser

import (
	"bytes"
	"image/png"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTabShowsTheWholePage(t *testing.T) {
	t.Parallel()
	tab := openTab(t, testSite(t)+"/site.html", ContextOptions{})
	ctx := testContext(t)
	require.NoError(t, tab.SetViewport(ctx, Viewport{Width: 400, Height: 300, Scale: 1}))
	require.NoError(t, tab.Eval(ctx, `document.body.style.height = "2000px"`, nil))
	shot, err := tab.FullPage(ctx)
	require.NoError(t, err)
	picture, err := png.Decode(bytes.NewReader(shot))
	require.NoError(t, err)
	assert.Equal(t, 400, picture.Bounds().Dx())
	assert.Greater(t, picture.Bounds().Dy(), 2000)
}

func TestTabDescribesThePage(t *testing.T) {
	t.Parallel()
	tab := openTab(t, testSite(t)+"/site.html", ContextOptions{})
	ctx := testContext(t)
	require.NoError(t, tab.Eval(ctx, `document.querySelector("#get").title = "Which one is asked next"`, nil))
	parts, err := tab.Accessibility(ctx)
	require.NoError(t, err)
	assert.Contains(t, parts, Described{Role: "heading", Name: "Fixture site"})
	assert.Contains(t, parts, Described{Role: "textbox", Name: "Email", Focusable: true})
	assert.Contains(t, parts, Described{Role: "button", Name: "Continue with a passkey", Description: "Which one is asked next", Focusable: true})
}

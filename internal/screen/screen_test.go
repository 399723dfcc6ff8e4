package screen

import (
	"context"
	"image/color"
	"os"
	"os/exec"
	"testing"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/child"
)

func TestPixels(t *testing.T) {
	t.Parallel()
	picture, err := fromZPixmap([]byte{1, 2, 3, 0, 4, 5, 6, 99}, 2, 1)
	require.NoError(t, err)
	assert.Equal(t, color.RGBA{3, 2, 1, 0xff}, picture.At(0, 0))
	assert.Equal(t, color.RGBA{6, 5, 4, 0xff}, picture.At(1, 0))
	_, err = fromZPixmap(make([]byte, 4), 2, 1)
	require.ErrorContains(t, err, "depth 24")
}

func TestGrab(t *testing.T) {
	t.Parallel()
	display := startDisplay(t)
	x, err := xgb.NewConnDisplay(display)
	require.NoError(t, err)
	defer x.Close()
	root := xproto.Setup(x).DefaultScreen(x).Root
	require.NoError(t, xproto.ChangeWindowAttributesChecked(x, root, xproto.CwBackPixel, []uint32{0x112233}).Check())
	require.NoError(t, xproto.ClearAreaChecked(x, false, root, 0, 0, 0, 0).Check())
	s, err := Open(display)
	require.NoError(t, err)
	defer s.Close()
	picture, err := s.Grab(s.Area())
	require.NoError(t, err)
	assert.Equal(t, 320, picture.Bounds().Dx())
	assert.Equal(t, 200, picture.Bounds().Dy())
	assert.Equal(t, color.RGBA{0x11, 0x22, 0x33, 0xff}, picture.At(160, 100))
	_, err = Open("nowhere")
	require.ErrorContains(t, err, "connect to display nowhere")
}

// startDisplay starts an X display in memory and returns its name.
func startDisplay(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("Xvfb")
	require.NoError(t, err, "scripts/setup.sh installs it")
	out, in, err := os.Pipe()
	require.NoError(t, err)
	defer out.Close()
	server, err := child.Start(exec.Command(path, "-displayfd", "3", "-screen", "0", "320x200x24", "-nolisten", "tcp", "-noreset"), in)
	require.NoError(t, err)
	require.NoError(t, in.Close())
	t.Cleanup(server.Stop)
	number, err := child.FirstLine(context.Background(), out)
	require.NoError(t, err)
	return ":" + number
}

package pages

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/qr"
)

// TestQRCodesCanBeScanned draws the path as a browser does, four pixels a module, and
// scans the picture.
func TestQRCodesCanBeScanned(t *testing.T) {
	t.Parallel()
	const text, module = "otpauth://totp/Acme:alice@example.com?secret=GEZDGNBVGY3TQOJQ&issuer=Acme", 4
	code, err := NewQR(text)
	require.NoError(t, err)
	picture := image.NewGray(image.Rect(0, 0, code.Size*module, code.Size*module))
	draw.Draw(picture, picture.Rect, image.White, image.Point{}, draw.Src)
	rest := code.Path
	for _, m := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1H(\d+)`).FindAllStringSubmatch(code.Path, -1) {
		var at [4]int
		for i := range at {
			at[i], err = strconv.Atoi(m[i+1])
			require.NoError(t, err)
		}
		assert.Equal(t, at[0], at[3], "the way back")
		draw.Draw(picture, image.Rect(at[0]*module, at[1]*module, (at[0]+at[2])*module, (at[1]+1)*module), image.NewUniform(color.Black), image.Point{}, draw.Src)
		rest = rest[len(m[0]):]
	}
	assert.Empty(t, rest, "nothing else is drawn")
	read, err := qr.Read(picture)
	require.NoError(t, err)
	assert.Equal(t, text, read)

	_, err = NewQR(fmt.Sprintf("%08000d", 0))
	assert.ErrorContains(t, err, "8000 characters")
}

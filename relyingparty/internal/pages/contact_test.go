package pages

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// contactSheet is one picture of many, each at half its size.
type contactSheet struct {
	across        int // pictures beside each other
	width, height int // of one, before it is halved
	pictures      map[string]image.Image
}

func (c *contactSheet) add(t *testing.T, name string, encoded []byte) {
	t.Helper()
	picture, err := png.Decode(bytes.NewReader(encoded))
	require.NoError(t, err)
	c.pictures[name] = picture
}

// write makes one file of the pictures in this order.
func (c *contactSheet) write(t *testing.T, name string, order []string) {
	t.Helper()
	const gap = 8
	down := (len(order) + c.across - 1) / c.across
	w, h := c.width/2, c.height/2
	sheet := image.NewRGBA(image.Rect(0, 0, gap+c.across*(w+gap), gap+down*(h+gap)))
	draw.Draw(sheet, sheet.Bounds(), image.NewUniform(color.Gray{Y: 128}), image.Point{}, draw.Src)
	for i, of := range order {
		x, y := gap+i%c.across*(w+gap), gap+i/c.across*(h+gap)
		for at := range w * h {
			sheet.Set(x+at%w, y+at/w, halved(c.pictures[of], at%w*2, at/w*2))
		}
	}
	var out bytes.Buffer
	require.NoError(t, (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, sheet))
	require.NoError(t, os.WriteFile(filepath.Join(*pictures, name), out.Bytes(), 0o644))
}

// halved is the mean of four pixels, or what is beside the picture.
func halved(p image.Image, x, y int) color.Color {
	var sum [3]uint32
	for i := range 4 {
		at := image.Pt(min(x+i%2, p.Bounds().Dx()-1), min(y+i/2, p.Bounds().Dy()-1))
		r, g, b, _ := p.At(at.X, at.Y).RGBA()
		sum[0], sum[1], sum[2] = sum[0]+r, sum[1]+g, sum[2]+b
	}
	return color.RGBA{uint8(sum[0] / 4 >> 8), uint8(sum[1] / 4 >> 8), uint8(sum[2] / 4 >> 8), 255}
}

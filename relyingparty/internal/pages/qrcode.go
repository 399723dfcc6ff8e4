package pages

import (
	"fmt"
	"strings"

	"github.com/passkeylab/passkeylab/internal/qr"
)

// QR is a QR code as a drawing: the data of an SVG path in a square of this many modules.
type QR struct {
	Size int
	Path string
}

// NewQR draws a text.
func NewQR(text string) (QR, error) {
	code, err := qr.Encode(text)
	if err != nil {
		return QR{}, fmt.Errorf("pages: %w", err)
	}
	var path strings.Builder
	for y, row := range code {
		for x := 0; x < len(row); x++ {
			from := x
			for x < len(row) && row[x] {
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %dh%dv1H%d", from, y, x-from, from)
			}
		}
	}
	return QR{len(code), path.String()}, nil
}

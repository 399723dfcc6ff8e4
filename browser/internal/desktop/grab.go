package desktop

import (
	"bytes"
	"fmt"
	"image/png"

	"github.com/passkeylab/passkeylab/internal/screen"
)

// Screenshot is a PNG of the whole display, windows of the browser's own
// interface included.
func (d *Desktop) Screenshot() ([]byte, error) {
	s, err := screen.Open(d.Display)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	picture, err := s.Grab(s.Area())
	if err != nil {
		return nil, err
	}
	var encoded bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&encoded, picture); err != nil {
		return nil, fmt.Errorf("encode screenshot: %w", err)
	}
	return encoded.Bytes(), nil
}

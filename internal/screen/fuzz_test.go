package screen

import "testing"

func FuzzFromZPixmap(f *testing.F) {
	f.Add([]byte{1, 2, 3, 0}, 1, 1)
	f.Add([]byte{}, 0, 7)
	f.Fuzz(func(t *testing.T, data []byte, width, height int) {
		if width < 0 || height < 0 || width > 1<<12 || height > 1<<12 {
			return // the protocol has 16 bits for either, the display fewer
		}
		picture, err := fromZPixmap(data, width, height)
		if err == nil && len(picture.Pix) != len(data) {
			t.Fatalf("%d bytes became %d", len(data), len(picture.Pix))
		}
	})
}

package browser

import (
	"context"
	"errors"
	"fmt"
	"image"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/browser/internal/desktop"
	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/internal/qr"
	"github.com/passkeylab/passkeylab/internal/screen"
)

// quietZone is how many pixels around the picture of a QR code are read with it,
// as the code needs light around it.
const quietZone = 16

// lastCode is the QR code that was read last on a display.
type lastCode struct {
	mu      sync.Mutex
	picture desktop.Element
	text    string
}

// QR waits for the QR code of the browser's passkey dialog and returns what it
// says, which is what a phone's camera would see: the text for [hybrid.Phone.Scan].
// It is the code of the dialog that is open. That of a request which has ended stays
// on the display for a moment: QR waits for it to be painted over, but who has
// aborted a request is sure only after [Tab.DialogCloses]. One request at a time shows
// its dialog on a display.
func (t *Tab) QR(ctx context.Context) (string, error) {
	for {
		picture, err := t.waitPicture(ctx)
		if err != nil {
			return "", err
		}
		soon, cancel := context.WithTimeout(ctx, popupPatience)
		text, err := t.readPicture(soon, picture)
		cancel()
		if err == nil {
			return text, nil
		}
		if ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, errGone) {
			return "", fmt.Errorf("QR code of the passkey dialog: %w", err)
		}
	}
}

// errGone is a dialog that was closed while it was looked at.
var errGone = errors.New("the dialog has closed")

// waitPicture waits until the dialog shows a picture of a QR code.
func (t *Tab) waitPicture(ctx context.Context) (desktop.Element, error) {
	dialog, parts, err := t.waitDialog(ctx, func(_ Dialog, parts []desktop.Element) bool { return pictureAt(parts) >= 0 })
	if err != nil {
		return desktop.Element{}, fmt.Errorf("the passkey dialog shows no QR code, but %s: %w", dialog, err)
	}
	return parts[pictureAt(parts)], nil
}

// readPicture reads the code, once it is painted, where the picture is. Dialogs
// that come after each other take the same place.
func (t *Tab) readPicture(ctx context.Context, picture desktop.Element) (string, error) {
	d, last := t.context.browser.desktop, &t.context.browser.code
	where, err := d.Extents(ctx, picture)
	if err != nil {
		return "", errors.Join(errGone, err)
	}
	last.mu.Lock()
	defer last.mu.Unlock()
	var text string
	area := where.Inset(-quietZone)
	err = screen.Watch(ctx, d.Display, area, func(shot *image.RGBA) bool {
		text = codeIn(shot)
		stale := text == last.text && !picture.Is(last.picture)
		return text != "" && !stale
	})
	if err != nil {
		return "", err
	}
	text = settled(ctx, d.Display, area, text)
	if !t.shows(ctx, picture) {
		return "", errGone
	}
	last.picture, last.text = picture, text
	return text, nil
}

// paintTime is how long a dialog that has opened where another was may take until
// its own code is to be seen.
const paintTime = 200 * time.Millisecond

// settled is the code that is left when whatever was being painted has been.
func settled(ctx context.Context, display string, area image.Rectangle, text string) string {
	ctx, cancel := context.WithTimeout(ctx, paintTime)
	defer cancel()
	// It ends with the time, or with the display, which is told elsewhere.
	_ = screen.Watch(ctx, display, area, func(shot *image.RGBA) bool {
		if now := codeIn(shot); now != "" {
			text = now
		}
		return false
	})
	return text
}

// codeIn is what a computer's QR code in a picture says; "" without one.
func codeIn(shot *image.RGBA) string {
	text, _ := qr.Read(shot)
	if _, err := protocol.ParseQR(text); err != nil {
		return ""
	}
	return text
}

// shows reports whether a picture is still in the dialog.
func (t *Tab) shows(ctx context.Context, picture desktop.Element) (is bool) {
	_, _, err := t.waitDialog(ctx, func(_ Dialog, parts []desktop.Element) bool {
		is = slices.ContainsFunc(parts, picture.Is)
		return true
	})
	return is && err == nil
}

// pictureAt is the index of the picture of a QR code.
func pictureAt(parts []desktop.Element) int {
	return slices.IndexFunc(parts, func(e desktop.Element) bool { return e.Role == "image" && strings.HasPrefix(e.Name, "QR") })
}

package devtools

import (
	"bufio"
	"errors"
	"io"
)

// MaxMessage is the size in bytes above which a message of the browser is
// dropped. A full-page screenshot of a large display stays well below it.
const MaxMessage = 32 << 20

// errTooLarge reports that a message was longer than the limit and was skipped.
var errTooLarge = errors.New("message exceeds the size limit")

// prefixLength is how much of a dropped message is kept, enough to read its id.
const prefixLength = 256

// readFrame returns the next zero-terminated message. A message longer than
// limit is read to its end and thrown away: readFrame then returns its first
// bytes together with errTooLarge, and the stream stays usable.
func readFrame(r *bufio.Reader, limit int) ([]byte, error) {
	var message []byte
	tooLarge := false
	for {
		chunk, err := r.ReadSlice(0)
		if !tooLarge {
			message = append(message, chunk...)
			if len(message) > limit+1 {
				tooLarge = true
				message = append([]byte(nil), message[:min(prefixLength, len(message))]...)
			}
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(message) > 0:
			return nil, io.ErrUnexpectedEOF
		case err != nil:
			return nil, err
		case tooLarge:
			return message, errTooLarge
		}
		return message[:len(message)-1], nil
	}
}

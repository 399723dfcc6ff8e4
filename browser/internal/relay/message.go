package relay

import (
	"bufio"
	"errors"
	"fmt"
	"regexp"
	"strconv"
)

// errTooLong reports that a message was longer than the limit and was skipped.
var errTooLong = errors.New("message exceeds the size limit")

// kept is how much of either end of a message that is too long is kept: enough
// to read the number and the session of a reply.
const kept = 256

// readMessage returns the next message with the zero byte that ends it. A
// message longer than limit is read to its end and thrown away; its two ends
// are returned together with errTooLong.
func readMessage(r *bufio.Reader, limit int) ([]byte, error) {
	var message, tail []byte
	for {
		chunk, err := r.ReadSlice(0)
		if tail == nil {
			message = append(message, chunk...)
		} else {
			tail = lastBytes(append(tail, chunk...), kept)
		}
		if tail == nil && len(message) > limit {
			tail = lastBytes(message, kept)
			message = append([]byte(nil), message[:min(kept, len(message))]...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case err != nil:
			return nil, err
		case tail != nil:
			return append(message, tail...), errTooLong
		default:
			return message, nil
		}
	}
}

// lastBytes is a copy of the end of b.
func lastBytes(b []byte, most int) []byte {
	return append([]byte(nil), b[max(0, len(b)-most):]...)
}

// The browser writes the number of a reply first and the session last. Text of
// a page cannot pass for the latter, because its quotes are escaped.
var (
	replyNumber   = regexp.MustCompile(`^\{"id":(\d{1,15}),`)
	sessionAtLast = regexp.MustCompile(`,"sessionId":"([0-9A-Za-z]{1,64})"\}\x00$`)
)

// sessionOf is the session that a message belongs to, empty for the browser's.
func sessionOf(message []byte) string {
	const longest = 128
	found := sessionAtLast.FindSubmatch(message[max(0, len(message)-longest):])
	if found == nil {
		return ""
	}
	return string(found[1])
}

// ours reports whether a message answers a command that chromedp did not send.
func ours(message []byte) bool {
	number := replyNumber.FindSubmatch(message)
	if number == nil {
		return false
	}
	n, err := strconv.ParseInt(string(number[1]), 10, 64)
	return err == nil && n > firstID
}

// refusal is the error that takes the place of a reply that was too long, so
// that whoever waits for it learns. Other messages have no substitute.
func refusal(ends []byte) []byte {
	number := replyNumber.FindSubmatch(ends)
	if number == nil {
		return nil
	}
	session := ""
	if name := sessionOf(ends); name != "" {
		session = fmt.Sprintf(`,"sessionId":"%s"`, name)
	}
	return fmt.Appendf(nil, `{"id":%s,"error":{"code":-32000,"message":"the reply is longer than %d bytes and was dropped"}%s}`+"\x00",
		number[1], MaxMessage, session)
}

package relay

import (
	"bufio"
	"bytes"
	"io"
	"os/exec"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ends are the outer ends of a Relay: what chromedp and the browser hold.
type ends struct {
	relay       *Relay
	driverOut   *io.PipeWriter // chromedp writes commands
	driverIn    *bufio.Reader  // chromedp reads replies
	browserOut  *io.PipeWriter // the browser writes replies
	browserIn   *bufio.Reader  // the browser reads commands
	browserGone *io.PipeReader
}

func newEnds(t *testing.T) ends {
	t.Helper()
	fromDriver, driverOut := io.Pipe()
	browserIn, toBrowser := io.Pipe()
	fromBrowser, browserOut := io.Pipe()
	driverIn, toDriver := io.Pipe()
	e := ends{
		relay:     start(fromDriver, toBrowser, fromBrowser, toDriver),
		driverOut: driverOut, driverIn: bufio.NewReader(driverIn),
		browserOut: browserOut, browserIn: bufio.NewReader(browserIn), browserGone: browserIn,
	}
	t.Cleanup(func() {
		driverOut.Close()
		browserOut.Close()
		browserIn.Close()
		driverIn.Close()
	})
	return e
}

func send(t *testing.T, to io.Writer, message string) {
	t.Helper()
	_, err := io.WriteString(to, message+"\x00")
	require.NoError(t, err)
}

func next(t *testing.T, from *bufio.Reader) string {
	t.Helper()
	message, err := from.ReadString(0)
	require.NoError(t, err)
	return strings.TrimSuffix(message, "\x00")
}

func TestMessagesPassUnchanged(t *testing.T) {
	t.Parallel()
	e := newEnds(t)
	for _, message := range []string{`{"id":1}`, `{"id":2,"params":{"x":"` + strings.Repeat("y", 200_000) + `"}}`} {
		go send(t, e.driverOut, message)
		assert.Equal(t, message, next(t, e.browserIn))
		go send(t, e.browserOut, message)
		assert.Equal(t, message, next(t, e.driverIn))
	}
}

func TestSessionsAreKeptFromTheDriver(t *testing.T) {
	t.Parallel()
	e := newEnds(t)
	s := e.relay.Session("AB12")
	loaded := make(chan bool, 2)
	On(s, page.LoadEventFired, func(page.EventLoadEventFired) { loaded <- true })

	go func() { assert.NoError(t, Send(s, runtime.RunIfWaitingForDebugger, cdp.Empty{})) }()
	assert.JSONEq(t, `{"id":1073741825,"sessionId":"AB12","method":"Runtime.runIfWaitingForDebugger","params":{}}`, next(t, e.browserIn))

	go func() {
		send(t, e.browserOut, `{"id":1073741825,"result":{},"sessionId":"AB12"}`)
		send(t, e.browserOut, `{"method":"Page.loadEventFired","params":{"timestamp":1},"sessionId":"AB12"}`)
		send(t, e.browserOut, `{"method":"Page.loadEventFired","params":{"timestamp":"},\"sessionId\":\"AB12\"}"}}`)
		send(t, e.browserOut, `{"method":"Other.event","params":{},"sessionId":"CD34"}`)
	}()
	assert.Contains(t, next(t, e.driverIn), `\"AB12\"`, "text of a page is no session")
	assert.Contains(t, next(t, e.driverIn), "CD34")
	assert.Len(t, loaded, 1)

	inner := e.relay.Session("EF56")
	go send(t, e.browserOut, `{"method":"Target.detachedFromTarget","params":{"sessionId":"EF56"},"sessionId":"AB12"}`)
	<-inner.Done()
	require.NoError(t, e.browserOut.Close())
	<-s.Done()
}

// What is posted in a session of the driver's has its reply dropped; the driver
// has not counted on it.
func TestPostedCommandsAreNotAnsweredToTheDriver(t *testing.T) {
	t.Parallel()
	e := newEnds(t)
	go func() { assert.NoError(t, Post(e.relay, "CD34", runtime.RunIfWaitingForDebugger, cdp.Empty{})) }()
	assert.JSONEq(t, `{"id":1073741825,"sessionId":"CD34","method":"Runtime.runIfWaitingForDebugger","params":{}}`, next(t, e.browserIn))
	go func() {
		send(t, e.browserOut, `{"id":1073741825,"result":{},"sessionId":"CD34"}`)
		send(t, e.browserOut, `{"id":1073741826,"error":{"code":-32000,"message":"no"}}`)
		send(t, e.browserOut, `{"id":9,"result":{},"sessionId":"CD34"}`)
	}()
	assert.JSONEq(t, `{"id":9,"result":{},"sessionId":"CD34"}`, next(t, e.driverIn))
}

func TestTooLongMessagesAreDropped(t *testing.T) {
	t.Parallel()
	e := newEnds(t)
	long := strings.Repeat("x", MaxMessage)
	go func() {
		send(t, e.browserOut, `{"method":"Runtime.bindingCalled","params":{"payload":"`+long+`"},"sessionId":"AB"}`)
		send(t, e.browserOut, `{"id":7,"result":{"value":"`+long+`"},"sessionId":"AB"}`)
		send(t, e.browserOut, `{"id":8,"result":{}}`)
	}()
	assert.JSONEq(t, `{"id":7,"error":{"code":-32000,"message":"the reply is longer than 33554432 bytes and was dropped"},"sessionId":"AB"}`,
		next(t, e.driverIn))
	assert.JSONEq(t, `{"id":8,"result":{}}`, next(t, e.driverIn))
}

func TestTheEndIsPassedOn(t *testing.T) {
	t.Parallel()
	e := newEnds(t)
	require.NoError(t, e.browserOut.Close())
	_, err := e.driverIn.ReadByte()
	assert.ErrorIs(t, err, io.EOF)
	require.NoError(t, e.driverOut.Close())
	_, err = e.browserIn.ReadByte()
	assert.ErrorIs(t, err, io.EOF)
}

func TestTapNeedsTwoPipes(t *testing.T) {
	t.Parallel()
	_, err := Tap(exec.Command("true"))
	assert.ErrorContains(t, err, "0 pipes instead of 2")
}

func FuzzReadMessage(f *testing.F) {
	f.Add([]byte("{\"id\":1}\x00{\"id\":2}\x00"), 16)
	f.Add([]byte("{\"id\":1,\"result\":{},\"sessionId\":\"AB\"}\x00"), 4)
	f.Add([]byte("\x00\x00"), 1)
	f.Fuzz(func(t *testing.T, stream []byte, limit int) {
		limit = max(1, min(limit, 1<<16))
		r := bufio.NewReaderSize(bytes.NewReader(stream), 16)
		for read := 0; ; {
			message, err := readMessage(r, limit)
			if err != nil && err != errTooLong {
				return
			}
			if len(message) > max(limit, 2*kept) {
				t.Fatalf("kept %d bytes with a limit of %d", len(message), limit)
			}
			refusal(message)
			ours(message)
			if read++; read > len(stream) {
				t.Fatal("reads more messages than there are bytes")
			}
		}
	})
}

// Package relay stands between chromedp and the pipes of the browser it drives,
// for the two things that chromedp lacks:
//
//   - It reads messages of any length into memory. A page can make the browser
//     send one as long as it likes, so here those above a limit are dropped.
//   - It speaks only in sessions that it attached itself, and attaching waits
//     for replies. A page that was stopped before its first step gives none,
//     and only the session that stopped it can prepare it and let it run.
//
// The package must never know what the messages are for.
package relay

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"

	"github.com/chromedp/cdproto/target"
)

// MaxMessage is the size in bytes above which a message of the browser is
// dropped. A screenshot of a large page stays well below it.
const MaxMessage = 32 << 20

// firstID is where the numbers of our own commands begin, far above those that
// chromedp counts up to. The browser takes 31 bits.
const firstID = 1 << 30

// Relay passes messages between chromedp and a browser.
type Relay struct {
	toDriver io.WriteCloser

	mu        sync.Mutex // one message at a time goes to the browser
	toBrowser io.WriteCloser
	next      int64

	listing  sync.Mutex
	sessions map[target.SessionID]*Session
}

// Tap puts a Relay into the pipes of a browser that is about to start. Call it
// from chromedp's ModifyCmdFunc, where the pipes are set up already: the
// browser reads from its descriptor 3 and writes to 4. The Relay starts two
// goroutines, which end with the browser.
func Tap(cmd *exec.Cmd) (*Relay, error) {
	if len(cmd.ExtraFiles) != 2 {
		return nil, fmt.Errorf("the browser has %d pipes instead of 2", len(cmd.ExtraFiles))
	}
	// chromedp closes its files once the browser has copies; these stay ours.
	fromDriver, err := keep(cmd.ExtraFiles[0])
	if err != nil {
		return nil, err
	}
	toDriver, err := keep(cmd.ExtraFiles[1])
	if err != nil {
		fromDriver.Close()
		return nil, err
	}
	commands, toBrowser, err := os.Pipe()
	if err != nil {
		fromDriver.Close()
		toDriver.Close()
		return nil, fmt.Errorf("command pipe: %w", err)
	}
	fromBrowser, replies, err := os.Pipe()
	if err != nil {
		for _, f := range []*os.File{fromDriver, toDriver, commands, toBrowser} {
			f.Close()
		}
		return nil, fmt.Errorf("reply pipe: %w", err)
	}
	cmd.ExtraFiles = []*os.File{commands, replies}
	cmd.Stdin = afterStart(func() {
		commands.Close()
		replies.Close()
	})
	return start(fromDriver, toBrowser, fromBrowser, toDriver), nil
}

// start begins to pass messages on.
func start(fromDriver io.ReadCloser, toBrowser io.WriteCloser, fromBrowser io.ReadCloser, toDriver io.WriteCloser) *Relay {
	r := &Relay{toBrowser: toBrowser, toDriver: toDriver, next: firstID, sessions: map[target.SessionID]*Session{}}
	go r.commands(fromDriver)
	go r.replies(fromBrowser)
	return r
}

// afterStart is an empty standard input that runs a function when it is first
// read, which os/exec does as soon as the program has started. Only then may
// our copies of the program's ends be closed; and they must be, or the end of
// the program would go unnoticed.
type afterStart func()

func (f afterStart) Read([]byte) (int, error) {
	f()
	return 0, io.EOF
}

// commands passes on what chromedp sends.
func (r *Relay) commands(from io.ReadCloser) {
	defer from.Close()
	defer r.toBrowser.Close()
	buffered := bufio.NewReaderSize(from, 64<<10)
	for {
		// chromedp's own messages need no limit.
		message, err := buffered.ReadBytes(0)
		if err != nil || r.command(func(int64) []byte { return message }) != nil {
			return
		}
	}
}

// command sends one message, which is made with a number that is still free.
func (r *Relay) command(message func(number int64) []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next++
	_, err := r.toBrowser.Write(message(r.next))
	return err
}

// replies passes on what the browser sends, except what is too long, what
// belongs to a Session, and what answers a command of our own.
func (r *Relay) replies(from io.ReadCloser) {
	defer from.Close()
	defer r.toDriver.Close()
	defer r.endAll()
	buffered := bufio.NewReaderSize(from, 64<<10)
	for {
		message, err := readMessage(buffered, MaxMessage)
		if errors.Is(err, errTooLong) {
			message = refusal(message)
		} else if err != nil {
			return
		}
		if len(message) == 0 || r.deliver(message) || ours(message) {
			continue
		}
		if _, err := r.toDriver.Write(message); err != nil {
			return
		}
	}
}

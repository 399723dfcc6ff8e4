// Package driver hands other people's clients to the judge: programs that take a
// request on their command line, find the device at a unix socket, and print what
// they made of it. docs/aiming-at-your-client.md tells what such a program has to do.
//
// It owns the socket, the process and the words between them. It must never know
// which library is behind a program.
package driver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/clients"
	"github.com/passkeylab/passkeylab/internal/nearest"
)

// Target makes clients of a program.
type Target struct {
	// Command is the program and what always stands before the words of a request.
	Command []string

	name     string
	features []clients.Feature
}

var _ conformance.Several = (*Target)(nil)

// New asks a program what it can do. The error tells what is wrong with the program.
func New(ctx context.Context, command ...string) (*Target, error) {
	t := &Target{Command: command}
	told, _, err := t.run(ctx, nil, "features")
	if err != nil {
		return nil, err
	}
	for _, p := range told {
		switch p.name {
		case "name":
			t.name = p.value
		case "feature":
			if err := t.can(p.value); err != nil {
				return nil, fmt.Errorf("%s features: %w", command[0], err)
			}
		}
	}
	if t.name == "" {
		return nil, fmt.Errorf("%s features: it tells no name: print a line name=… and a line feature=… for each feature", command[0])
	}
	return t, nil
}

// can notes a feature. One that nobody knows is refused: cases that need it would
// seem not to concern the client.
func (t *Target) can(name string) error {
	all := clients.AllFeatures()
	if slices.Contains(all, clients.Feature(name)) {
		t.features = append(t.features, clients.Feature(name))
		return nil
	}
	names := make([]string, len(all))
	for i, f := range all {
		names[i] = string(f)
	}
	if meant := nearest.Name(name, names); meant != "" {
		return fmt.Errorf("there is no feature %q: did you mean %q?", name, meant)
	}
	return fmt.Errorf("there is no feature %q, but %s", name, strings.Join(names, ", "))
}

// Name is what the program calls its client.
func (t *Target) Name() string { return t.name }

// Several reports that runs of the program do not know of each other.
func (*Target) Several() bool { return true }

// Fresh implements [conformance.Target].
func (t *Target) Fresh(context.Context, uint64) (conformance.Subject, error) {
	folder, err := os.MkdirTemp("", "passkeylab-client-")
	if err != nil {
		return nil, err
	}
	return &program{Target: t, folder: folder}, nil
}

// program is one client.
type program struct {
	*Target
	folder string
}

var _ clients.Client = (*program)(nil)

// Features implements [clients.Client].
func (p *program) Features() []clients.Feature { return p.features }

// Close implements [conformance.Subject].
func (p *program) Close() error { return os.RemoveAll(p.folder) }

// Perform implements [clients.Client].
func (p *program) Perform(ctx context.Context, device *clients.Device, r *clients.Request) (*clients.Result, error) {
	serving, stop := context.WithCancel(ctx)
	var lines sync.WaitGroup
	defer lines.Wait()
	defer stop()
	var sockets []string
	for i, d := range append([]*clients.Device{device}, r.Others...) {
		path := filepath.Join(p.folder, fmt.Sprintf("key%d", i))
		listener, err := net.Listen("unix", path)
		if err != nil {
			return nil, err
		}
		defer listener.Close() // which removes the socket
		lines.Go(func() { serve(serving, listener, d, &lines) })
		sockets = append(sockets, path)
	}
	words, err := arguments(sockets, r)
	if err != nil {
		return nil, err
	}
	told, complaints, err := p.run(ctx, r.Cancel, words...)
	if err != nil {
		return nil, err
	}
	got, err := result(told)
	if err == nil && got.Detail == "" {
		got.Detail = complaints
	}
	return got, err
}

// serve serves whoever calls until ctx ends.
func serve(ctx context.Context, listener net.Listener, device *clients.Device, lines *sync.WaitGroup) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		lines.Go(func() {
			stop := context.AfterFunc(ctx, func() { conn.Close() })
			defer stop()
			defer conn.Close()
			_ = device.Serve(ctx, frames{conn}) // which ends where the program hangs up
		})
	}
}

// frames are reports in a stream, each after its length in two bytes, big-endian.
type frames struct{ net.Conn }

// Receive implements [clients.Reports].
func (f frames) Receive() ([]byte, error) {
	var length [2]byte
	if _, err := io.ReadFull(f, length[:]); err != nil {
		return nil, err
	}
	report := make([]byte, int(length[0])<<8|int(length[1]))
	_, err := io.ReadFull(f, report)
	return report, err
}

// Send implements [clients.Reports].
func (f frames) Send(report []byte) error {
	_, err := f.Write(append([]byte{byte(len(report) >> 8), byte(len(report))}, report...))
	return err
}

// pair is a line that the program printed.
type pair struct{ name, value string }

// maxPrinted bounds what a program may print, in bytes.
const maxPrinted = 1 << 20

// run runs the program, and returns what it told and what it complained of. A cancel
// that comes is told on its standard input.
func (t *Target) run(ctx context.Context, cancel <-chan struct{}, words ...string) (told []pair, complaints string, err error) {
	cmd := exec.CommandContext(ctx, t.Command[0], append(t.Command[1:len(t.Command):len(t.Command)], words...)...)
	out, said := &limited{left: maxPrinted}, &limited{left: 4096}
	cmd.Stdout, cmd.Stderr = out, said
	input, err := cmd.StdinPipe()
	if err != nil {
		return nil, "", err
	}
	if err := cmd.Start(); err != nil {
		return nil, "", err
	}
	ended := make(chan struct{})
	var telling sync.WaitGroup
	telling.Go(func() {
		defer input.Close()
		select {
		case <-cancel:
			_, _ = io.WriteString(input, "cancel\n") // to nobody, if it has ended
			<-ended
		case <-ended:
		}
	})
	err = cmd.Wait()
	close(ended)
	telling.Wait()
	complaints = strings.TrimSpace(said.String())
	if err != nil {
		return nil, "", fmt.Errorf("%s %s: %w: %s", filepath.Base(t.Command[0]), words[0], errors.Join(crashed(ctx, err), ctx.Err()), complaints)
	}
	for line := range strings.Lines(out.String()) {
		name, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), "=")
		if !ok {
			return nil, "", fmt.Errorf("%s %s: it printed %q, which is no NAME=VALUE", filepath.Base(t.Command[0]), words[0], line)
		}
		told = append(told, pair{name, value})
	}
	return told, complaints, nil
}

// crashed has the death of a program that nobody has killed be a crash of the client.
func crashed(ctx context.Context, err error) error {
	exit := (*exec.ExitError)(nil)
	if errors.As(err, &exit) && exit.ExitCode() < 0 && ctx.Err() == nil {
		return fmt.Errorf("%w: %w", clients.ErrCrashed, err)
	}
	return err
}

// limited keeps the beginning of what is written.
type limited struct {
	bytes.Buffer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	kept := p[:min(len(p), l.left)]
	l.left -= len(kept)
	_, _ = l.Buffer.Write(kept) // which has no errors
	return len(p), nil
}

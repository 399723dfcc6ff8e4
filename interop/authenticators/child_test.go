//go:build interop

package authenticators_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/conformance"
)

// child is a device in a program of its own: each frame is a CTAP2 request after its
// length in four bytes, and is answered by one. A frame of no bytes makes it anew.
type child struct {
	mu     sync.Mutex
	input  io.Writer
	output io.Reader
}

func start(t *testing.T, command *exec.Cmd) *child {
	t.Helper()
	var log bytes.Buffer
	command.Stderr = &log
	input, err := command.StdinPipe()
	require.NoError(t, err)
	output, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		_ = input.Close()
		if err := command.Wait(); err != nil || t.Failed() {
			t.Logf("%v: %v\n%s", command.Args, err, log.String())
		}
	})
	return &child{input: input, output: output}
}

// Fresh implements [conformance.Target].
func (c *child) Fresh(context.Context, uint64) (conformance.Subject, error) {
	_, err := c.exchange(nil)
	return device{c}, err
}

// maxAnswer is more than any of them answers with.
const maxAnswer = 1 << 20

func (c *child) exchange(request []byte) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := c.input.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(request))), request...)); err != nil {
		return nil, err
	}
	var head [4]byte
	if _, err := io.ReadFull(c.output, head[:]); err != nil {
		return nil, fmt.Errorf("the program has ended: %w", err)
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > maxAnswer {
		return nil, fmt.Errorf("an answer of %d bytes", n)
	}
	answer := make([]byte, n)
	_, err := io.ReadFull(c.output, answer)
	return answer, err
}

// device is the child as one case has it.
type device struct{ child *child }

// Exchange implements the judge's Device. A request of no bytes would make the device
// anew.
func (d device) Exchange(_ context.Context, request []byte) ([]byte, error) {
	if len(request) == 0 {
		return nil, errors.New("no frame carries a request without a command")
	}
	return d.child.exchange(request)
}

// Close implements [conformance.Subject].
func (d device) Close() error { return nil }

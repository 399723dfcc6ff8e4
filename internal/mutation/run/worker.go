package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"time"

	"github.com/passkeylab/passkeylab/internal/mutation"
)

// memory is how much a program with a mutant may take, in KiB, and patience how long
// it may be silent, and longer for each trial that it is asked to carry out: some mutants
// go round in circles, and some hoard. What is only slow on a busy machine must not pass
// for that.
const (
	memory           = 6 << 20
	patience         = 2 * time.Minute
	patienceForTrial = 200 * time.Millisecond
)

// worker is one running program with the mutants in it.
type worker struct {
	cmd     *exec.Cmd
	in      *json.Encoder
	close   func() error
	answers chan mutation.Answer
	cancel  context.CancelFunc
}

func start(ctx context.Context, program, suite string) (*worker, error) {
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, "sh", "-c", fmt.Sprintf("ulimit -v %d; exec %q %q", memory, program, suite))
	in, err := cmd.StdinPipe()
	if err != nil {
		cancel()
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		cancel()
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		cancel()
		return nil, err
	}
	w := &worker{cmd: cmd, in: json.NewEncoder(in), close: in.Close, answers: make(chan mutation.Answer), cancel: cancel}
	go w.listen(ctx, out)
	return w, nil
}

// listen hands on what the program answers until it ends.
func (w *worker) listen(ctx context.Context, out io.Reader) {
	defer close(w.answers)
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var a mutation.Answer
		if json.Unmarshal(line, &a) != nil {
			return
		}
		select {
		case w.answers <- a:
		case <-ctx.Done():
			return
		}
	}
}

// Why a program did not answer.
var (
	errCrashed = errors.New("the program crashed")
	errHangs   = errors.New("the program hangs")
)

// next waits for one answer, which takes as many trials.
func (w *worker) next(trials int) (mutation.Answer, error) {
	silence := time.NewTimer(patience + time.Duration(trials)*patienceForTrial)
	defer silence.Stop()
	select {
	case a, alive := <-w.answers:
		if !alive {
			return a, errCrashed
		}
		return a, nil
	case <-silence.C:
		return mutation.Answer{}, errHangs
	}
}

// ask puts one question and waits for the answer.
func (w *worker) ask(q mutation.Question) (mutation.Answer, error) {
	if err := w.in.Encode(q); err != nil {
		return mutation.Answer{}, errCrashed
	}
	return w.next(len(q.Trials))
}

// end ends the program, whatever it does.
func (w *worker) end() {
	_ = w.close()
	w.cancel()
	_ = w.cmd.Wait() // it was killed
}

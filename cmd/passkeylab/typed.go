package main

import (
	"bufio"
	"context"
	"io"
	"sync"
)

// typedLines hands out what somebody types. However many questions are given up,
// there is one reader, and what is typed too late answers the next question.
type typedLines struct {
	once  sync.Once
	lines chan typedLine
}

type typedLine struct {
	text string
	err  error
}

// maxTyped bounds a line, in bytes.
const maxTyped = 1024

// line returns the next line, with what ends it; a longer one is cut. It waits for that until ctx ends.
func (t *typedLines) line(ctx context.Context, in io.Reader) (string, error) {
	t.once.Do(func() {
		t.lines = make(chan typedLine)
		go t.read(bufio.NewReaderSize(in, maxTyped))
	})
	select {
	case l, open := <-t.lines:
		if !open {
			return "", io.EOF
		}
		return l.text, l.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// read reads until the input ends, one line ahead of those who ask.
func (t *typedLines) read(in *bufio.Reader) {
	defer close(t.lines)
	for {
		text, err := in.ReadSlice('\n')
		if err == bufio.ErrBufferFull {
			err = nil
		}
		t.lines <- typedLine{string(text), err}
		if err != nil {
			return
		}
	}
}

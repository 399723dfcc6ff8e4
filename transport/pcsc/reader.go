package pcsc

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"
)

// Reader is a reader as pcscd knows it.
type Reader struct {
	Name string
	Card bool   // there is one in it
	ATR  []byte // of the card
}

// Readers lists the readers of the pcscd at a socket: see [SocketPath].
func Readers(ctx context.Context, socket string) ([]Reader, error) {
	d, err := dial(ctx, socket)
	if err != nil {
		return nil, err
	}
	readers, err := d.readers(ctx)
	if err != nil {
		_ = d.conn.Close()
		return nil, err
	}
	return readers, d.close(ctx)
}

func (d *daemon) readers(ctx context.Context) ([]Reader, error) {
	message, err := encode(getReadersState, nil)
	if err != nil {
		return nil, err
	}
	var states [maxReaders]readerState
	if err := d.exchange(ctx, message, func() error { return binary.Read(d.conn, binary.NativeEndian, &states) }); err != nil {
		return nil, err
	}
	var readers []Reader
	for _, state := range states {
		name := text(state.Name[:])
		if name == "" {
			continue // a place for one more
		}
		reader := Reader{Name: name, Card: state.State&cardPresent != 0}
		if reader.Card {
			reader.ATR = state.ATR[:min(state.ATRLength, maxATR)]
		}
		readers = append(readers, reader)
	}
	return readers, nil
}

// pick finds a reader by its name, or by a part of it that no other has. Without
// a name it is the one with a card.
func pick(readers []Reader, name string) (Reader, error) {
	var fitting []Reader
	for _, reader := range readers {
		switch {
		case reader.Name == name && name != "":
			return reader, nil
		case strings.Contains(reader.Name, name) && (name != "" || reader.Card):
			fitting = append(fitting, reader)
		}
	}
	if len(fitting) == 1 {
		return fitting[0], nil
	}
	names := make([]string, len(readers))
	for i, reader := range readers {
		names[i] = fmt.Sprintf("%q", reader.Name)
	}
	there := "there is none at all"
	if len(readers) > 0 {
		there = "there are " + strings.Join(names, ", ")
	}
	if name == "" {
		return Reader{}, fmt.Errorf("%d readers have a card, want one; %s", len(fitting), there)
	}
	return Reader{}, fmt.Errorf("%d readers are called %q, want one; %s", len(fitting), name, there)
}

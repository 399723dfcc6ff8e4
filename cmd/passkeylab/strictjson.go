package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// readStrict reads the one JSON value of a file into a Go value. Members that the
// value does not have are spelled wrong, and what follows it is a mistake.
func readStrict(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("something follows the value at byte %d", d.InputOffset())
	}
	return nil
}

package relyingparty

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// DataKeySize is the size of Config.DataKey, in bytes.
const DataKeySize = store.SealerKeySize

// ErrDataKey says that Config.DataKey is not the key that the secrets in Config.Data are
// encrypted under, or that there is none although they are.
var ErrDataKey = store.ErrDataKey

// openStore opens the database that the configuration names.
func (c *Config) openStore() (*store.Store, error) {
	if c.DataKey == nil {
		return store.Open(c.Data, nil)
	}
	sealer, err := store.NewSealer(c.DataKey, c.Random)
	if err != nil {
		return nil, err
	}
	return store.Open(c.Data, sealer)
}

// KeepDataKey reads the data key in a file: DataKeySize bytes in hexadecimal digits. A
// missing file is made, of random, for its owner alone, and made is true. Of two that
// make it at the same time, both get the same key.
func KeepDataKey(path string, random io.Reader) (key []byte, made bool, err error) {
	if key, err = readDataKey(path); !errors.Is(err, os.ErrNotExist) {
		return key, false, err
	}
	key = make([]byte, DataKeySize)
	if _, err := io.ReadFull(random, key); err != nil {
		return nil, false, fmt.Errorf("relyingparty: draw a data key: %w", err)
	}
	err = writeDataKey(path, key)
	if errors.Is(err, os.ErrExist) {
		key, err = readDataKey(path)
		return key, false, err
	}
	return key, err == nil, err
}

// maxDataKeyFile bounds the file, in bytes.
const maxDataKeyFile = 1024

func readDataKey(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("relyingparty: data key: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxDataKeyFile))
	if err != nil {
		return nil, fmt.Errorf("relyingparty: data key: %w", err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != DataKeySize {
		return nil, fmt.Errorf("relyingparty: %s is no data key: it must have %d hexadecimal digits", path, 2*DataKeySize)
	}
	return key, nil
}

// writeDataKey makes the file whole or not at all: it has to be on the disk before
// anything is encrypted under it.
func writeDataKey(path string, key []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".data-key-*") // with mode 0600
	if err != nil {
		return fmt.Errorf("relyingparty: data key: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = fmt.Fprintf(f, "%x\n", key)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Link(f.Name(), path) // which replaces nothing
	}
	if err != nil {
		return fmt.Errorf("relyingparty: data key: %w", err)
	}
	return nil
}

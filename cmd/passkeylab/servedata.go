package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/passkeylab/passkeylab/relyingparty"
)

// where is the database: a URL as it is, or a file, whose ~ is the user's home.
func (v *serveVerb) where() string {
	if v.Data == "" || v.atURL() {
		return v.Data
	}
	return kong.ExpandPath(v.Data)
}

func (v *serveVerb) atURL() bool { return strings.Contains(v.Data, "://") }

// keyFile is where the data key is; "" for none.
func (v *serveVerb) keyFile() (string, error) {
	switch {
	case v.Data == "" && v.Key != "":
		return "", errors.New("--data-key goes with --data")
	case v.Key != "" || v.Data == "" || v.atURL():
		return v.Key, nil
	}
	return v.where() + ".key", nil
}

// open makes the site, with the data key of its database. A key that was made for a
// database which has another one is taken away again.
func (v *serveVerb) open(config relyingparty.Config) (*relyingparty.Site, error) {
	file, err := v.keyFile()
	if err != nil {
		return nil, err
	}
	made := false
	if file != "" {
		if config.DataKey, made, err = relyingparty.KeepDataKey(file, rand.Reader); err != nil {
			return nil, fmt.Errorf("--data-key: %w", err)
		}
	}
	site, err := relyingparty.New(config)
	if err == nil {
		return site, nil
	}
	if made {
		err = errors.Join(err, os.Remove(file))
	}
	switch {
	case !errors.Is(err, relyingparty.ErrDataKey):
		return nil, err
	case file == "":
		return nil, fmt.Errorf("secrets in the database are encrypted; name the file of their key with --data-key: %w", err)
	case made:
		return nil, fmt.Errorf("secrets in %s are encrypted, and their key, %s, is not there; put it back, or name it with --data-key: %w", v.Data, file, err)
	}
	return nil, fmt.Errorf("%s is not the key of the secrets in the database; name the file that is with --data-key: %w", file, err)
}

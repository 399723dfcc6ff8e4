package labcert

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

const (
	pemCertificate = "CERTIFICATE"
	pemKey         = "PRIVATE KEY"
)

// KeyFile is where the key of an authority is, whose root is in a file.
func KeyFile(root string) string { return root + ".key" }

// OpenAuthority reads an authority from a PEM file with the root, and one with the
// key beside it, for its owner only. Where neither is there, or the root is worn
// out, a new authority is written.
func OpenAuthority(now time.Time, file string, domains ...string) (*Authority, error) {
	a, err := readAuthority(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("lab authority: %s: %w; choose another file, or delete it together with %s", file, err, KeyFile(file))
	case now.Before(a.root.NotAfter):
		return a, nil
	}
	if a, err = NewAuthority(now, domains...); err != nil {
		return nil, err
	}
	return a, a.write(file)
}

func (a *Authority) write(file string) error {
	der, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		return fmt.Errorf("lab authority: %w", err)
	}
	key := pem.EncodeToMemory(&pem.Block{Type: pemKey, Bytes: der})
	if err := os.WriteFile(KeyFile(file), key, 0o600); err != nil {
		return fmt.Errorf("lab authority: %w", err)
	}
	if err := os.WriteFile(file, a.Root(), 0o644); err != nil {
		return fmt.Errorf("lab authority: %w", err)
	}
	return nil
}

func readAuthority(file string) (*Authority, error) {
	rootDER, err := readPEM(file, pemCertificate)
	if err != nil {
		return nil, err
	}
	root, err := x509.ParseCertificate(rootDER)
	if err != nil {
		return nil, err
	}
	keyDER, err := readPEM(KeyFile(file), pemKey)
	if errors.Is(err, fs.ErrNotExist) { // then the certificate is somebody else's
		return nil, errors.New("its key is missing")
	}
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(keyDER)
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || !key.PublicKey.Equal(root.PublicKey) {
		return nil, errors.New("certificate and key do not belong together")
	}
	return &Authority{root: root, key: key}, nil
}

// maxPEM bounds the files that are read, in bytes.
const maxPEM = 16 << 10

func readPEM(file, kind string) ([]byte, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxPEM {
		return nil, fmt.Errorf("%d bytes are too many for a PEM file", info.Size())
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != kind {
		return nil, fmt.Errorf("it is no PEM file with a %s", kind)
	}
	return block.Bytes, nil
}

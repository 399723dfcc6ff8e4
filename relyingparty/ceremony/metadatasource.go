package ceremony

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony/internal/blob"
)

// BLOBSource fetches the newest BLOB there is, unverified.
type BLOBSource func(ctx context.Context) ([]byte, error)

// maxList bounds a revocation list, in bytes.
const maxList = 8 << 20

// FromURL fetches BLOBs over HTTP. client nil means [http.DefaultClient].
func FromURL(client *http.Client, url string) BLOBSource {
	return func(ctx context.Context) ([]byte, error) { return download(ctx, client, url, blob.MaxSize) }
}

// FromFile reads BLOBs from a file, each time anew.
func FromFile(path string) BLOBSource {
	return func(context.Context) ([]byte, error) { return readBLOBFile(path) }
}

// fetchList is what [MetadataConfig] uses by default.
func fetchList(ctx context.Context, url string) ([]byte, error) {
	return download(ctx, nil, url, maxList)
}

func download(ctx context.Context, client *http.Client, url string, limit int64) ([]byte, error) {
	if client == nil {
		client = http.DefaultClient
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, response.Status)
	}
	data, err := readBounded(response.Body, limit)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", url, err)
	}
	return data, nil
}

func readBLOBFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := readBounded(f, blob.MaxSize)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return data, nil
}

func readBounded(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("%w: more than %d bytes", blob.ErrTooLarge, limit)
	}
	return data, err
}

// readCache takes the BLOB of an earlier run. One that is not good any more is as
// none.
func (m *Metadata) readCache() {
	if m.config.Cache == "" {
		return
	}
	data, err := readBLOBFile(m.config.Cache)
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	var b *blob.BLOB
	if err == nil {
		trust := m.trust(context.Background())
		trust.Again = true
		b, err = blob.Read(data, trust)
	}
	if err != nil {
		m.config.Logger.Warn("metadata BLOB of an earlier run not taken", "file", m.config.Cache, "error", err)
		return
	}
	m.hold(b)
}

// writeCache replaces the file as a whole, so that a killed process leaves the old
// one or the new one.
func (m *Metadata) writeCache(data []byte) (err error) {
	if m.config.Cache == "" {
		return nil
	}
	f, err := os.CreateTemp(filepath.Dir(m.config.Cache), filepath.Base(m.config.Cache)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), m.config.Cache)
}

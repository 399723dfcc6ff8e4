package ceremony

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony/internal/blob"
)

// MetadataConfig says where knowledge of authenticator models comes from: a FIDO
// Metadata Service (MDS 3.1.1), and who is believed to speak for it. Source and
// Root are required.
type MetadataConfig struct {
	Source BLOBSource
	Root   []byte // the certificate that every BLOB must lead to, DER
	// Host is what the signing certificate has to be for; "" for anything. It is
	// needed where the root is a public one, under which anybody can have a
	// certificate.
	Host string
	// Lists fetches the revocation lists that certificates name; over HTTP by
	// default. A BLOB whose lists cannot be had is not believed.
	Lists func(ctx context.Context, url string) ([]byte, error)
	// Cache is a file that keeps the last good BLOB, so that an older one is
	// recognised after a restart, too; "" for none.
	Cache   string
	Timeout time.Duration // of fetching a BLOB with its lists; 10 s by default

	Clock  func() time.Time // required by NewMetadata; a site has its own by default
	Logger *slog.Logger     // nil for none; a site has its own by default
}

// Metadata is the last good BLOB of a metadata service. It is renewed when one is
// needed and the service has promised a newer one by then; nothing waits for that in
// the background. It may be used concurrently.
type Metadata struct {
	config MetadataConfig
	root   *x509.Certificate
	held   atomic.Pointer[blob.BLOB]

	mu    sync.Mutex // one renewal at a time
	tried time.Time  // when the last renewal began
	err   error      // why it failed
}

const (
	defaultMetadataTimeout = 10 * time.Second
	// How long after a renewal the next is tried, where it brought nothing new.
	retryRenewal = time.Hour
	retryFirst   = time.Minute // as long as there is nothing at all
)

// ErrRolledBack says that a BLOB is older than the one before, or says something
// else under the same number. Somebody may be hiding what is known since.
var ErrRolledBack = errors.New("the BLOB is no successor of the last one")

// NewMetadata checks the configuration and reads Cache. Nothing is fetched yet.
func NewMetadata(c MetadataConfig) (*Metadata, error) {
	if c.Source == nil || c.Clock == nil {
		return nil, errors.New("ceremony: MetadataConfig.Source and MetadataConfig.Clock are required")
	}
	root, err := x509.ParseCertificate(c.Root)
	if err != nil {
		return nil, fmt.Errorf("ceremony: MetadataConfig.Root: %w", err)
	}
	c.Timeout = cmp.Or(c.Timeout, defaultMetadataTimeout)
	if c.Lists == nil {
		c.Lists = fetchList
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	m := &Metadata{config: c, root: root}
	m.readCache()
	return m, nil
}

// Number is that of the BLOB held; false when there is none.
func (m *Metadata) Number() (number int64, held bool) {
	if b := m.held.Load(); b != nil {
		return b.Number, true
	}
	return 0, false
}

// Refresh fetches the BLOB now. One that is not good is refused, and the last good
// one is kept.
func (m *Metadata) Refresh(ctx context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.renew(ctx)
}

// current is the last good BLOB, renewed where that is due. The error says why there
// is none.
func (m *Metadata) current() (*blob.BLOB, error) {
	now := m.config.Clock()
	b := m.held.Load()
	if b != nil && now.Before(b.NextUpdate) {
		return b, nil
	}
	if b == nil {
		m.mu.Lock()
	} else if !m.mu.TryLock() { // somebody else renews it; the old one will do until then
		return b, nil
	}
	defer m.mu.Unlock()
	if m.due(now) {
		_ = m.renew(context.Background()) // has been logged, and is kept
	}
	if b = m.held.Load(); b == nil {
		return nil, m.err
	}
	return b, nil
}

// due reports whether a renewal would not come too soon after the last.
func (m *Metadata) due(now time.Time) bool {
	pause := retryFirst
	if b := m.held.Load(); b != nil {
		if now.Before(b.NextUpdate) {
			return false
		}
		pause = retryRenewal
	}
	return m.tried.IsZero() || now.Sub(m.tried) >= pause
}

// renew fetches a BLOB and takes it, or says in the log why not.
func (m *Metadata) renew(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, m.config.Timeout)
	defer cancel()
	m.tried = m.config.Clock()
	data, err := m.config.Source(ctx)
	if err == nil {
		err = m.take(ctx, data)
	}
	if m.err = err; err != nil {
		kept, _ := m.Number()
		m.config.Logger.Warn("metadata not renewed", "error", err, "kept", kept)
		return fmt.Errorf("ceremony: metadata: %w", err)
	}
	return nil
}

// take holds a BLOB to what can be known of it (MDS §3.2) and keeps it.
func (m *Metadata) take(ctx context.Context, data []byte) error {
	b, err := blob.Read(data, m.trust(ctx))
	if err != nil {
		return err
	}
	if last := m.held.Load(); last != nil {
		switch {
		case b.Number == last.Number && b.Sum == last.Sum:
			return nil
		case b.Number <= last.Number:
			return fmt.Errorf("%w: it has number %d, the last has %d", ErrRolledBack, b.Number, last.Number)
		}
	}
	m.hold(b)
	if err := m.writeCache(data); err != nil {
		return fmt.Errorf("the BLOB is taken, but not kept: %w", err)
	}
	return nil
}

func (m *Metadata) trust(ctx context.Context) blob.Trust {
	return blob.Trust{
		Root: m.root, Host: m.config.Host, Now: m.config.Clock(),
		List: func(url string) ([]byte, error) { return m.config.Lists(ctx, url) },
	}
}

func (m *Metadata) hold(b *blob.BLOB) {
	m.held.Store(b)
	m.config.Logger.Info("metadata BLOB taken", "number", b.Number, "models", b.Len(), "nextUpdate", b.NextUpdate.Format(time.DateOnly))
	for _, err := range b.Broken {
		m.config.Logger.Warn("metadata entry not readable", "number", b.Number, "error", err)
	}
}

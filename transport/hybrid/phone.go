package hybrid

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/ctap"
	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
)

// PhoneConfig is what a phone needs from outside. Device, Advertiser, Dialer and
// Random are required.
type PhoneConfig struct {
	Device     ctap.Transport
	Advertiser Advertiser
	Dialer     Dialer
	Domain     protocol.Domain // of the tunnel service that the phone uses
	Random     io.Reader       // keys and nonces; read by one transaction at a time

	// Reach is how linked computers find the phone; nil means that it offers
	// links to nobody.
	Reach *Reach

	// Tell, if set, is told of every step, by the goroutine that called the phone.
	Tell func(Step)

	// Patience is how long a computer may take to find the tunnel, and then to
	// ask for something; 0 = 2 minutes.
	Patience time.Duration
}

// Reach is how a phone can be called without a QR code.
type Reach struct {
	Owner     protocol.Owner // the secret from which those of all links follow
	ContactID []byte         // by which the tunnel service knows the phone
	Name      string         // as computers show it
}

// phonePatience is long enough for a slow scan of the air.
const phonePatience = 2 * time.Minute

// Phone is the authenticator's side of the hybrid transport: a device that other
// people's computers can use. It is safe for concurrent use; transactions wait for
// each other.
type Phone struct {
	config   PhoneConfig
	identity *ecdh.PrivateKey // nil without Reach
	turn     chan struct{}    // holds a token while a transaction is under way

	mu      sync.Mutex
	contact []byte // the current contact ID; nil = the phone offers no links
}

// NewPhone returns a phone at rest.
func NewPhone(config PhoneConfig) (*Phone, error) {
	switch {
	case config.Device == nil:
		return nil, errors.New("hybrid: PhoneConfig.Device is missing: an authenticator in the same process will do")
	case config.Advertiser == nil:
		return nil, errors.New("hybrid: PhoneConfig.Advertiser is missing: an Air that the computers share will do")
	case config.Dialer == nil:
		return nil, errors.New("hybrid: PhoneConfig.Dialer is missing: WebSockets will do")
	case config.Random == nil:
		return nil, errors.New("hybrid: PhoneConfig.Random is missing: a seeded stream makes runs repeatable")
	case !config.Domain.Known():
		return nil, fmt.Errorf("hybrid: PhoneConfig.Domain: there is no tunnel domain %d: use 0, 1 or any from 256 on", config.Domain)
	}
	if config.Patience == 0 {
		config.Patience = phonePatience
	}
	p := &Phone{config: config, turn: make(chan struct{}, 1)}
	if config.Reach != nil {
		var err error
		if p.identity, err = config.Reach.Owner.Identity(); err != nil {
			return nil, fmt.Errorf("hybrid: PhoneConfig.Reach: %w", err)
		}
		p.contact = bytes.Clone(config.Reach.ContactID)
	}
	return p, nil
}

// Relink gives the phone another contact ID. All links end with the one before,
// which computers learn once the tunnel service has forgotten it (see
// [WebSockets.Forget]). nil means that the phone offers none any more.
func (p *Phone) Relink(contactID []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.identity != nil {
		p.contact = bytes.Clone(contactID)
	}
}

func (p *Phone) contactID() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.contact
}

// Scan carries out the transaction that a QR code begins, of which text is what it
// says. It returns nil when the computer was answered and is done, whatever the
// answer was, and else an [*Error]. A context that ends is a phone that walks
// away.
func (p *Phone) Scan(ctx context.Context, text string) error {
	qr, err := protocol.ParseQR(text)
	if err != nil {
		return during("reading the QR code", err)
	}
	if !qr.Knows(p.config.Domain) {
		return during("reading the QR code", fmt.Errorf("the computer knows %d of the assigned tunnel domains, and not number %d, which this phone uses", qr.Domains, p.config.Domain))
	}
	return p.inTurn(ctx, func(t *transaction) error {
		t.phone.tell(StepScanned, "read a QR code: a computer wants to %s", purpose(qr.Hint))
		return t.scanned(ctx, qr)
	})
}

func (p *Phone) inTurn(ctx context.Context, do func(*transaction) error) error {
	if ctx.Err() != nil {
		return during("taking up a transaction", context.Cause(ctx))
	}
	select {
	case p.turn <- struct{}{}:
	case <-ctx.Done():
		return during("waiting for another transaction to end", context.Cause(ctx))
	}
	defer func() { <-p.turn }()
	return do(&transaction{phone: p})
}

// purpose is what a hint announces, for people.
func purpose(h protocol.Hint) string {
	switch h {
	case protocol.HintCredential:
		return "make a passkey"
	case protocol.HintDigital:
		return "see a digital credential"
	}
	return "sign in"
}

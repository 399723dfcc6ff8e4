package relyingparty

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// Config says what a [Site] is and what it may use of the outside world. BaseURL,
// Clock and Random are required.
type Config struct {
	// BaseURL is the public origin of the site, "https://auth.acme.test:4433". It
	// gives the only origin that responses may come from and the only Host that
	// requests may name, but for those of Domains.
	BaseURL string
	// RPID is the relying party identifier; default: the host of BaseURL. It must be
	// that host or a registrable suffix of it (WebAuthn L3 §5.1.3).
	RPID string
	// Domains are more names that the site is reached under, each with its own RP ID.
	Domains []CustomDomain
	// Company and Client are the names shown on the pages; default "Acme" and "Acme Shop".
	Company, Client string
	// CustomText are texts in place of those of the pages.
	CustomText CustomText
	// Data keeps accounts and the tenant log: the path of a SQLite file, or the URL of a
	// PostgreSQL database, "postgres://user:password@host:port/database", as libpq takes
	// it. Several sites may share a database. Empty means in memory, gone when the site
	// is closed.
	Data string
	// DataKey is what secrets in Data are encrypted under that have to be read again: the
	// signing key, and the keys of authenticator apps. DataKeySize random bytes; nil leaves
	// the secrets as they are. A database that was opened with one once takes the same one
	// from then on ([ErrDataKey]).
	DataKey []byte
	// MailServer is where mails go, beside the outbox; nil for nowhere.
	MailServer *MailServer
	// LogRetention is how long lines of the tenant log are kept; zero means
	// DefaultLogRetention, and less than that for ever. A line that is older goes when
	// the site is opened, or some time after with others that come.
	LogRetention time.Duration
	// Operator adds the pages /log and /outbox, which show everything to anybody.
	Operator bool

	// Applications may log people in and use the APIs.
	Applications []Application
	// ManagementToken is accepted as an access token with every scope of the
	// Management API; "" means that there is none such.
	ManagementToken string
	// TenantDomain is a second host name, as in the Host header, under which the APIs
	// answer: the one that a tenant has before it gets a domain of its own, which is
	// BaseURL. Passkeys are refused there.
	TenantDomain string
	// SigningKey signs tokens; nil means that the site makes one when it first needs
	// it, and keeps it in Data.
	SigningKey *rsa.PrivateKey

	// Metadata is what Policy.Models is held against; nil means that there is none.
	Metadata *ceremony.MetadataConfig

	// Policy is in force until it is changed; zero means DefaultPolicy(). What the
	// Management API has changed is kept in Data and comes before it.
	Policy Policy
	// Insist changes what comes of that once more when the site starts, for parts that
	// are to hold whatever is stored. What it overrules is logged. nil for none.
	Insist func(*Policy)

	Limits       Limits       // zero, of the whole or of one rate, means as in DefaultLimits()
	PasswordCost PasswordCost // zero means DefaultPasswordCost()

	Clock  func() time.Time // tells the time; need not run forward in real time
	Random io.Reader        // source of challenges, tokens and identifiers; calls are serialised
	Logger *slog.Logger     // operational messages; nil means none

	// Seams are where named mistakes act (package fault); nil means a site without any.
	// Faults are their names, which every page then shows beside what Operator adds.
	Seams  []Seams
	Faults []string
}

// DefaultLogRetention is the longest time that a plan of the product has; others have 1, 5
// or 10 days.
const DefaultLogRetention = 30 * 24 * time.Hour

// address is a parsed and checked BaseURL.
type address struct {
	origin string // serialised as a browser does it, without a default port
	host   string // as in the Host header
	name   string // host without port
	secure bool
}

// parseAddress accepts an http or https origin with nothing after the host.
func parseAddress(base string) (address, error) {
	u, err := url.Parse(base)
	if err != nil {
		return address{}, fmt.Errorf("relyingparty: BaseURL: %w", err)
	}
	rest := u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" || u.User != nil
	if (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || rest {
		return address{}, fmt.Errorf("relyingparty: BaseURL %q is not an origin; give it as https://host or https://host:port", base)
	}
	host := strings.ToLower(u.Host)
	if port := u.Port(); u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
		host = strings.TrimSuffix(host, ":"+port)
	}
	return address{
		origin: u.Scheme + "://" + host,
		host:   host,
		name:   strings.ToLower(u.Hostname()),
		secure: u.Scheme == "https",
	}, nil
}

// checkRPID applies WebAuthn L3 §5.1.3 step 8: the RP ID is the host itself or a
// suffix of it that could be registered.
func checkRPID(rpID, host string) error {
	if _, err := netip.ParseAddr(rpID); err == nil {
		return fmt.Errorf("relyingparty: RP ID %q is an IP address; passkeys need a domain name, such as localhost", rpID)
	}
	if rpID == host {
		return nil
	}
	if !strings.HasSuffix(host, "."+rpID) {
		return fmt.Errorf("relyingparty: RP ID %q is neither the host %q nor a suffix of it", rpID, host)
	}
	if suffix, _ := publicsuffix.PublicSuffix(host); len(rpID) <= len(suffix) {
		return fmt.Errorf("relyingparty: RP ID %q is a public suffix, which no site may claim", rpID)
	}
	return nil
}

// complete fills in the defaults and checks the rest.
func (c Config) complete() (Config, address, error) {
	if c.Clock == nil || c.Random == nil {
		return c, address{}, errors.New("relyingparty: Config.Clock and Config.Random are required")
	}
	where, err := parseAddress(c.BaseURL)
	if err != nil {
		return c, address{}, err
	}
	if c.CustomText, err = c.CustomText.clean(); err != nil {
		return c, address{}, err
	}
	c.defaults()
	return c, where, errors.Join(c.servesModels(c.Policy), c.Policy.validate(), c.Limits.validate(), c.PasswordCost.validate())
}

// servesModels reports a policy that needs metadata where there are none.
func (c *Config) servesModels(p Policy) error {
	if p.Models != nil && c.Metadata == nil {
		return errors.New("relyingparty: Policy.Models needs Config.Metadata")
	}
	return nil
}

// openMetadata makes what Metadata describes, with the site's clock and logger where
// it has none; nil for none.
func (c *Config) openMetadata() (*ceremony.Metadata, error) {
	if c.Metadata == nil {
		return nil, nil
	}
	m := *c.Metadata
	if m.Clock == nil {
		m.Clock = c.Clock
	}
	if m.Logger == nil {
		m.Logger = c.Logger
	}
	return ceremony.NewMetadata(m)
}

func (c *Config) defaults() {
	if c.Company == "" {
		c.Company = "Acme"
	}
	if c.Client == "" {
		c.Client = "Acme Shop"
	}
	if c.LogRetention == 0 {
		c.LogRetention = DefaultLogRetention
	}
	if c.Policy == (Policy{}) {
		c.Policy = DefaultPolicy()
	}
	c.Limits.fill()
	if c.PasswordCost == (PasswordCost{}) {
		c.PasswordCost = DefaultPasswordCost()
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
}

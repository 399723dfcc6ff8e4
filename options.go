package passkeylab

import (
	"time"

	"github.com/passkeylab/passkeylab/adapter"
	"github.com/passkeylab/passkeylab/internal/report"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// Option changes how a Lab is made.
type Option func(*options)

type options struct {
	seed     uint64
	start    time.Time
	link     Link
	stage    *Stage
	policy   relyingparty.Policy
	metadata *ceremony.MetadataConfig
	apps     []relyingparty.Application
	domains  []relyingparty.CustomDomain
	models   bool
	shop     bool
	related  []string
	remote   string
	adapter  *adapter.Adapter
	display  bool
	entry    *report.Entry
	report   string
	pictures bool
}

func defaults(t T) options {
	return options{
		seed:   seed.Named(t.Name()),
		start:  time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC),
		link:   Wire,
		policy: relyingparty.DefaultPolicy(),
	}
}

// WithSeed sets the number that all of the lab's chance comes from. The
// default is made of the test's name.
func WithSeed(n uint64) Option { return func(o *options) { o.seed = n } }

// WithStart sets the lab's clock, which stands still until [Lab.Wait]. The
// default is the first moment of 2030.
func WithStart(at time.Time) Option { return func(o *options) { o.start = at } }

// WithLink chooses how devices get into pages. The default is [Wire]. A link
// that this machine cannot offer skips the test and says how to mend it; it is
// never replaced by another.
func WithLink(l Link) Option { return func(o *options) { o.link = l } }

// WithStage shares a running browser with other labs. Without it, a lab that
// needs a browser starts its own.
func WithStage(s *Stage) Option { return func(o *options) { o.stage = s } }

// WithPolicy sets the policy of the embedded site.
func WithPolicy(change func(*relyingparty.Policy)) Option {
	return func(o *options) { change(&o.policy) }
}

// WithMetadata tells the embedded site where to learn about authenticator models,
// for a policy that cares which are used. It is renewed by the lab's clock.
func WithMetadata(c ceremony.MetadataConfig) Option {
	return func(o *options) { o.metadata = &c }
}

// WithApplications lets programs use the APIs of the embedded site; [Site.Client] asks
// them.
func WithApplications(all ...relyingparty.Application) Option {
	return func(o *options) { o.apps = append(o.apps, all...) }
}

// WithDomain gives the embedded site one more name, such as "bmce.test", with an RP ID of
// its own; "" stands for the name itself. [Site.At] is the site under it.
func WithDomain(host, rpID string) Option {
	return func(o *options) {
		o.domains = append(o.domains, relyingparty.CustomDomain{Host: host, RPID: rpID})
	}
}

// WithRelatedOrigins serves the embedded site under more names under .test, by which its
// passkeys can be used, too: its RP ID says so at /.well-known/webauthn (WebAuthn L3
// §5.11). [Site.At] visits one. Browsers take names of no more than five different
// registrable labels.
func WithRelatedOrigins(hosts ...string) Option {
	return func(o *options) { o.related = append(o.related, hosts...) }
}

// WithSite visits the site at url instead of the embedded one: one that serves our
// pages, or any with [WithAdapter]. Its clock, mail and log are out of reach.
func WithSite(url string) Option { return func(o *options) { o.remote = url } }

// WithDisplay asks for windows on an X display, so that the browser's own
// popups can be seen.
func WithDisplay() Option { return func(o *options) { o.display = true } }

// WithReport writes down what happened, and a report of it into the folder dir when the
// test ends: steps, pictures, messages, the tenant log, in index.html, junit.xml and
// report.json, as passkeylab run --report does. The folder is made where it is missing,
// and each test needs one of its own, such as filepath.Join("report", t.Name()).
func WithReport(dir string) Option { return func(o *options) { o.report = dir } }

// WithRecord is [WithReport] for the journeys of this module, which make one report of
// many tests: the lab fills entry in when the test ends.
func WithRecord(entry *report.Entry) Option { return func(o *options) { o.entry = entry } }

// WithPictures adds a picture of the page to the record whenever it shows
// something new. Without it there are pictures of failures and of the browser's
// own popups only: painting is half of what a journey in a browser costs.
func WithPictures() Option { return func(o *options) { o.pictures = true } }

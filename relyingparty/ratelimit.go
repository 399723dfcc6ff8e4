package relyingparty

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Rate allows Burst uses at once and then one more every Every.
type Rate struct {
	Burst int
	Every time.Duration
}

// Limits bounds what strangers can make the site do.
type Limits struct {
	Requests       Rate // changing requests, per IP address
	PasswordErrors Rate // wrong passwords, per account
	ResetMails     Rate // password reset mails, per account
	FactorErrors   Rate // wrong second factors, per account
	FactorMails    Rate // mails with a code, per account
	PasskeyAPI     Rate // requests to each of /passkey/register and /passkey/challenge, per IP address
	Sessions       int  // browser sessions kept in memory, of each kind
}

// DefaultLimits is generous to a suite that runs from one address.
func DefaultLimits() Limits {
	return Limits{
		Requests:       Rate{Burst: 10_000, Every: 10 * time.Millisecond},
		PasswordErrors: Rate{Burst: 10, Every: time.Minute},
		ResetMails:     Rate{Burst: 10, Every: time.Minute},
		FactorErrors:   Rate{Burst: 10, Every: 6 * time.Minute},
		FactorMails:    Rate{Burst: 10, Every: 6 * time.Minute},
		PasskeyAPI:     Rate{Burst: 10_000, Every: 10 * time.Millisecond},
		Sessions:       20_000,
	}
}

// fill puts the default in place of a rate that is not given.
func (l *Limits) fill() {
	usual := DefaultLimits()
	if *l == (Limits{}) {
		*l = usual
	}
	for given, rate := range map[*Rate]Rate{
		&l.Requests: usual.Requests, &l.PasswordErrors: usual.PasswordErrors, &l.ResetMails: usual.ResetMails,
		&l.FactorErrors: usual.FactorErrors, &l.FactorMails: usual.FactorMails, &l.PasskeyAPI: usual.PasskeyAPI,
	} {
		if *given == (Rate{}) {
			*given = rate
		}
	}
}

func (l Limits) validate() error {
	var errs []error
	for name, r := range map[string]Rate{
		"Requests": l.Requests, "PasswordErrors": l.PasswordErrors, "ResetMails": l.ResetMails, "PasskeyAPI": l.PasskeyAPI,
		"FactorErrors": l.FactorErrors, "FactorMails": l.FactorMails,
	} {
		if r.Burst < 1 || r.Every <= 0 {
			errs = append(errs, fmt.Errorf("relyingparty: Limits.%s needs a Burst of at least 1 and an Every above 0", name))
		}
	}
	if l.Sessions < 1 {
		errs = append(errs, errors.New("relyingparty: Limits.Sessions must be at least 1"))
	}
	return errors.Join(errs...)
}

// limiterKeys bounds how many addresses or accounts a limiter remembers.
const limiterKeys = 50_000

// limiter counts uses per key.
type limiter struct {
	rate    Rate
	buckets *lru[bucket]
}

// bucket holds how many uses were left at a moment.
type bucket struct {
	left    float64
	at      time.Time
	refused bool // the last use
}

// verdict is a limiter's answer.
type verdict struct {
	allowed bool
	first   bool // refused now, after having been allowed: worth a log line
}

func newLimiter(r Rate) *limiter { return &limiter{rate: r, buckets: newLRU[bucket](limiterKeys)} }

// take uses up one use of key, if there is one.
func (l *limiter) take(key string, now time.Time) verdict {
	var out verdict
	l.buckets.change(key, func(b bucket, known bool) bucket {
		b = l.refill(b, known, now)
		out = verdict{allowed: b.left >= 1, first: !b.refused && b.left < 1}
		b.refused = !out.allowed
		if out.allowed {
			b.left--
		}
		return b
	})
	return out
}

func (l *limiter) refill(b bucket, known bool, now time.Time) bucket {
	if !known {
		return bucket{left: float64(l.rate.Burst), at: now}
	}
	if passed := now.Sub(b.at); passed > 0 {
		b.left = math.Min(float64(l.rate.Burst), b.left+float64(passed)/float64(l.rate.Every))
		b.at = now
	}
	return b
}

// forgive gives key all its uses back.
func (l *limiter) forgive(key string) { l.buckets.delete(key) }

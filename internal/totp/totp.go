// Package totp makes and checks time-based one-time passwords (RFC 6238) as the common
// authenticator apps have them: HMAC-SHA-1, six digits, steps of 30 seconds.
//
// It owns the algorithm and the address that an app reads. It must never know accounts,
// clocks or storage.
package totp

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"time"
)

const (
	// Digits is the length of a code.
	Digits = 6
	// Period is how long a code is the current one.
	Period = 30 * time.Second
	// SecretSize is how many random bytes a secret has: those of the hash (RFC 4226 §4).
	SecretSize = sha1.Size
	// drift is how many steps a code may be off in either direction (RFC 6238 §5.2).
	drift = 1
)

// Step is the number of the time step that a moment lies in (RFC 6238 §4.2).
func Step(at time.Time) int64 { return at.Unix() / int64(Period/time.Second) }

// Code is the code of a step (RFC 4226 §5.3).
func Code(secret []byte, step int64) string {
	mac := hmac.New(sha1.New, secret)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(step)))
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0x0f
	number := binary.BigEndian.Uint32(sum[at:at+4]) & 0x7fff_ffff
	return fmt.Sprintf("%0*d", Digits, number%1_000_000)
}

// Match finds the step after a given one whose code this is, of those around a moment.
// What it takes does not depend on the code.
func Match(secret []byte, code string, at time.Time, after int64) (step int64, ok bool) {
	now := Step(at)
	for s := now - drift; s <= now+drift; s++ {
		if subtle.ConstantTimeCompare([]byte(Code(secret, s)), []byte(code)) == 1 && s > after {
			step, ok = s, true
		}
	}
	return step, ok
}

// Text is a secret as people type it.
func Text(secret []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

// URI is what an authenticator app reads from a QR code.
func URI(issuer, account string, secret []byte) string {
	label := url.PathEscape(issuer) + ":" + url.PathEscape(account)
	return "otpauth://totp/" + label + "?secret=" + Text(secret) + "&issuer=" + url.QueryEscape(issuer) +
		fmt.Sprintf("&algorithm=SHA1&digits=%d&period=%d", Digits, Period/time.Second)
}

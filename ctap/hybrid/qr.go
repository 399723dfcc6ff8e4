package hybrid

import (
	"crypto/ecdh"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/passkeylab/passkeylab/internal/canon"
)

// Prefix is what QR codes of computers begin with, in whatever case.
const Prefix = "FIDO:/"

// Hint says what a client is about to ask for, so that the authenticator can
// prepare.
type Hint string

// The hints. Others mean the same as HintAssertion.
const (
	HintAssertion  Hint = "ga"
	HintCredential Hint = "mc"
	HintDigital    Hint = "dcp" // presentation of a digital credential
)

// Told is what a QR code says about a feature that it may also keep silent about.
type Told int

// The values of Told.
const (
	Untold Told = iota
	ToldNo
	ToldYes
)

// What may carry the messages of a transaction, in QR.Channels.
const (
	ChannelWebSocket uint64 = iota
	ChannelL2CAP            // of Bluetooth
)

// QR is what a client's QR code says.
type QR struct {
	Key     *ecdh.PublicKey // identity of the client, for this transaction alone
	Secret  [QRSecretSize]byte
	Domains uint64    // assigned tunnel domains that the client knows, counted from 0
	Time    time.Time // when the code was made, to the second; zero = not told
	Linking Told      // the client can be linked; clients of caBLE v2.0 do not tell
	Hint    Hint      // "" = not told

	// The key 6 of the map has had two meanings, so a code tells one of these at
	// most: that the client makes credentials that are not discoverable, or which
	// channels it can use. nil = not told.
	NonDiscoverable bool
	Channels        []uint64
}

// ErrQR says that a text is not that of a hybrid QR code.
var ErrQR = errors.New("not a FIDO QR code")

// maxTime bounds the time in a QR code, in seconds. What lies beyond, in the year
// 36812, is none.
const maxTime = 1 << 40

// Keys of the map in a QR code.
const (
	qrKey = iota
	qrSecret
	qrDomains
	qrTime
	qrLinking
	qrHint
	qrSixth
)

// ParseQR reads the text of a QR code. Keys that it does not know are passed over,
// as is a time or a sixth key of no known form. The error wraps [ErrQR].
func ParseQR(text string) (*QR, error) {
	if len(text) < len(Prefix) || !strings.EqualFold(text[:len(Prefix)], Prefix) {
		return nil, fmt.Errorf("%w: it begins with %s", ErrQR, Prefix)
	}
	payload, err := DecodeDigits(text[len(Prefix):])
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrQR, err)
	}
	q := new(QR)
	if err := canon.Read(payload, q.read); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrQR, err)
	}
	return q, nil
}

func (q *QR) read(r *canon.Reader) {
	hasSecret := false
	for key := range r.IntKeys {
		switch key {
		case qrKey:
			var err error
			q.Key, err = decompress(r.Bytes())
			r.Fail(err)
		case qrSecret:
			hasSecret = readFixed(r, q.Secret[:])
		case qrDomains:
			q.Domains = r.Uint()
		case qrTime:
			q.readTime(r.Raw())
		case qrLinking:
			if q.Linking = ToldNo; r.Bool() {
				q.Linking = ToldYes
			}
		case qrHint:
			q.Hint = Hint(r.Text())
		case qrSixth:
			q.readSixth(r.Raw())
		default:
			r.Skip()
		}
	}
	if q.Key == nil || !hasSecret {
		r.Fail(errors.New("the client's key (0) and the secret (1) are required"))
	}
}

// readFixed fills out with a byte string of its length.
func readFixed(r *canon.Reader, out []byte) bool {
	got := r.Bytes()
	if len(got) != len(out) {
		r.Fail(fmt.Errorf("a byte string of %d bytes, want %d", len(got), len(out)))
		return false
	}
	copy(out, got)
	return true
}

func (q *QR) readTime(raw canon.Raw) {
	var seconds uint64
	if canon.Unmarshal(raw, &seconds) == nil && seconds < maxTime {
		q.Time = time.Unix(int64(seconds), 0).UTC()
	}
}

func (q *QR) readSixth(raw canon.Raw) {
	if canon.Unmarshal(raw, &q.NonDiscoverable) == nil {
		return
	}
	var channels []uint64
	if canon.Unmarshal(raw, &channels) == nil {
		q.Channels = channels
	}
}

// Text returns the text of the QR code. It leaves out what is not told.
func (q *QR) Text() string {
	out, pairs := canon.OpenMap(nil)
	out = canon.AppendBytes(pairs.IntKey(out, qrKey), compress(q.Key))
	out = canon.AppendBytes(pairs.IntKey(out, qrSecret), q.Secret[:])
	if q.Domains > 0 {
		out = canon.AppendUint(pairs.IntKey(out, qrDomains), q.Domains)
	}
	if !q.Time.IsZero() {
		out = canon.AppendInt(pairs.IntKey(out, qrTime), q.Time.Unix())
	}
	if q.Linking != Untold {
		out = canon.AppendBool(pairs.IntKey(out, qrLinking), q.Linking == ToldYes)
	}
	if q.Hint != "" {
		out = canon.AppendText(pairs.IntKey(out, qrHint), string(q.Hint))
	}
	switch {
	case q.Channels != nil:
		out = canon.AppendArray(pairs.IntKey(out, qrSixth), len(q.Channels))
		for _, channel := range q.Channels {
			out = canon.AppendUint(out, channel)
		}
	case q.NonDiscoverable:
		out = canon.AppendBool(pairs.IntKey(out, qrSixth), true)
	}
	return Prefix + EncodeDigits(out)
}

// Knows reports whether the client can reach a tunnel domain. Those that are
// hashed it can work out, of the assigned ones it knows the first few.
func (q *QR) Knows(d Domain) bool { return d >= firstHashed || uint64(d) < q.Domains }

// Root is what the transaction's keys are derived from.
func (q *QR) Root() Root { return FromQR(q.Secret) }

package blob

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// MaxSize bounds a BLOB, in bytes. The real one has several million.
const MaxSize = 32 << 20

// maxChain bounds how many certificates a header may name.
const maxChain = 10

// Why a BLOB is refused. What exactly was wrong is in the error that wraps one.
var (
	ErrTooLarge          = errors.New("the BLOB is too large")
	ErrMalformed         = errors.New("the BLOB is no JSON Web Signature")
	ErrAlgorithm         = errors.New("the BLOB is signed in a way that is not accepted")
	ErrChain             = errors.New("the BLOB's certificates do not lead to the root")
	ErrSignature         = errors.New("the BLOB's signature does not verify")
	ErrRevoked           = errors.New("a certificate of the BLOB is revoked")
	ErrRevocationUnknown = errors.New("it cannot be told whether the BLOB's certificates are revoked")
	ErrPayload           = errors.New("the BLOB's payload cannot be read")
)

// Trust is who is believed, and when.
type Trust struct {
	Root *x509.Certificate
	// Host is what the signing certificate has to be for; "" for anything. It matters
	// where the root is a public one, under which anybody can have a certificate.
	Host string
	Now  time.Time
	// List fetches a revocation list. Only addresses in certificates that lead to
	// the root are asked for.
	List func(url string) ([]byte, error)
	// Again says that the BLOB was read before, when the issuers were asked about its
	// certificates; they are not asked again.
	Again bool
}

// Read verifies a BLOB in compact form (RFC 7515 §7.1) and reads it. White space
// around it is passed over, for files have a line end.
func Read(data []byte, trust Trust) (*BLOB, error) {
	if len(data) > MaxSize {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, len(data), MaxSize)
	}
	token, err := split(bytes.TrimSpace(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	chain, err := trust.chain(&token.header)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrChain, err)
	}
	if err := token.verify(chain[0].PublicKey); err != nil {
		return nil, err
	}
	if !trust.Again {
		if err := trust.revocation(chain); err != nil {
			return nil, err
		}
	}
	b, err := parse(token.payload)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPayload, err)
	}
	return b, nil
}

// token is a JSON Web Signature in its parts.
type token struct {
	header    header
	signed    []byte // what the signature is over
	payload   []byte
	signature []byte
}

// header is what is read of a JOSE header.
type header struct {
	Algorithm string          `json:"alg"`
	X5C       *[][]byte       `json:"x5c"` // encoding/json reads base64 with padding, as RFC 7515 §4.1.6 wants
	X5U       json.RawMessage `json:"x5u"`
	Critical  json.RawMessage `json:"crit"`
}

// split takes a token apart. Each part has one spelling.
func split(data []byte) (*token, error) {
	parts := bytes.Split(data, []byte{'.'})
	if len(parts) != 3 {
		return nil, fmt.Errorf("it has %d parts, want 3", len(parts))
	}
	decoded := make([][]byte, len(parts))
	for i, part := range parts {
		if bytes.ContainsAny(part, "\r\n") { // which encoding/base64 passes over
			return nil, errors.New("there is a line break in it")
		}
		var err error
		if decoded[i], err = base64.RawURLEncoding.Strict().AppendDecode(nil, part); err != nil {
			return nil, err
		}
	}
	t := &token{signed: data[:len(parts[0])+1+len(parts[1])], payload: decoded[1], signature: decoded[2]}
	if err := json.Unmarshal(decoded[0], &t.header); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	if t.header.Critical != nil {
		return nil, fmt.Errorf("header: it has critical members %s, none of which is known (RFC 7515 §4.1.11)", t.header.Critical)
	}
	return t, nil
}

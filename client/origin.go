package client

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// errOpaque says that an origin is opaque, that is, not of the form
// scheme, host, port (HTML §7.1.1).
var errOpaque = errors.New("the origin is opaque")

// tupleOrigin is a parsed origin.
type tupleOrigin struct {
	scheme string
	host   string // lower case, without port; the effective domain
	port   string // empty where it is the scheme's default
	text   string // serialised, where it came so
}

// parseOrigin reads a serialised origin. Whatever is none counts as opaque.
func parseOrigin(s string) (tupleOrigin, error) {
	if host, ok := plainHTTPS(s); ok {
		return tupleOrigin{scheme: "https", host: host, text: s}, nil
	}
	return originOfURL(s)
}

func originOfURL(s string) (tupleOrigin, error) {
	u, err := url.Parse(s)
	if err != nil {
		return tupleOrigin{}, fmt.Errorf("%w: %w", errOpaque, err)
	}
	if u.Hostname() == "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return tupleOrigin{}, fmt.Errorf("%w: %q is not scheme://host or scheme://host:port", errOpaque, s)
	}
	o := tupleOrigin{scheme: u.Scheme, host: strings.ToLower(u.Hostname()), port: u.Port()}
	if o.port == defaultPort(o.scheme) {
		o.port = ""
	}
	if n, err := strconv.ParseUint(o.port, 10, 16); o.port != "" && (err != nil || strconv.FormatUint(n, 10) != o.port) {
		return tupleOrigin{}, fmt.Errorf("%w: port %q of %q", errOpaque, o.port, s)
	}
	return o, nil
}

// plainHTTPS returns the host of an origin that has nothing in it for a URL
// parser to interpret: https, a name in its ASCII form, no port.
func plainHTTPS(origin string) (host string, ok bool) {
	host, ok = strings.CutPrefix(origin, "https://")
	if !ok || host == "" {
		return "", false
	}
	for _, c := range []byte(host) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '.' {
			return "", false
		}
	}
	return host, true
}

func defaultPort(scheme string) string {
	switch scheme {
	case "https":
		return "443"
	case "http":
		return "80"
	}
	return ""
}

// String serialises the origin as client data carries it (RFC 6454 §6.2).
func (o tupleOrigin) String() string {
	if o.text != "" {
		return o.text
	}
	host := o.host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if o.port == "" {
		return o.scheme + "://" + host
	}
	return o.scheme + "://" + host + ":" + o.port
}

// secure reports whether pages of the origin are offered Web Authentication
// at all: over https, or over http from a localhost name.
func (o tupleOrigin) secure() bool {
	return o.scheme == "https" || o.scheme == "http" && isLocalhost(o.host)
}

func isLocalhost(host string) bool {
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// checkDomain reports why host is not a valid domain (URL §3.4) in its ASCII
// form; IP addresses and trailing dots are not.
func checkDomain(host string) error {
	if host == "" || len(host) > 253 {
		return fmt.Errorf("%q is not a domain of 1 to 253 characters", host)
	}
	last := ""
	for label := range strings.SplitSeq(host, ".") {
		if err := checkLabel(label); err != nil {
			return fmt.Errorf("%q is not a domain: %w", host, err)
		}
		last = label
	}
	if endsInNumber(last) {
		return fmt.Errorf("%q is an IP address, not a domain", host)
	}
	return nil
}

func checkLabel(label string) error {
	if label == "" || len(label) > 63 {
		return fmt.Errorf("label %q has not 1 to 63 characters", label)
	}
	for _, c := range []byte(label) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return fmt.Errorf("label %q has characters other than a to z, 0 to 9 and hyphen (non-ASCII names are written in their xn-- form)", label)
		}
	}
	if label[0] == '-' || label[len(label)-1] == '-' {
		return fmt.Errorf("label %q begins or ends with a hyphen", label)
	}
	return nil
}

// endsInNumber tells IPv4 addresses by their last label, as URL §3.5 does.
func endsInNumber(last string) bool {
	if hex, ok := strings.CutPrefix(last, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return strings.Trim(last, "0123456789") == ""
}

package control

import (
	"errors"
	"net"
	"net/http"
	"strings"
)

// Why a request is turned away.
var (
	errFromPage  = errors.New("web pages cannot drive a device: use a program that is no browser")
	errMethod    = errors.New("a panel knows GET and POST")
	errOtherHost = errors.New("the Host header names another machine: use 127.0.0.1 or localhost")
)

// guard lets through what a program on this machine sends, and nothing that a web
// page can make a browser send, by whatever name it has for this machine.
//
// A page gives itself away by the headers that it cannot suppress: Origin with
// everything but plain GET requests, Sec-Fetch-Site with those too. A page whose
// own name leads to this machine (DNS rebinding) passes for the same site, but
// not without that name in Host. What is typed into a browser's address bar is
// let through.
type guard struct {
	next     http.Handler
	anywhere bool // other machines may come in, by address or by a name without a dot
}

func (g guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodPost: // HEAD would do what GET does
		refuse(w, http.StatusMethodNotAllowed, errMethod)
	case !g.knows(r.Host):
		refuse(w, http.StatusForbidden, errOtherHost)
	case fromPage(r.Header):
		refuse(w, http.StatusForbidden, errFromPage)
	default:
		g.next.ServeHTTP(w, r)
	}
}

func fromPage(h http.Header) bool {
	site := h.Values("Sec-Fetch-Site")
	typed := len(site) == 0 || len(site) == 1 && site[0] == "none"
	return !typed || len(h.Values("Origin")) > 0 || len(h.Values("Referer")) > 0
}

// knows tells whether a Host header names this machine in a way that no
// stranger's name server has a say in.
func (g guard) knows(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if ip := net.ParseIP(host); ip != nil {
		return g.anywhere || ip.IsLoopback()
	}
	return strings.EqualFold(host, "localhost") || g.anywhere && host != "" && !strings.Contains(host, ".")
}

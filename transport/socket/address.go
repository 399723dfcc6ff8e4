package socket

import (
	"fmt"
	"net"
	"strings"
)

// address is where a device is served: unix:PATH, tcp:HOST:PORT or
// udp:HOST:PORT.
type address struct{ network, at string }

// maxPath is what fits into the address of a unix socket, with its final zero.
const maxPath = 107

func parseAddress(s string) (address, error) {
	network, at, _ := strings.Cut(s, ":")
	a := address{network, at}
	switch network {
	case "unix":
		if at == "" || len(at) > maxPath {
			return a, fmt.Errorf("%q: unix: is followed by a path of 1 to %d bytes", s, maxPath)
		}
		return a, nil
	case "tcp", "udp":
		if _, _, err := net.SplitHostPort(at); err != nil {
			return a, fmt.Errorf("%q: give it as %s:HOST:PORT, such as %s:127.0.0.1:0", s, network, network)
		}
		return a, nil
	}
	return a, fmt.Errorf("%q: give it as unix:PATH, tcp:HOST:PORT or udp:HOST:PORT", s)
}

func (a address) String() string { return a.network + ":" + a.at }

// local tells whether only this machine can reach the address.
func (a address) local() bool {
	if a.network == "unix" {
		return true
	}
	host, _, _ := net.SplitHostPort(a.at)
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

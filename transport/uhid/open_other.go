//go:build !linux

package uhid

import "errors"

// Open says that there is no uhid here.
func Open() (*Device, error) {
	return nil, errors.New("uhid is Linux's: take a socket (unix:PATH, tcp:HOST:PORT or udp:HOST:PORT)")
}

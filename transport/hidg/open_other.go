//go:build !linux

package hidg

import "errors"

// Open says that there are no gadgets here.
func Open(string) (*Key, error) {
	return nil, errors.New("hidg is Linux's: take a socket (unix:PATH, tcp:HOST:PORT or udp:HOST:PORT)")
}

//go:build !linux

package vpcd

import "net"

// acknowledge is for Linux, where pcscd is.
func acknowledge(net.Conn) {}

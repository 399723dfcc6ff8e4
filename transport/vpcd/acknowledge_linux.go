package vpcd

import (
	"net"
	"syscall"
)

// acknowledge tells the other side at once that what it sent has arrived. vpcd of
// Debian 12 sends a length and the message by themselves, and its system keeps the
// second back until the first is acknowledged, which ours would put off by 40 ms.
// Where it fails, it only takes longer.
func acknowledge(conn net.Conn) {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return
	}
	if raw, err := tcp.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1) })
	}
}

// Package socket serves a device to programs that are not ours, and reaches
// such a device: CTAPHID reports over unix, TCP and UDP sockets.
//
// It owns addresses, connections and how a report lies in a stream or datagram.
// It must never know what is in a report.
package socket

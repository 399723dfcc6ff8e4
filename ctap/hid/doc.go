// Package hid is CTAPHID (CTAP 2.3 §11.2): how messages are cut into reports
// and put together again, and the transactions of both sides, as state machines
// over bytes.
//
// It owns channels, sequence numbers, time limits, locks and error codes. It
// starts no goroutine, reads no clock and moves no byte itself: what comes in
// and when is told to [Device] and [Host], and they tell what to send and what
// to do. It must never know what a message means.
package hid

// Package ble is the framing of CTAP over Bluetooth Low Energy (CTAP 2.3 §11.4):
// the FIDO service and its characteristics, how messages are cut into fragments
// and put together again, and the transactions of both sides, as state machines
// over bytes.
//
// It owns sequence numbers, sizes, time limits, revisions and error codes. It
// starts no goroutine, reads no clock and moves no byte itself: what is written,
// notified and when is told to [Device] and [Host], and they tell what to send and
// what to do. It must never know what a message means, nor how a radio works.
package ble

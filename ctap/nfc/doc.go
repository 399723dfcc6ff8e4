// Package nfc is CTAP over ISO 7816 (CTAP 2.3 §11.3): a card and a reader, as
// state machines over the bytes of APDUs.
//
// It owns selection, short and extended lengths, chains of commands, answers in
// parts, status words, and how a request that takes long is asked after. It
// starts no goroutine, reads no clock and moves no byte itself: what comes in
// and when is told to [Card] and [Reader], and they tell what to send and what
// to do. It must never know what a message means, nor what lies below APDUs,
// such as blocks that a reader has repeated.
package nfc

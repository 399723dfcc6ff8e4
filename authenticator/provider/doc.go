// Package provider is passkey providers: accounts that devices join and leave,
// and in which passkeys made on one device turn up on the others, later, in some
// order, or not at all.
//
// It owns what becomes of a passkey between devices: what may leave the one that
// made it, who can read it, which of two changes counts, what flags it shows, and
// what a loss leaves behind. A [Provider] says it as data; an [Account] carries
// it out; a [Member] is a device in it, whose [authenticator.Store] an
// authenticator uses like any other. Nothing happens by itself: every change
// travels in steps that the caller takes, or by a clock that the caller moves.
//
// It must never know what a ceremony is, who the relying party is, or how a
// passkey is written down for another provider. Nothing here is encrypted: that a
// device lacks the provider's key is a fact that the model knows.
package provider

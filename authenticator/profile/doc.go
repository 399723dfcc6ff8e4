// Package profile has real products as data: what is publicly known of how a
// passkey provider, a platform or a security key behaves, each fact with the
// source that says so. What nobody says is unknown, and never guessed.
//
// It owns the facts, the files that people write their own in, and what a device of
// the lab is like that stands for a product: [Profile.Model]. It must never need a
// change in the behaviour of devices: what their model cannot express, a profile
// says in words.
package profile

//go:generate go run ./internal/generate ../../docs/profiles.md

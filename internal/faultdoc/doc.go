// Package faultdoc lays out docs/faults.md and docs/rp-faults.md: every fault of
// authenticator/fault and of relyingparty/fault, by group.
//
// It owns what each group is about. What a fault does it takes from the fault
// itself.
package faultdoc

//go:generate go run ./generate ../../docs/faults.md ../../docs/rp-faults.md

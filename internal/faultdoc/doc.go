// Package faultdoc lays out docs/faults.md, docs/rp-faults.md and docs/client-faults.md:
// every fault of authenticator/fault, of relyingparty/fault and of client/fault, by
// group.
//
// It owns what each group is about. What a fault does it takes from the fault
// itself.
package faultdoc

//go:generate go run ./generate ../../docs/faults.md ../../docs/rp-faults.md ../../docs/client-faults.md

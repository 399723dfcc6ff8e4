// Package faultdoc lays out docs/faults.md: every fault of authenticator/fault, by
// group.
//
// It owns what each group is about. What a fault does it takes from the fault
// itself.
package faultdoc

//go:generate go run ./generate ../../docs/faults.md

// Package proofdoc lays out docs/proof.md and docs/proof-matrix.txt: by which faults the
// cases of the judge are proved, and which cases notice each fault.
//
// It owns the score. That a case fails on the faults that it names is for the tests of
// the packages subject to see, which play every pair.
package proofdoc

//go:generate go run ./generate ../../docs/proof.md ../../docs/proof-matrix.txt

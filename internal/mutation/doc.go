// Package mutation makes many small mistakes in a copy of our own source, so that it
// can be seen which of them the judge notices.
//
// All mutants of a package are compiled into one program, each behind a switch of
// package gauge, by way of the overlay that "go build" knows: the tree itself is
// never touched. One build then serves thousands of trials.
//
// It owns the kinds of mistakes and how they are written into source. It must never
// know what the source is for.
package mutation

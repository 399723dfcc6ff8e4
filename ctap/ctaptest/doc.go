// Package ctaptest has messages of CTAP 2.3 for tests: a request of every command
// and subcommand, as a platform would send it. It knows messages and no device:
// signatures and identifiers are in their place, and are nobody's.
package ctaptest

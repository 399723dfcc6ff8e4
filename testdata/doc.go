// Package testdata is the data that tests are held against, and the readers
// that give it types: the test vectors of Web Authentication Level 3, and those of
// the hybrid transport.
//
// It owns the files, their explanation in README.md, and their form. It must
// never know what a test does with them, nor use the code that they judge: it
// imports the standard library and nothing else.
package testdata

import "embed"

// FS holds every file of this folder that README.md explains.
//
//go:embed README.md vectors
var FS embed.FS

// Package scenarios is the catalogue of journeys: what people do with passkeys
// and what goes wrong, as values that go test and the command line run alike.
//
// It owns the stories and which link can carry them. It speaks the words of
// package passkeylab only, and must never know how a link works.
package scenarios

//go:generate go run ./internal/generate ../docs/seed-coverage.md ../docs/scenarios.md

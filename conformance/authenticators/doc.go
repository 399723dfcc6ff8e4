// Package authenticators is what the judge asks of authenticators: the cases of
// CTAP 2.0 to 2.3, of its extensions and of U2F.
//
// It owns one file per command with its cases as literals, the tables that dull
// cases are derived from, and the judge's own reading of what devices answer. It
// takes names and numbers from package ctap, and nothing that encodes or decodes:
// requests are built and answers are read with conformance/internal alone. It must
// never know how a device is reached, nor which device it is.
package authenticators

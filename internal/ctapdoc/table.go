package ctapdoc

import "strings"

// Table is the rows about one part of the specifications.
type Table struct {
	Title string
	Text  string // whose sections the rows name, or what they are about
	Rows  []Row
}

// Row is one feature. It has tests, or a reason why it has none.
type Row struct {
	Feature string // as its text calls it; unique in all tables
	Section string
	File    string // where it is, from the root of the module; "" = nowhere
	Tests   []Test
	Names   []string // what stands for it in the sources: "ctap.CommandReset", "ctap.GetInfoResponse.AAGUID"
	Why     string   // why it is not there, or only in part
}

// Test is a test function that fails when the feature breaks.
type Test struct{ Package, Function string }

// Comparison is a row of a comparison of software authenticators, and the rows
// above that answer it.
type Comparison struct {
	Feature string
	See     []string // features of rows; nil = not here
	Tests   []Test   // where no row is about it
	Why     string   // why it is not here, or only in part
}

// tests reads lists of the form "package: Function Function".
func tests(lists ...string) (all []Test) {
	for _, list := range lists {
		folder, functions, _ := strings.Cut(list, ":")
		for _, function := range strings.Fields(functions) {
			all = append(all, Test{folder, function})
		}
	}
	return all
}

// device is tests of package authenticator.
func device(functions string) []Test { return tests("authenticator:" + functions) }

// names reads identifiers of package ctap.
func names(list string) (all []string) {
	for _, name := range strings.Fields(list) {
		all = append(all, "ctap."+name)
	}
	return all
}

// All returns every table in the order of the document.
func All() []Table {
	return []Table{
		commands, pinSubcommands, credentialSubcommands, bioSubcommands, configSubcommands,
		protocols, permissions, rules, versions, members, options, extensions,
		algorithms, attestation, u2f, hid, nfc, bluetooth, hybrid, clientRules, clientExtensions,
	}
}

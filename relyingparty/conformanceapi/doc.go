// Package conformanceapi is the HTTP interface by which a conformance driver talks to
// a relying party: the one that the FIDO Alliance publishes for servers ("Conformance
// Test API" in its conformance-test-tools-resources).
//
// It owns that interface, its quirks included, and users that have nothing but a name
// and credentials. The ceremonies are those of [ceremony.Ceremonies], so that what
// is judged is what the site does. It must never know the site's accounts: whoever
// asks registers credentials for any name, which is what a driver needs and what no
// account must allow.
package conformanceapi

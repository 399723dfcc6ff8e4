package layers

import "strings"

const module = "github.com/passkeylab/passkeylab"

// floors lists the rooms from the ground up. A room imports rooms on floors
// below its own, never one beside or above it. "/…" stands for all rooms
// under a folder. A room's internal packages are parts of the room: they live
// on its floor and only the room's own packages may meet there.
var floors = [][]string{
	{"internal/canon", "internal/apdu", "internal/jsontext", "internal/seed", "internal/primes", "internal/fuzzseed", "internal/labcert", "internal/nearest", "internal/printable", "internal/latewait", "internal/occasion", "internal/ctapdoc", "internal/child", "internal/scratch", "internal/qr", "internal/screen", "internal/workshop", "internal/laps", "internal/contract", "internal/shop", "internal/totp", "internal/mutation/gauge"},
	{"webauthn", "testdata", "internal/report", "internal/doctor", "internal/jsondoc", "internal/layers", "internal/ctapdoc/…", "internal/privatebus", "internal/privatepostgres", "internal/mutation"},
	{"ctap", "internal/mutation/run"},
	{"ctap/…", "attestation"},
	{"attestation/…"},
	{"relyingparty/ceremony"},
	{"authenticator", "client", "relyingparty", "conformance"},
	{"authenticator/…", "client/…", "relyingparty/…", "conformance/…", "transport"},
	{"authenticator/…", "client/…", "relyingparty/…", "conformance/…", "transport"},
	{"transport/…", "authenticator/subject", "client/subject", "client/driver", "relyingparty/subject", "conformance/authenticators/generate", "conformance/clients/generate", "conformance/relyingparties/generate", "internal/faultdoc"},
	{"transport/target", "transport/hybrid/hybridtest", "internal/faultdoc/…", "relyingparty/subject/generate", "internal/proofdoc"},
	{"transport/subject", "authenticator/subject/generate", "internal/mutation/trial", "internal/proofdoc/…"},
	{"browser", "wire", "adapter", "interop/…"},
	{"interop/attestation/generate", "fleet", "browser/subject"},
	{"."},
	{"scenarios"},
	{"cmd/passkeylab", "examples/…"},
	{"examples/notes/cmd/notes"},
}

// judgeCeiling is the last room that conformance may import from, so that it
// can be aimed at any device or server.
const judgeCeiling = "attestation/…"

// room returns the room that a package belongs to: itself, or the package
// whose internal folder it lies in.
func room(pkg string) string {
	if owner, _, found := strings.Cut(pkg, "/internal/"); found {
		return owner
	}
	return pkg
}

// floor returns the floor of a room, counted from 1, or 0 when it has none.
func floor(pkg string) int {
	pkg = room(pkg)
	under := 0
	for i, rooms := range floors {
		for _, name := range rooms {
			if name == pkg {
				return i + 1
			}
			if folder, all := strings.CutSuffix(name, "/…"); all && strings.HasPrefix(pkg, folder+"/") {
				under = i + 1
			}
		}
	}
	return under
}

// ours returns the folder of an imported package of this module, "." for its root.
func ours(importPath string) (pkg string, is bool) {
	if importPath == module {
		return ".", true
	}
	return strings.CutPrefix(importPath, module+"/")
}

// within reports whether pkg is folder or lies in it.
func within(pkg, folder string) bool {
	return pkg == folder || strings.HasPrefix(pkg, folder+"/")
}

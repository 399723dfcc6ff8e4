package authenticators

import (
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// info is what getInfo said, read without complaint: what is of the wrong type is
// as if absent. The cases of getInfo itself complain.
type info struct {
	members    cbor.Map
	versions   []string
	extensions []string
	options    map[string]bool
	protocols  []int
}

func getInfoRequest() request { return request{command: ctap.CommandGetInfo, bare: true} }

// info asks the device what it is, unless it has said so since something changed.
func (k *key) info() *info {
	if k.known == nil {
		a := k.send(getInfoRequest())
		if a.status == ctap.InvalidCommand {
			k.Unsupportedf("needs CTAP2, which a device does not have that answers getInfo with %s", a.status)
		}
		k.expectOK(a)
		k.known = readInfo(a.members)
	}
	return k.known
}

// isU2FAlone reports whether the device has no CTAP2, and thus no info.
func (k *key) isU2FAlone() bool {
	return k.known == nil && k.send(getInfoRequest()).status == ctap.InvalidCommand
}

// freshInfo asks again.
func (k *key) freshInfo() *info {
	k.known = nil
	return k.info()
}

func readInfo(m cbor.Map) *info {
	i := &info{members: m, options: map[string]bool{}}
	i.versions, i.extensions = i.texts(infoVersions), i.texts(infoExtensions)
	if options, ok := i.value(infoOptions).(cbor.Map); ok {
		for _, p := range options {
			id, isText := p.Key.(string)
			value, isBool := p.Value.(bool)
			if isText && isBool {
				i.options[id] = value
			}
		}
	}
	for _, n := range i.uints(infoProtocols) {
		i.protocols = append(i.protocols, int(min(n, 1<<16)))
	}
	return i
}

func (i *info) value(member int) any {
	v, _ := i.members.Get(member)
	return v
}

func (i *info) has(member int) bool { return i.members.Has(member) }

func (i *info) texts(member int) (out []string) {
	list, _ := i.value(member).(cbor.Array)
	for _, v := range list {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

func (i *info) uints(member int) (out []uint64) {
	list, _ := i.value(member).(cbor.Array)
	for _, v := range list {
		if n, ok := unsigned(v); ok {
			out = append(out, n)
		}
	}
	return out
}

// uint returns a number, or what stands for it where the device does not say.
func (i *info) uint(member int, otherwise uint64) uint64 {
	if n, ok := unsigned(i.value(member)); ok {
		return n
	}
	return otherwise
}

func (i *info) isTrue(member int) bool {
	b, _ := i.value(member).(bool)
	return b
}

func unsigned(v any) (uint64, bool) {
	switch n := v.(type) {
	case int64:
		return uint64(n), n >= 0
	case uint64:
		return n, true
	}
	return 0, false
}

func (i *info) version(v string) bool    { return slices.Contains(i.versions, v) }
func (i *info) extension(id string) bool { return slices.Contains(i.extensions, id) }

// option is an option with the default of CTAP 2.3 §6.4 where it is absent.
func (i *info) option(id string) bool {
	value, present := i.options[id]
	return value || !present && id == ctap.OptionUP
}

func (i *info) listed(id string) bool {
	_, present := i.options[id]
	return present
}

// atLeast21 reports whether the rules of CTAP 2.1 bind the device.
func (i *info) atLeast21() bool {
	return i.version(ctap.VersionFIDO21) || i.version(ctap.VersionFIDO23)
}

// protected reports whether some form of user verification protects the device
// (CTAP 2.3 §5).
func (i *info) protected() bool {
	return i.option(ctap.OptionClientPIN) || i.option(ctap.OptionUV)
}

// pinServesCeremonies reports whether a token got by PIN makes credentials.
func (i *info) pinServesCeremonies() bool {
	return !i.option(ctap.OptionNoMcGaPermissionsWithClientPin)
}

// needsUV is the status for a ceremony that lacks user verification (§6.1.2 steps
// 6 to 8): it depends on whether a PIN would help.
func (i *info) needsUV(pinHelps bool) ctap.Status {
	if pinHelps && i.pinServesCeremonies() {
		return ctap.PUATRequired
	}
	return ctap.OperationDenied
}

// algorithms are those that the device lists, and ES256 where it lists none.
func (i *info) algorithms() (out []int64) {
	list, _ := i.value(infoAlgorithms).(cbor.Array)
	for _, v := range list {
		entry, _ := v.(cbor.Map)
		alg, _ := entry.Get("alg")
		if n, ok := alg.(int64); ok {
			out = append(out, n)
		}
	}
	if out == nil {
		return []int64{algES256}
	}
	return out
}

// quickest are the same with ES256 first, where it is there: keys of RSA take long to
// make, and most cases are not about algorithms.
func (i *info) quickest() []int64 {
	all := slices.Clone(i.algorithms())
	slices.SortStableFunc(all, func(a, b int64) int {
		switch {
		case a == b:
			return 0
		case a == algES256:
			return -1
		case b == algES256:
			return 1
		}
		return 0
	})
	return all
}

// protocol is the PIN/UV auth protocol that the device prefers.
func (k *key) protocol() int {
	all := k.info().protocols
	if len(all) == 0 {
		k.Fatalf("getInfo lists no PIN/UV auth protocol")
	}
	return all[0]
}

func (i *info) summary() string {
	return fmt.Sprintf("versions %v, extensions %v, options %v, protocols %v", i.versions, i.extensions, i.options, i.protocols)
}

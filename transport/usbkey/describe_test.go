//go:build linux && (amd64 || arm64)

package usbkey_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

const reportDescriptor = "06d0f10901a1010920150026ff007508954081020921150026ff00750895409102c0"

// What hidraw tells of a key, asked of a node that is open for reading only.
func TestWhatAKeySaysOfItself(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	key.Vendor, key.Product, key.Maker, key.Name, key.Serial = 0xfeed, 0xbeef, "Maker", "Key", "42"
	p := start(t, key)
	zeros := func(n int) string { return strings.Repeat("00", n) }
	hexOf := func(s string) string {
		var b strings.Builder
		for _, c := range []byte(s) {
			b.WriteString(string("0123456789abcdef"[c>>4]) + string("0123456789abcdef"[c&15]))
		}
		return b.String()
	}
	for name, c := range map[string]struct{ request, before, answer string }{
		"HIDIOCGRDESCSIZE":              {"0x80044801", zeros(4), "0 22000000"},
		"HIDIOCGRDESC":                  {"0x90044802", "22000000" + zeros(34), "0 22000000" + reportDescriptor},
		"HIDIOCGRDESC, little room":     {"0x90044802", "05000000" + zeros(5), "0 05000000" + reportDescriptor[:10]},
		"HIDIOCGRDESC, much room":       {"0x90044802", "ff0f0000" + zeros(34), "0 ff0f0000" + reportDescriptor},
		"HIDIOCGRAWINFO":                {"0x80084803", zeros(8), "0 03000000edfeefbe"},
		"HIDIOCGRAWNAME":                {"0x80404804", zeros(12), "10 " + hexOf("Maker Key") + zeros(3)},
		"HIDIOCGRAWNAME, little room":   {"0x80034804", zeros(4), "3 " + hexOf("Mak") + "00"},
		"HIDIOCGRAWPHYS":                {"0x80ff4805", zeros(25), "24 " + hexOf("usb-passkeylab-1/input0") + zeros(2)},
		"HIDIOCGRAWUNIQ":                {"0x80404808", zeros(4), "3 " + hexOf("42") + zeros(2)},
		"HIDIOCSFEATURE, there is none": {"0xc0044806", zeros(4), "error: broken pipe"},
		"unknown":                       {"0x800448ff", zeros(4), "error: inappropriate ioctl for device"},
	} {
		assert.Equal(t, c.answer, p.do(t, "ask", p.bus.Nodes()[0], c.request, c.before), name)
	}
	assert.Equal(t, "error: inappropriate ioctl for device", p.do(t, "ask", "/dev/null", "0x80044801", zeros(4)), "that is no key")
}

// Package exec has unmodified programs use a virtual security key under
// `passkeylab exec`: Debian's fido2-tools, OpenSSH, python-fido2 and others. They
// look for a key on the USB as they always do, and find ours.
//
// The tests carry the build tag "interop". The package must never know how the key
// comes to be there.
package exec

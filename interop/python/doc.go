// Package python has python-fido2 use our device, as a program that is not ours
// would: over CTAPHID, with its own codec, its own PIN/UV auth protocols and its
// own relying party. It also has it verify our tpm statements.
//
// It owns the checks (Python) and the devices they are aimed at (Go). Its tests
// carry the build tag interop, since they install python-fido2; make interop
// runs them. It must never know how a device comes to its answers.
package python

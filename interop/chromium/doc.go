// Package chromium holds real Chromium to what is known of it as a client, over USB
// and hybrid transports: the judge's authenticator is the device.
//
// It owns the lists of what Chromium fails. The tests carry the build tag interop, as
// they take minutes; make interop runs them. It must never know how Chromium is driven,
// which is browser/subject.
package chromium

// Package hidraw reaches FIDO devices that the operating system has, by way of
// Linux's /dev/hidraw files: real keys, and those that stand in for one.
//
// It owns which of them are FIDO devices, and how a report lies in such a file.
// It must never know what is in a report.
//
// What was not seen working: no real key was at hand. Tests use the virtual ones
// of package usbkey.
package hidraw

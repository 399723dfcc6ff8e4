// Package hidraw reaches FIDO devices that the operating system has, by way of
// Linux's /dev/hidraw files: real keys, and those that stand in for one.
//
// It owns which of them are FIDO devices, and how a report lies in such a file.
// It must never know what is in a report.
//
// What was not seen working: no real key was at hand, so that tests have files
// and folders stand in for the kernel's.
package hidraw

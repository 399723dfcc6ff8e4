// Package seccomp lets one process answer a few system calls of others: those
// that open a file for reading and writing, that ask a HID device about itself, and
// that make a socket to hear of devices.
//
// It owns the filter and the kernel's structures. It must never know what the
// answers are.
package seccomp

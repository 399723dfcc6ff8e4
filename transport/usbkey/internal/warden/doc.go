// Package warden is the process between us and a command that sees virtual keys:
// it makes the private /sys and /dev, starts the command under the filter, stays
// as its parent, and ends with everything that came of it.
//
// It owns mounts, the filter's installation, signals and the reaping of children.
// It must never know what a report is, nor answer a system call: that is for the
// process outside.
//
// A Go program cannot fork, and namespaces, filters and capabilities must be set
// up in the process that becomes the command's parent. So the program that uses
// this package is started again, with [Marker] as its name, and is a warden before
// its main, or a test's, ever runs. That works in every program which imports the
// package, and needs no second file.
package warden

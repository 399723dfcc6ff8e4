// Package uhid makes a device a USB key of this machine, for every program on it,
// by way of Linux's /dev/uhid.
//
// It owns the events that go over that file. It must never know what is in a
// report.
//
// What was not seen working: the kernel that this was written on has no uhid. The
// events are those of the kernel's header, and tests play the kernel's side; that
// a kernel agrees is not tested here.
package uhid

// Package hidg makes this machine a security key for another one, by way of
// Linux's USB gadgets: a board with a device port, plugged into a host, is a FIDO
// key to that host.
//
// It owns the gadget's folders in configfs and the file its reports go through.
// It must never know what is in a report.
//
// What was not seen working: the kernel that this was written on has neither
// configfs nor a device controller. Tests have a folder stand in for configfs,
// which keeps to its rules as the kernel's documentation tells them, and
// pipes for the gadget's file; that a kernel and a host agree is not tested here.
package hidg

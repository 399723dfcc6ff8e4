// Package usbkey plugs virtual USB security keys into a command, and into nothing
// else on the machine, without a driver in the kernel: the command and all that it
// starts see /dev/hidraw nodes and what belongs to them in /sys. It works on Linux
// (amd64 and arm64), for ordinary users where user namespaces are allowed;
// elsewhere everything here returns [ErrUnavailable].
//
// It owns the private /sys and /dev, who has which key open, and the answers to
// the few system calls that a terminal cannot give in a hidraw node's stead. It
// must never know what is in a report.
//
// A program that imports this package is started a second time for each command,
// from /proc/self/exe, and stays as the command's parent until it ends. See
// docs/decisions/008-usb-key-without-a-kernel.md.
package usbkey

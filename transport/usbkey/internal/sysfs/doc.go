// Package sysfs lays out what the kernel says in /sys about a FIDO key on the
// USB: device, interface, HID device and hidraw node, as libudev, libfido2 and
// Chromium look them up.
//
// It owns names and contents as data. It must never touch a file, and never know
// who reads them.
package sysfs

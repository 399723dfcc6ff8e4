// Package control lets a program stand in for the person at a device: touches,
// refusals and delays, power that goes and comes back, over HTTP and in the
// dialects of existing test suites.
//
// It owns the user that it drives, the doors that close when the power goes, and
// the words of the channel. It must never know what a request to the device says.
package control

// Package bluez carries the adverts of the hybrid transport over BlueZ, the
// Bluetooth stack of Linux, which programs reach by D-Bus.
//
// It has a stand-in for BlueZ on a bus of its own, for programs under test on
// machines without a radio. It must never know what an advert says.
package bluez

// Package bluez uses the Bluetooth of a Linux machine through BlueZ, which other
// programs reach over the D-Bus system bus: it advertises and scans for the hybrid
// transport, and serves a device as a security key over Bluetooth (CTAP 2.3 §11.4).
//
// It owns the names and objects of BlueZ. It must never know what an advert or a
// message means. What BlueZ does is known here from its documentation and tested
// against a stand-in; no radio has been seen.
package bluez

// Package standin plays BlueZ, the Bluetooth of Linux, for a program that is told
// the address of its bus. The program believes that there is an adapter, scans,
// and finds what the test has put on the air; no radio is needed.
//
// It owns a private D-Bus, the objects of org.bluez on it and what is on the air.
// It plays what programs of the FIDO world ask of BlueZ, and the remote end of
// what they offer. It must never know what an advert or a characteristic means.
package standin

// Package desktop is what a browser with windows needs around it: an X display
// to draw on, and a private D-Bus on which it tells what its windows contain,
// as it would tell a screen reader (AT-SPI 2).
//
// Through the second, a test reads the browser's own interface, such as the
// autofill popup, which no page and no DevTools command can see. The package
// must never know what the browser is for; it sees windows, roles and names.
package desktop

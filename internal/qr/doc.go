// Package qr reads QR codes from pictures and draws them.
//
// It owns the limits of what is looked at, and how codes are looked for. It must
// never know what a code says.
package qr

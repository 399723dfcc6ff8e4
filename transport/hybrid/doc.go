// Package hybrid runs the hybrid transport of CTAP (CTAP 2.3 §11.5) between a
// [Phone], which has a device, and a [Computer], which has use for one. Either can
// be ours while the other is somebody else's.
//
// It owns the order of the steps, patience, links, and what each side says when a
// step fails. What is near is told by an [Advertiser] and a [Scanner], of which
// [Air] is both, and tunnels are reached by a [Dialer], of which [WebSockets] is
// one. It must never know what Bluetooth is, nor what runs at a tunnel service.
//
// A transaction with a QR code:
//
//	Computer                     tunnel service                        Phone
//	   │ shows a QR code ········································▶ scans it │
//	   │                                ◀── /cable/new/{tunnel} ────────────│
//	   │ ◀······································ advert: where the tunnel is │
//	   │── /cable/connect/{routing}/{tunnel} ──▶                            │
//	   │ ◀═══════════ handshake, then messages only they can read ════════▶ │
package hybrid

package bluez

import (
	"context"
	"fmt"

	"github.com/godbus/dbus/v5"

	"github.com/passkeylab/passkeylab/ctap/ble"
	"github.com/passkeylab/passkeylab/transport"
)

// What BlueZ calls services.
const (
	gattFace           = "org.bluez.GattManager1"
	serviceFace        = "org.bluez.GattService1"
	characteristicFace = "org.bluez.GattCharacteristic1"
)

// ServeFIDO offers a device as a security key over Bluetooth, to one client at a
// time, until ctx ends, which is no error (CTAP 2.3 §11.4). A client has to pair
// with protection against a man in the middle; BlueZ does that, with whatever agent
// it has, such as that of bluetoothctl. What is advertised says that the key can be
// paired with.
func (r *Radio) ServeFIDO(ctx context.Context, device *transport.BLEServer) error {
	err := r.serveFIDO(ctx, device)
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func (r *Radio) serveFIDO(ctx context.Context, device *transport.BLEServer) error {
	signals := make(chan *dbus.Signal, 256)
	r.conn.Signal(signals)
	defer r.conn.RemoveSignal(signals)
	match := []dbus.MatchOption{dbus.WithMatchSender(service), dbus.WithMatchInterface(properties), dbus.WithMatchMember("PropertiesChanged"), dbus.WithMatchArg(0, deviceFace)}
	if err := r.conn.AddMatchSignalContext(ctx, match...); err != nil {
		return fmt.Errorf("listen to BlueZ: %w", err)
	}
	defer func() { _ = r.conn.RemoveMatchSignal(match...) }()

	k := &key{radio: r, device: device, path: dbus.ObjectPath(fmt.Sprintf("/passkeylab/key%d", r.adverts.Add(1)))}
	defer k.withdraw()
	if err := k.export(); err != nil {
		return err
	}
	// Also where ctx ends before BlueZ has answered. BlueZ ends it in any case when
	// the connection does.
	defer func() { _ = r.call(context.WithoutCancel(ctx), gattFace+".UnregisterApplication", k.path) }()
	if err := r.call(ctx, gattFace+".RegisterApplication", k.path, map[string]dbus.Variant{}); err != nil {
		return fmt.Errorf("BlueZ does not offer the FIDO service: %w", err)
	}
	// Only now, so that nobody connects to find no service.
	stop, err := r.advertise(ctx, advertisement{service: ble.ServiceUUID, data: []byte{ble.PairingMode}, key: true})
	if err != nil {
		return err
	}
	defer stop()
	return k.follow(ctx, signals)
}

// follow lets go of clients that disconnect.
func (k *key) follow(ctx context.Context, signals <-chan *dbus.Signal) error {
	for {
		select {
		case signal, open := <-signals:
			if !open {
				return fmt.Errorf("BlueZ has gone: %w", ErrNoRadio)
			}
			if deviceOf(signal)["Connected"].Value() == false {
				k.release(signal.Path)
			}
		case <-k.radio.conn.Context().Done():
			return fmt.Errorf("the bus has gone: %w", ErrNoRadio)
		case <-ctx.Done():
			return nil
		}
	}
}

// characteristic is one of the FIDO service.
type characteristic struct {
	name  string
	uuid  string
	flags []string
	read  func(*transport.BLEPort) []byte
	write func(*transport.BLEPort, []byte) error
}

// Flags of characteristics: whoever reads or writes has paired. What is notified
// answers what was written, on the same connection; older BlueZ have no such flag
// for it.
const (
	readPaired  = "encrypt-authenticated-read"
	writePaired = "encrypt-authenticated-write"
	notify      = "notify"
)

// u2fRevision is the value of the characteristic that U2F had before there was a
// bitfield.
const u2fRevision = "1.2"

// status is the characteristic that is notified.
const status = "status"

var characteristics = []characteristic{
	{
		name: "controlpoint", uuid: ble.ControlPointUUID, flags: []string{writePaired},
		write: func(p *transport.BLEPort, value []byte) error { p.Write(value); return nil },
	},
	{name: status, uuid: ble.StatusUUID, flags: []string{notify}},
	{
		name: "length", uuid: ble.ControlPointLengthUUID, flags: []string{readPaired},
		read: (*transport.BLEPort).ReadControlPointLength,
	},
	{
		name: "bitfield", uuid: ble.RevisionBitfieldUUID, flags: []string{readPaired, writePaired},
		read: (*transport.BLEPort).ReadRevisions, write: (*transport.BLEPort).WriteRevision,
	},
	{
		name: "revision", uuid: ble.RevisionUUID, flags: []string{readPaired},
		read: func(*transport.BLEPort) []byte { return []byte(u2fRevision) },
	},
}

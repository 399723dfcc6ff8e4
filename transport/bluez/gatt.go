package bluez

import (
	"context"
	"errors"
	"fmt"

	"github.com/godbus/dbus/v5"

	"github.com/passkeylab/passkeylab/ctap/ble"
	"github.com/passkeylab/passkeylab/transport"
)

const (
	gattInterface           = "org.bluez.GattManager1"
	serviceInterface        = "org.bluez.GattService1"
	characteristicInterface = "org.bluez.GattCharacteristic1"
)

// ServeFIDO offers a device as a security key over Bluetooth, to one client at a
// time, until ctx ends, which is no error (CTAP 2.3 §11.4). A client has to pair
// with protection against a man in the middle; BlueZ does that, with whatever agent
// it has, such as that of bluetoothctl. What is advertised says that the key can be
// paired with.
func (a *Adapter) ServeFIDO(ctx context.Context, device *transport.BLEServer) error {
	signals, unfollow, err := a.follow(ctx)
	if err == nil {
		defer unfollow()
		err = a.serveFIDO(ctx, device, signals)
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func (a *Adapter) serveFIDO(ctx context.Context, device *transport.BLEServer, signals <-chan *dbus.Signal) error {
	k := &key{adapter: a, device: device, path: a.newPath("key")}
	withdraw, err := k.export()
	defer withdraw()
	defer k.release("")
	if err != nil {
		return err
	}
	// Whether or not it was registered; where it fails it was not, or BlueZ has ended.
	defer func() {
		_ = a.call(context.WithoutCancel(ctx), gattInterface+".UnregisterApplication", k.path)
	}()
	if err := a.call(ctx, gattInterface+".RegisterApplication", k.path, properties{}); err != nil {
		return fmt.Errorf("BlueZ does not offer the FIDO service: %w", err)
	}
	// Only now, so that nobody connects to find no service.
	stop, err := a.advertise(ctx, advertisement{
		kind: "peripheral", discover: true, uuids: []string{ble.ServiceUUID},
		serviceData: map[string][]byte{ble.ServiceUUID: {ble.PairingMode}},
	})
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
		case signal, ok := <-signals:
			if !ok {
				return errors.New("the bus that BlueZ is reached over has ended")
			}
			if deviceIn(signal)["Connected"].Value() == false && signal.Name == propertiesInterface+".PropertiesChanged" {
				k.release(signal.Path)
			}
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

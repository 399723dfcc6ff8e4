package bluez

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/godbus/dbus/v5"

	"github.com/passkeylab/passkeylab/ctap/hybrid"
)

const (
	advertisingInterface   = "org.bluez.LEAdvertisingManager1"
	advertisementInterface = "org.bluez.LEAdvertisement1"
)

// advertisement is what BlueZ reads from an object of ours.
type advertisement struct {
	kind        string // "broadcast" cannot be connected to, "peripheral" can
	uuids       []string
	serviceData map[string][]byte
	discover    bool // set the flag of a device that can be found
}

func (d advertisement) properties() properties {
	data := properties{}
	for uuid, bytes := range d.serviceData {
		data[uuid] = dbus.MakeVariant(bytes)
	}
	p := properties{"Type": dbus.MakeVariant(d.kind), "ServiceData": dbus.MakeVariant(data)}
	if len(d.uuids) > 0 {
		p["ServiceUUIDs"] = dbus.MakeVariant(d.uuids)
	}
	if d.discover {
		p["Discoverable"] = dbus.MakeVariant(true)
	}
	return p
}

// Advertise sends service data of the hybrid transport to all that are near, until
// stop is called or the adapter is closed (CTAP 2.3 §11.5). ctx limits the start
// only.
func (a *Adapter) Advertise(ctx context.Context, serviceData []byte) (stop func(), err error) {
	return a.advertise(ctx, advertisement{
		kind: "broadcast", serviceData: map[string][]byte{hybrid.ServiceUUID: slices.Clone(serviceData)},
	})
}

func (a *Adapter) advertise(ctx context.Context, what advertisement) (stop func(), err error) {
	path := a.newPath("advertisement")
	told := what.properties()
	withdraw, err := a.export(path, map[string]map[string]any{
		advertisementInterface: {"Release": func() *dbus.Error { return nil }},
		propertiesInterface:    {"GetAll": func(string) (properties, *dbus.Error) { return told, nil }},
	})
	if err != nil {
		return nil, err
	}
	stop = sync.OnceFunc(func() {
		// Where it fails there was no advert, or BlueZ has ended and the advert with it.
		_ = a.call(context.Background(), advertisingInterface+".UnregisterAdvertisement", path)
		withdraw()
	})
	if err := a.call(ctx, advertisingInterface+".RegisterAdvertisement", path, properties{}); err != nil {
		stop()
		return nil, fmt.Errorf("BlueZ does not advertise: %w", err)
	}
	return stop, nil
}

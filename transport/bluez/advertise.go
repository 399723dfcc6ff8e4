package bluez

import (
	"context"
	"fmt"

	"github.com/godbus/dbus/v5"
)

// What BlueZ calls the advertising side.
const (
	advertisingFace   = "org.bluez.LEAdvertisingManager1"
	advertisementFace = "org.bluez.LEAdvertisement1"
)

// advertisement is org.bluez.LEAdvertisement1 with its properties, which BlueZ reads
// when it is registered.
type advertisement struct {
	service string
	data    []byte
	key     bool // that can be found, connected to, and has the service
}

// Release is called when BlueZ ends the advert by itself.
func (advertisement) Release() *dbus.Error { return nil }

// Get returns a property.
func (a advertisement) Get(face, name string) (dbus.Variant, *dbus.Error) {
	all, err := a.GetAll(face)
	if err != nil {
		return dbus.Variant{}, err
	}
	value, ok := all[name]
	if !ok {
		return dbus.Variant{}, dbus.MakeFailedError(fmt.Errorf("no property %q", name))
	}
	return value, nil
}

// GetAll returns all properties. Nobody can connect to a phone: its tunnel is
// elsewhere.
func (a advertisement) GetAll(face string) (map[string]dbus.Variant, *dbus.Error) {
	if face != advertisementFace {
		return nil, dbus.MakeFailedError(fmt.Errorf("no interface %q", face))
	}
	all := map[string]dbus.Variant{
		"Type":        dbus.MakeVariant("broadcast"),
		"ServiceData": dbus.MakeVariant(map[string]dbus.Variant{a.service: dbus.MakeVariant(a.data)}),
	}
	if a.key {
		all["Type"] = dbus.MakeVariant("peripheral")
		all["Discoverable"] = dbus.MakeVariant(true)
		all["ServiceUUIDs"] = dbus.MakeVariant([]string{a.service})
	}
	return all, nil
}

// Advertise broadcasts data of a service, such as [FIDOService], until stop is
// called.
func (r *Radio) Advertise(ctx context.Context, service string, data []byte) (stop func(), err error) {
	if len(data) == 0 || len(data) > maxServiceData {
		return nil, fmt.Errorf("service data of %d bytes: an advert carries 1 to %d", len(data), maxServiceData)
	}
	return r.advertise(ctx, advertisement{service: service, data: append([]byte(nil), data...)})
}

func (r *Radio) advertise(ctx context.Context, a advertisement) (stop func(), err error) {
	path := dbus.ObjectPath(fmt.Sprintf("/passkeylab/advert%d", r.adverts.Add(1)))
	for _, face := range []string{advertisementFace, properties} {
		if err := r.conn.Export(a, path, face); err != nil {
			return nil, err
		}
	}
	stop = func() {
		// It may not have come so far, and BlueZ ends it in any case when the
		// connection does.
		_ = r.call(context.WithoutCancel(ctx), advertisingFace+".UnregisterAdvertisement", path)
		for _, face := range []string{advertisementFace, properties} {
			_ = r.conn.Export(nil, path, face) // fails only for paths that are none
		}
	}
	if err := r.call(ctx, advertisingFace+".RegisterAdvertisement", path, map[string]dbus.Variant{}); err != nil {
		stop()
		return nil, fmt.Errorf("BlueZ does not advertise: %w", err)
	}
	return stop, nil
}

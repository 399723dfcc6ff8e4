package bluez

import (
	"context"
	"fmt"

	"github.com/godbus/dbus/v5"
)

// Scan listens for service data of hybrid transports, of either UUID, until ctx
// ends. heard is called with what comes, from one goroutine; repetitions come as
// often as BlueZ reports them. Scan returns nil when ctx has ended.
func (r *Radio) Scan(ctx context.Context, heard func(data []byte)) error {
	signals := make(chan *dbus.Signal, 256)
	r.conn.Signal(signals)
	defer r.conn.RemoveSignal(signals)
	for _, match := range [][]dbus.MatchOption{
		{dbus.WithMatchInterface(objectManager), dbus.WithMatchMember("InterfacesAdded")},
		{dbus.WithMatchInterface(properties), dbus.WithMatchMember("PropertiesChanged"), dbus.WithMatchArg(0, deviceFace)},
	} {
		match = append(match, dbus.WithMatchSender(service))
		if err := r.conn.AddMatchSignalContext(ctx, match...); err != nil {
			return fmt.Errorf("listen to BlueZ: %w", err)
		}
		defer func() { _ = r.conn.RemoveMatchSignal(match...) }()
	}
	filter := map[string]dbus.Variant{"Transport": dbus.MakeVariant("le"), "DuplicateData": dbus.MakeVariant(true)}
	if err := r.call(ctx, adapterFace+".SetDiscoveryFilter", filter); err != nil {
		return fmt.Errorf("BlueZ does not scan: %w", err)
	}
	if err := r.call(ctx, adapterFace+".StartDiscovery"); err != nil {
		return fmt.Errorf("BlueZ does not scan: %w", err)
	}
	defer func() { _ = r.call(context.WithoutCancel(ctx), adapterFace+".StopDiscovery") }()
	r.known(ctx, heard)
	return r.listen(ctx, signals, heard)
}

// known reports what BlueZ had heard before.
func (r *Radio) known(ctx context.Context, heard func([]byte)) {
	objects, err := r.objects(ctx)
	if err != nil {
		return // the bus ends, which listen reports
	}
	for _, faces := range objects {
		report(faces[deviceFace], heard)
	}
}

func (r *Radio) listen(ctx context.Context, signals <-chan *dbus.Signal, heard func([]byte)) error {
	for {
		select {
		case signal, open := <-signals:
			if !open {
				return fmt.Errorf("BlueZ has gone: %w", ErrNoRadio)
			}
			report(deviceOf(signal), heard)
		case <-r.conn.Context().Done():
			return fmt.Errorf("the bus has gone: %w", ErrNoRadio)
		case <-ctx.Done():
			return nil
		}
	}
}

// deviceOf is what a signal says of a device; nil if it says nothing.
func deviceOf(signal *dbus.Signal) map[string]dbus.Variant {
	switch {
	case signal.Name == objectManager+".InterfacesAdded" && len(signal.Body) == 2:
		added, _ := signal.Body[1].(map[string]map[string]dbus.Variant)
		return added[deviceFace]
	case signal.Name == properties+".PropertiesChanged" && len(signal.Body) == 3 && signal.Body[0] == deviceFace:
		changed, _ := signal.Body[1].(map[string]dbus.Variant)
		return changed
	}
	return nil
}

// report hands on service data of hybrid transports.
func report(device map[string]dbus.Variant, heard func([]byte)) {
	services, _ := device["ServiceData"].Value().(map[string]dbus.Variant)
	for _, uuid := range []string{FIDOService, LegacyService} {
		if data, ok := services[uuid].Value().([]byte); ok && len(data) <= maxServiceData {
			heard(data)
		}
	}
}

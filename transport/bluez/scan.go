package bluez

import (
	"context"
	"errors"
	"fmt"

	"github.com/godbus/dbus/v5"

	"github.com/passkeylab/passkeylab/ctap/hybrid"
)

// legacyUUID is under what adverts of the hybrid transport went at first.
const legacyUUID = "0000fde2-0000-1000-8000-00805f9b34fb"

// signalQueue is how many signals of BlueZ wait to be looked at.
const signalQueue = 256

// Scan listens for service data of the hybrid transport that are sent near by, and
// hands them to heard, which says whether it has heard enough. The same data can
// come many times. It returns nil after enough, or else why it stopped listening.
func (a *Adapter) Scan(ctx context.Context, heard func(serviceData []byte) (enough bool)) (err error) {
	signals, unfollow, err := a.follow(ctx)
	if err != nil {
		return err
	}
	defer unfollow()
	filter := properties{"Transport": dbus.MakeVariant("le"), "DuplicateData": dbus.MakeVariant(true)}
	if err := a.call(ctx, adapterInterface+".SetDiscoveryFilter", filter); err != nil {
		return fmt.Errorf("BlueZ does not scan: %w", err)
	}
	if err := a.call(ctx, adapterInterface+".StartDiscovery"); err != nil {
		return fmt.Errorf("BlueZ does not scan: %w", err)
	}
	// Where it fails BlueZ has ended, and the scan with it.
	defer func() { _ = a.call(context.WithoutCancel(ctx), adapterInterface+".StopDiscovery") }()
	for {
		select {
		case signal, ok := <-signals:
			if !ok {
				return errors.New("the bus that BlueZ is reached over has ended")
			}
			if data := serviceDataIn(signal); data != nil && heard(data) {
				return nil
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// follow returns what BlueZ says of devices, until unfollow is called.
func (a *Adapter) follow(ctx context.Context) (signals chan *dbus.Signal, unfollow func(), err error) {
	signals = make(chan *dbus.Signal, signalQueue)
	a.conn.Signal(signals)
	matches := [][]dbus.MatchOption{
		{dbus.WithMatchSender(busName), dbus.WithMatchInterface(managerInterface), dbus.WithMatchMember("InterfacesAdded")},
		{dbus.WithMatchSender(busName), dbus.WithMatchInterface(propertiesInterface), dbus.WithMatchArg(0, deviceInterface)},
	}
	for _, match := range matches {
		err = errors.Join(err, a.conn.AddMatchSignalContext(ctx, match...))
	}
	unfollow = func() {
		a.conn.RemoveSignal(signals)
		for _, match := range matches {
			_ = a.conn.RemoveMatchSignal(match...) // the bus may have ended
		}
	}
	if err != nil {
		unfollow()
		return nil, nil, err
	}
	return signals, unfollow, nil
}

// serviceDataIn returns the service data that a signal tells of, nil for none: a
// device was found, or one that is known sends something else now.
func serviceDataIn(signal *dbus.Signal) []byte {
	device := deviceIn(signal)
	all, ok := device["ServiceData"].Value().(properties)
	if !ok {
		return nil
	}
	for _, uuid := range []string{hybrid.ServiceUUID, legacyUUID} {
		if data, ok := all[uuid].Value().([]byte); ok {
			return data
		}
	}
	return nil
}

// deviceIn returns what a signal tells of a device, nil for nothing.
func deviceIn(signal *dbus.Signal) properties {
	if len(signal.Body) < 2 {
		return nil
	}
	switch signal.Name {
	case managerInterface + ".InterfacesAdded":
		if added, ok := signal.Body[1].(interfaces); ok {
			return added[deviceInterface]
		}
	case propertiesInterface + ".PropertiesChanged":
		if changed, ok := signal.Body[1].(properties); ok && signal.Body[0] == deviceInterface {
			return changed
		}
	}
	return nil
}

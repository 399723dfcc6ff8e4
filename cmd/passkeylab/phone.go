package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"image"
	"os"

	"github.com/passkeylab/passkeylab/authenticator/profile"
	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/internal/qr"
	"github.com/passkeylab/passkeylab/internal/screen"
	"github.com/passkeylab/passkeylab/transport/bluez"
	"github.com/passkeylab/passkeylab/transport/control"
	"github.com/passkeylab/passkeylab/transport/hybrid"
)

type phoneVerb struct {
	Text   string `help:"What the QR code says, FIDO:/ and digits." xor:"code" required:"" placeholder:"FIDO:/…"`
	Image  string `help:"Read the QR code in this picture: PNG, JPEG or GIF." xor:"code" required:"" type:"path" placeholder:"FILE"`
	Screen bool   `help:"Wait for a QR code on the display, $DISPLAY." xor:"code" required:""`

	Profile string `help:"What plays the phone: phone, laptop, a product of passkeylab profiles that is no security key, or a FILE.json that describes one." default:"phone" placeholder:"NAME"`
	deviceFlags
	Tunnel string `help:"Meet the computer at a tunnel service at this address, such as one of passkeylab tunnel. By default at the one that phones use, on the internet." placeholder:"HOST:PORT"`
	CA     string `name:"ca" help:"Trust the tunnel service of --tunnel by the root in this PEM file." type:"existingfile" placeholder:"FILE"`
	Bus    string `help:"Advertise by BlueZ on this D-Bus, such as that of passkeylab tunnel --air. By default on the system's." placeholder:"ADDRESS"`
}

func (v *phoneVerb) Run(c *console) (err error) {
	if v.CA != "" && v.Tunnel == "" {
		return errors.New("--ca is for a service of --tunnel")
	}
	what, err := choose(v.Profile)
	if err != nil {
		return err
	}
	if what.profile.Kind == profile.SecurityKey {
		return fmt.Errorf("--profile %s: a security key scans no QR codes; take phone or laptop", v.Profile)
	}
	tunnels, err := v.dialer()
	if err != nil {
		return err
	}
	radio, err := bluez.OpenRadio(c, v.Bus)
	if err != nil {
		return fmt.Errorf("%w; without Bluetooth take passkeylab tunnel --air, and --bus", err)
	}
	defer func() { err = errors.Join(err, radio.Close()) }()
	device, err := v.powerUp(c, what)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, device.close()) }()
	phone, err := hybrid.NewPhone(hybrid.PhoneConfig{
		Device: device.server.Device(), Advertiser: radio, Dialer: tunnels, Random: rand.Reader,
		Tell: func(s hybrid.Step) { fmt.Fprintln(c.out, s.Text) },
	})
	if err != nil {
		return err
	}
	code, err := v.code(c)
	if err != nil {
		return err
	}
	power := control.NewPower(device.server)
	defer func() { err = errors.Join(err, power.Close()) }()
	panel, err := v.openPanel(c, device, power, false)
	if err != nil {
		return err
	}
	if panel.address != "" {
		fmt.Fprintf(c.err, "its control at %s\n", panel.address)
	}
	return together(c, power.Run, panel.serve, func(ctx context.Context) error { return phone.Scan(ctx, code) })
}

// code is what the QR code says.
func (v *phoneVerb) code(c *console) (string, error) {
	switch {
	case v.Image != "":
		return v.picture()
	case v.Screen:
		return v.watch(c)
	}
	return v.Text, nil
}

func (v *phoneVerb) picture() (string, error) {
	file, err := os.Open(v.Image)
	if err != nil {
		return "", fmt.Errorf("--image: %w", err)
	}
	defer file.Close()
	code, err := qr.Decode(file)
	if err != nil {
		return "", fmt.Errorf("--image %s: %w", v.Image, err)
	}
	return code, nil
}

// watch waits for the code of a computer on the display.
func (v *phoneVerb) watch(c *console) (code string, err error) {
	display := c.env("DISPLAY")
	if display == "" {
		return "", errors.New("--screen: there is no display: set DISPLAY to one of X11, or take a screenshot for --image")
	}
	s, err := screen.Open(display)
	if err != nil {
		return "", fmt.Errorf("--screen: %w", err)
	}
	area := s.Area()
	s.Close()
	fmt.Fprintf(c.err, "waiting for a QR code on display %s\n", display)
	err = screen.Watch(c, display, area, func(shot *image.RGBA) bool {
		code, err = qr.Find(shot, protocol.Prefix)
		return err == nil
	})
	if err != nil {
		return "", fmt.Errorf("--screen: %w", err)
	}
	return code, nil
}

// dialer reaches the tunnel service.
func (v *phoneVerb) dialer() (*hybrid.WebSockets, error) {
	sockets := new(hybrid.WebSockets)
	if v.Tunnel == "" {
		return sockets, nil
	}
	sockets.Address = func(string) string { return v.Tunnel }
	if v.CA == "" {
		return sockets, nil
	}
	root, err := os.ReadFile(v.CA)
	if err != nil {
		return nil, fmt.Errorf("--ca: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(root) {
		return nil, fmt.Errorf("--ca %s: no certificate in PEM", v.CA)
	}
	sockets.TLS = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	return sockets, nil
}

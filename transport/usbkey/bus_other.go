//go:build !linux || !(amd64 || arm64)

package usbkey

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
)

// Bus is the USB that a command sees. There is none here.
type Bus struct{}

func refuse() error {
	return &UnavailableError{fmt.Errorf("this is %s on %s", runtime.GOOS, runtime.GOARCH), "take Linux on amd64 or arm64"}
}

// Check returns [ErrUnavailable].
func Check(context.Context) error { return refuse() }

// Start returns [ErrUnavailable].
func Start(*exec.Cmd, ...Key) (*Bus, error) { return nil, refuse() }

// Attach returns [ErrUnavailable].
func Attach(*exec.Cmd, ...Key) (*Bus, error) { return nil, refuse() }

// Ready returns [ErrUnavailable].
func (*Bus) Ready(context.Context) error { return refuse() }

// Plug returns [ErrUnavailable].
func (*Bus) Plug(int) error { return refuse() }

// Unplug returns [ErrUnavailable].
func (*Bus) Unplug(int) error { return refuse() }

// Nodes returns nothing.
func (*Bus) Nodes() []string { return nil }

// Close does nothing.
func (*Bus) Close() error { return nil }

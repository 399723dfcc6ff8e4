//go:build amd64 || arm64

package hidraw_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/transport"
	"github.com/passkeylab/passkeylab/transport/hidraw"
	"github.com/passkeylab/passkeylab/transport/usbkey"
)

// childMark makes a process of this test binary a program that sees a key.
const childMark = "PASSKEYLAB_HIDRAW_CHILD"

// seen is what the child finds.
type seen struct {
	Devices  []hidraw.Device
	Versions []string
}

func TestMain(m *testing.M) {
	if os.Getenv(childMark) == "" {
		os.Exit(m.Run())
	}
	if err := look(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// look is the child.
func look() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	devices, err := hidraw.List()
	if err != nil {
		return err
	}
	s := seen{Devices: devices}
	for _, d := range devices {
		client, err := hidraw.Dial(ctx, d.Path)
		if err != nil {
			return err
		}
		info, err := ctap.Call(ctx, client, new(ctap.GetInfoRequest))
		if err != nil {
			return err
		}
		s.Versions = info.Versions
		other, err := hidraw.Dial(ctx, d.Path)
		if err != nil {
			return err
		}
		for _, c := range []*transport.HIDClient{client, other} {
			if _, err := c.Ping(ctx, make([]byte, 1000)); err != nil {
				return err
			}
		}
		if err := errors.Join(client.Close(), other.Close()); err != nil {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(s)
}

// A virtual key is found, asked and left by way of its file and of what /sys says
// of it.
func TestAVirtualKey(t *testing.T) {
	t.Parallel()
	device, err := authenticator.New(authenticator.SecurityKey(), authenticator.Env{
		Store: authenticator.NewMemoryStore(), User: new(authenticator.ScriptedUser), Clock: authenticator.SystemClock{}, Random: seed.Stream(1, t.Name()),
	})
	require.NoError(t, err)
	server, err := transport.NewHIDServer(device)
	require.NoError(t, err)
	defer server.Close()
	var out, complaints bytes.Buffer
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), childMark+"=1")
	cmd.Stdout, cmd.Stderr = &out, &complaints
	bus, err := usbkey.Start(cmd, usbkey.Key{Server: server, Name: "test key"})
	require.NoError(t, err)
	defer bus.Close()
	require.NoError(t, cmd.Wait(), complaints.String())

	var s seen
	require.NoError(t, json.Unmarshal(out.Bytes(), &s))
	require.Len(t, s.Devices, 1)
	d := s.Devices[0]
	assert.Equal(t, bus.Nodes()[0], d.Path)
	assert.True(t, strings.HasSuffix(d.Name, "test key"), d.Name)
	assert.Equal(t, []int{0x1209, 1, 64, 64}, []int{int(d.Vendor), int(d.Product), d.In, d.Out})
	assert.Equal(t, device.Model().Versions, s.Versions)
}

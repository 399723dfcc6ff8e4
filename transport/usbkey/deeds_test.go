//go:build linux && (amd64 || arm64)

package usbkey_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/transport"
)

// deeds are what a puppet can do, by name.
var deeds map[string]func(args ...string) (string, error)

func init() {
	deeds = map[string]func(args ...string) (string, error){
		"keys": keysThere, "info": info, "apart": apart, "ask": ask, "churn": churn, "readers": readers,
		"hold": hold, "held": held, "listen": listen, "news": news, "ends": ends, "orphan": orphan, "launch": launch, "terminal": terminal,
		"compute": compute, "opens": opens, "infos": infos, "ceremonies": ceremonies,
	}
}

// node is a link over a hidraw node.
type node struct{ file *os.File }

func (n node) Close() error { return n.file.Close() }

func (n node) Send(report []byte) error {
	_, err := n.file.Write(append([]byte{0}, report...))
	return err
}

func (n node) Receive() ([]byte, error) {
	report := make([]byte, 64)
	got, err := n.file.Read(report)
	return report[:got], err
}

// dial opens a channel to the key at a node.
func dial(at string) (*transport.HIDClient, error) {
	f, err := os.OpenFile(at, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	return transport.OpenHID(context.Background(), node{f}, rand.Reader)
}

// keysThere lists nodes, those of /dev and those of /sys.
func keysThere(...string) (string, error) {
	var all []string
	for _, pattern := range []string{"/dev/hidraw*", "/sys/class/hidraw/*/dev", "/sys/bus/hid/devices/*:1209:*/hidraw/*/uevent", "/sys/bus/usb/devices/250-*/idVendor"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return "", err
		}
		all = append(all, found...)
	}
	return strings.Join(all, " "), nil
}

// info tells the AAGUID of the key at a node.
func info(args ...string) (string, error) {
	client, err := dial(args[0])
	if err != nil {
		return "", err
	}
	defer client.Close()
	info, err := ctap.Call(context.Background(), client, &ctap.GetInfoRequest{})
	if err != nil {
		return "", err
	}
	return string(info.AAGUID), nil
}

// halves is a link over a node that was opened twice, for reading and for writing.
type halves struct{ in, out node }

func (h halves) Send(report []byte) error { return h.out.Send(report) }
func (h halves) Receive() ([]byte, error) { return h.in.Receive() }
func (h halves) Close() error             { return errors.Join(h.in.Close(), h.out.Close()) }

// apart pings a key through halves.
func apart(args ...string) (string, error) {
	in, err := os.OpenFile(args[0], os.O_RDONLY, 0)
	if err != nil {
		return "", err
	}
	out, err := os.OpenFile(args[0], os.O_WRONLY, 0)
	if err != nil {
		return "", err
	}
	client, err := transport.OpenHID(context.Background(), halves{node{in}, node{out}}, rand.Reader)
	if err != nil {
		return "", err
	}
	defer client.Close()
	answer, err := client.Ping(context.Background(), []byte("hello"))
	return string(answer), err
}

// ask makes a request of type 'H' of the node: its number, the size of the
// structure, and what is in it before, in hex; it answers with the result and what
// is in it after. The structure is followed by bytes that must stay.
func ask(args ...string) (string, error) {
	request, err := strconv.ParseUint(args[1], 0, 32)
	if err != nil {
		return "", err
	}
	before, err := hex.DecodeString(args[2])
	if err != nil {
		return "", err
	}
	guard := bytes.Repeat([]byte{0xee}, 64)
	structure := append(bytes.Clone(before), guard...)
	f, err := os.OpenFile(args[0], os.O_RDONLY, 0)
	if err != nil {
		return "", err
	}
	defer f.Close()
	result, _, errno := unix.Syscall(unix.SYS_IOCTL, f.Fd(), uintptr(request), uintptr(unsafe.Pointer(&structure[0])))
	if errno != 0 {
		return "", errno
	}
	if !bytes.Equal(structure[len(before):], guard) {
		return "", errors.New("more was written than there is room for")
	}
	return fmt.Sprintf("%d %x", result, structure[:len(before)]), nil
}

// churn opens and closes a key many times, and uses it each time.
func churn(args ...string) (string, error) {
	times, err := strconv.Atoi(args[1])
	if err != nil {
		return "", err
	}
	for range times {
		client, err := dial(args[0])
		if err != nil {
			return "", err
		}
		if err := client.Close(); err != nil {
			return "", err
		}
	}
	return info(args[0])
}

// readers has a key open several times at once, and each must hear what is for it.
func readers(args ...string) (string, error) {
	var all sync.WaitGroup
	failed := make(chan error, 4)
	for n := range cap(failed) {
		all.Go(func() { failed <- reader(args[0], byte(n)) })
	}
	all.Wait()
	close(failed)
	var err error
	for e := range failed {
		err = errors.Join(err, e)
	}
	return "each heard its own", err
}

func reader(at string, mark byte) error {
	client, err := dial(at)
	if err != nil {
		return err
	}
	defer client.Close()
	for range 50 {
		sent := bytes.Repeat([]byte{mark}, 7609)
		got, err := client.Ping(context.Background(), sent)
		if err != nil {
			return err
		}
		if !bytes.Equal(got, sent) {
			return errors.New("heard something else")
		}
	}
	return nil
}

var kept *os.File

// hold opens a node and keeps it open.
func hold(args ...string) (_ string, err error) {
	kept, err = os.OpenFile(args[0], os.O_RDWR, 0)
	return "open", err
}

// held reads of the node that is held, until it has been hung up.
func held(...string) (string, error) {
	n, err := kept.Read(make([]byte, 64))
	return fmt.Sprint(n, " ", err != nil), kept.Close()
}

var ear int

// listen begins to listen to udev, as libudev does.
func listen(...string) (_ string, err error) {
	if ear, err = unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_KOBJECT_UEVENT); err != nil {
		return "", err
	}
	return "listening", unix.Bind(ear, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: 2})
}

// news tells what was heard of the four parts of a device.
func news(...string) (string, error) {
	var all []string
	for range 4 {
		message := make([]byte, 4096)
		n, _, err := unix.Recvfrom(ear, message, 0)
		if err != nil {
			return "", err
		}
		for property := range strings.SplitSeq(string(message[:n]), "\x00") {
			name, value, _ := strings.Cut(property, "=")
			if name == "ACTION" || name == "SUBSYSTEM" || name == "DEVNAME" {
				all = append(all, value)
			}
		}
	}
	_, err := os.Stat("/run/udev/control")
	return strings.Join(all, " "), err
}

// ends ends the puppet with a status, or by a signal.
func ends(args ...string) (string, error) {
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return "", err
	}
	if args[0] == "status" {
		os.Exit(n)
	}
	return "", unix.Kill(os.Getpid(), unix.Signal(n))
}

// orphan leaves a process behind that is in no group or session of ours, and has
// our output open.
func orphan(...string) (string, error) {
	cmd := exec.Command("/proc/self/exe")
	cmd.Stdout = os.Stdout
	cmd.SysProcAttr = &unix.SysProcAttr{Setsid: true}
	if _, err := cmd.StdinPipe(); err != nil { // so that it waits for deeds
		return "", err
	}
	return "it runs", cmd.Start()
}

// terminal opens a terminal of its own.
func terminal(...string) (string, error) {
	f, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		return "", err
	}
	n, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCGPTN)
	if err != nil {
		return "", err
	}
	_, err = os.Stat(fmt.Sprintf("/dev/pts/%d", n))
	return "there", errors.Join(err, f.Close())
}

package hidg

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// standIn is a folder that does as configfs would: an object comes with its
// attributes and its folders, and goes with them, but not while others hang on it.
type standIn struct {
	folder
	refuses string // a name that nothing can be done to
}

// newStandIn returns a tree with nothing but the kind of objects we want.
func newStandIn(t *testing.T) *standIn {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "usb_gadget"), 0o755))
	return &standIn{folder: folder(dir)}
}

// objects are what there is to make, by pattern, and what comes with each: folders
// end with a slash.
var objects = map[string][]string{
	"usb_gadget/*":                     {"UDC", "idVendor", "idProduct", "bcdUSB", "bcdDevice", "configs/", "functions/", "strings/", "os_desc/"},
	"usb_gadget/*/strings/*":           {"manufacturer", "product", "serialnumber"},
	"usb_gadget/*/configs/*":           {"MaxPower", "bmAttributes", "strings/"},
	"usb_gadget/*/configs/*/strings/*": {"configuration"},
	"usb_gadget/*/functions/hid.*":     {"protocol", "subclass", "report_length", "report_desc", "dev"},
}

func comesWith(name string) ([]string, bool) {
	for pattern, parts := range objects {
		if is, _ := path.Match(pattern, name); is {
			return parts, true
		}
	}
	return nil, false
}

func (s *standIn) check(name string) error {
	if s.refuses != "" && strings.HasPrefix(name, s.refuses) {
		return &fs.PathError{Op: "write", Path: name, Err: syscall.EIO}
	}
	return nil
}

func (s *standIn) Mkdir(name string) error {
	parts, known := comesWith(name)
	if !known {
		return fmt.Errorf("mkdir %s: %w", name, syscall.EPERM)
	}
	if err := s.check(name); err != nil {
		return err
	}
	if err := s.folder.Mkdir(name); err != nil {
		return err
	}
	for _, part := range parts {
		var err error
		if folder, is := strings.CutSuffix(part, "/"); is {
			err = s.folder.Mkdir(path.Join(name, folder))
		} else {
			err = os.WriteFile(s.path(path.Join(name, part)), nil, 0o600)
		}
		if err != nil {
			return err
		}
	}
	if strings.Contains(name, "/functions/") {
		return s.folder.Write(path.Join(name, "dev"), "241:0\n")
	}
	return nil
}

// Write plugs a gadget in only if it is whole, and out only if it is in.
func (s *standIn) Write(name, text string) error {
	if err := s.check(name); err != nil {
		return err
	}
	if path.Base(name) == "UDC" {
		held, err := s.Read(name)
		if err != nil {
			return err
		}
		in, wanted := strings.TrimSpace(held) != "", strings.TrimSpace(text) != ""
		links, _ := filepath.Glob(s.path(path.Dir(name) + "/configs/*/hid.*"))
		switch {
		case wanted && in:
			return syscall.EBUSY
		case wanted && len(links) == 0:
			return syscall.EINVAL
		case !wanted && !in:
			return syscall.ENODEV
		}
	}
	if err := os.Truncate(s.path(name), 0); err != nil {
		return err
	}
	return s.folder.Write(name, text)
}

func (s *standIn) Remove(name string) error {
	if info, err := os.Lstat(s.path(name)); err != nil || info.Mode()&fs.ModeSymlink != 0 {
		return s.folder.Remove(name)
	}
	parts, known := comesWith(name)
	if !known {
		return syscall.EPERM
	}
	if held, _ := s.Read(path.Join(name, "UDC")); strings.TrimSpace(held) != "" {
		return syscall.EBUSY
	}
	if links, _ := filepath.Glob(s.path(path.Dir(path.Dir(name)) + "/configs/*/" + path.Base(name))); len(links) > 0 {
		return syscall.EBUSY
	}
	for _, part := range parts {
		if entries, _ := os.ReadDir(s.path(path.Join(name, part))); len(entries) > 0 {
			return syscall.ENOTEMPTY
		}
	}
	for _, part := range parts {
		if err := os.Remove(s.path(path.Join(name, part))); err != nil {
			return err
		}
	}
	return s.folder.Remove(name)
}

// left lists what there is of gadgets.
func (s *standIn) left(t *testing.T) []string {
	t.Helper()
	var names []string
	entries, err := os.ReadDir(s.path("usb_gadget"))
	require.NoError(t, err)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

//go:build !linux

package hidraw

import "errors"

var errOtherSystem = errors.New("hidraw files are Linux's; reach a device at a socket instead")

// List says that there are no hidraw files here.
func List() ([]Device, error) { return nil, errOtherSystem }

func open(string) (link, error) { return link{}, errOtherSystem }

//go:build !unix

package relay

import (
	"errors"
	"fmt"
	"os"
)

// keep refuses: a browser is given its two pipes by their numbers, which only
// programs on Unix can hand on.
func keep(*os.File) (*os.File, error) {
	return nil, fmt.Errorf("pipes to a browser: %w on this system", errors.ErrUnsupported)
}

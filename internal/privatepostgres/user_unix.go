//go:build unix

package privatepostgres

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// owners are users that root may start the server as, the first that there is.
var owners = []string{"postgres", "nobody"}

// owner is whom the server has to run as; nil for who runs this program.
func owner() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	for _, name := range owners {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return nil, err
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, err
	}
	return nil, fmt.Errorf("PostgreSQL refuses to run as root, and there is no user of %q to run it as", owners)
}

// handOver gives the cluster's directory to its owner, who has to get to it through
// the one above.
func handOver(above, cluster string) error {
	who, err := owner()
	if err != nil || who == nil {
		return err
	}
	if err := os.Chmod(above, 0o711); err != nil {
		return err
	}
	return os.Chown(cluster, int(who.Uid), int(who.Gid))
}

// asUser has cmd run as the cluster's owner.
func asUser(cmd *exec.Cmd) {
	if who, err := owner(); err == nil && who != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who}
	}
}

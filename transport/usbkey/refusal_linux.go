//go:build amd64 || arm64

package usbkey

import (
	"errors"

	"golang.org/x/sys/unix"

	"github.com/passkeylab/passkeylab/transport/usbkey/internal/warden"
)

// refused makes of an error of the start one that is [ErrUnavailable], if it is
// the system that refuses, and says what to do.
func (b *Bus) refused(err error) error {
	mend := b.mend(err)
	if mend == "" {
		return err
	}
	return &UnavailableError{err, mend}
}

const (
	allowNamespaces = "allow user namespaces (sysctl kernel.unprivileged_userns_clone=1 or user.max_user_namespaces=10000; in a container, a seccomp profile that lets unshare and mount pass), or run as root with CAP_SYS_ADMIN"
	allowMounts     = "allow mounts in user namespaces (sysctl kernel.apparmor_restrict_unprivileged_userns=0 on Ubuntu; in a container, an AppArmor profile that lets mount pass), or run as root with CAP_SYS_ADMIN"
	allowMountsRoot = "let this container mount (CAP_SYS_ADMIN alone is not enough under an AppArmor profile that denies mount)"
	oneListener     = "system calls of this process are answered by somebody already, such as another passkeylab exec or the container's runtime: run outside of it"
	newerKernel     = "it takes Linux 5.5 or later with CONFIG_SECCOMP_FILTER"
)

// mend is what to do about an error of the system, "" if it is none of the
// system's.
func (b *Bus) mend(err error) string {
	var errno unix.Errno
	if !errors.As(err, &errno) {
		return ""
	}
	var f *warden.Failure
	switch denied := errno == unix.EPERM || errno == unix.EACCES; {
	case !errors.As(err, &f): // no process in namespaces of its own
		switch errno {
		case unix.EPERM, unix.ENOSPC, unix.EUSERS, unix.EINVAL, unix.ENOSYS:
			return allowNamespaces
		}
	case f.Stage == warden.Mounting && denied && b.confined:
		return allowMounts
	case f.Stage == warden.Mounting && denied:
		return allowMountsRoot
	case f.Stage == warden.Filtering && errno == unix.EBUSY:
		return oneListener
	case f.Stage == warden.Filtering, f.Stage == warden.Trying && errno == unix.ENOTTY:
		return newerKernel
	}
	return ""
}

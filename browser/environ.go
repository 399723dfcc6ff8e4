package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// environ is what the browser finds in its environment beside what we find in
// ours.
func (b *Browser) environ(ctx context.Context) (environ []string, err error) {
	if b.desktop != nil {
		environ = b.desktop.Environ()
	}
	if b.options.Bluetooth != "" {
		environ = append(environ, "DBUS_SYSTEM_BUS_ADDRESS="+b.options.Bluetooth)
	}
	if len(b.options.Roots) == 0 {
		return environ, nil
	}
	home := filepath.Join(b.scratch.Path, "home")
	if err := trust(ctx, home, b.options.Roots); err != nil {
		return nil, fmt.Errorf("have the browser trust other authorities: %w", err)
	}
	return append(environ, "HOME="+home, "XDG_DATA_HOME="+filepath.Join(home, ".local", "share")), nil
}

// trust makes a home whose owner trusts the roots: Chromium on Linux reads them
// from a database of NSS there.
func trust(ctx context.Context, home string, roots []byte) error {
	certutil, err := exec.LookPath("certutil")
	if err != nil {
		return &MissingProgramError{
			Program: "certutil",
			Purpose: "to have a browser trust a test's own authority",
			Install: "apt-get install libnss3-tools",
		}
	}
	database, file := filepath.Join(home, ".pki", "nssdb"), filepath.Join(home, "roots.pem")
	if err := os.MkdirAll(database, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(file, roots, 0o600); err != nil {
		return err
	}
	for _, args := range [][]string{
		{"-N", "--empty-password"},
		{"-A", "-n", "passkeylab", "-t", "C,,", "-i", file},
	} {
		out, err := exec.CommandContext(ctx, certutil, append(args, "-d", "sql:"+database)...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("certutil %s: %w; it printed: %s", args[0], err, out)
		}
	}
	return nil
}

package workshop

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// NPM is packages of npm, in a folder of one's own.
type NPM struct {
	Name   string // of the folder that they are kept in
	Pinned string // folder that has package.json and package-lock.json
}

// Installed returns the folder that has node_modules. What packages would run when they
// are installed is not run.
func (n NPM) Installed() (folder string, err error) {
	files := map[string][]byte{}
	var pins []byte
	for _, name := range []string{"package.json", "package-lock.json"} {
		text, err := os.ReadFile(filepath.Join(n.Pinned, name))
		if err != nil {
			return "", err
		}
		files[name], pins = text, append(pins, text...)
	}
	return Kept(n.Name, pins, func(folder string) error {
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
				return err
			}
		}
		return Run("npm", "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder)
	})
}

// Debian 12 has an older Node.js than packages want, to which npm can give a newer one.
const (
	oldestNode = 20
	newerNode  = "20.20.2"
)

// Node returns a Node.js of version 20 or newer: that of the system, or one from npm.
func Node() (program string, err error) {
	out, err := exec.Command("node", "--version").Output()
	if err != nil {
		return "", fmt.Errorf("node --version: %w: scripts/setup.sh interop installs what is missing", err)
	}
	major, _, _ := strings.Cut(strings.TrimPrefix(string(out), "v"), ".")
	version, err := strconv.Atoi(major)
	if err != nil {
		return "", fmt.Errorf("node --version says %q", out)
	}
	if version >= oldestNode {
		return "node", nil
	}
	name := "node-linux-" + map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
	folder, err := Kept("node", []byte(name+newerNode), func(folder string) error {
		return Run("npm", "install", "--silent", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder, name+"@"+newerNode)
	})
	return filepath.Join(folder, "node_modules", name, "bin", "node"), err
}

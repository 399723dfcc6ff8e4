package workshop

import (
	"os"
	"path/filepath"
)

// WithRust names the variable of the environment that has programs in Rust compiled and
// used, too: that takes many minutes, and a newer Rust than Debian 12 has.
const WithRust = "PASSKEYLAB_INTEROP_RUST"

// Cargo is a program in Rust over packages of crates.io.
type Cargo struct {
	Name    string // of the folder that it is kept in
	Crate   string // folder that has Cargo.toml, Cargo.lock and src
	Program string // as Cargo.toml calls it
}

// Built returns the path of the program, compiled with the versions that Cargo.lock pins.
func (c Cargo) Built() (program string, err error) {
	sources, err := filepath.Glob(filepath.Join(c.Crate, "src", "*.rs"))
	if err != nil {
		return "", err
	}
	var pins []byte
	for _, file := range append([]string{filepath.Join(c.Crate, "Cargo.lock"), filepath.Join(c.Crate, "Cargo.toml")}, sources...) {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		pins = append(pins, text...)
	}
	folder, err := Kept(c.Name, pins, func(folder string) error {
		target := filepath.Join(folder, "target")
		if err := Run("cargo", "build", "--quiet", "--locked", "--manifest-path", filepath.Join(c.Crate, "Cargo.toml"), "--target-dir", target); err != nil {
			return err
		}
		return os.Rename(filepath.Join(target, "debug", c.Program), filepath.Join(folder, c.Program))
	})
	return filepath.Join(folder, c.Program), err
}

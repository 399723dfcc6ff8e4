package ceremony

import (
	"crypto/x509"
	"fmt"
	"sync"
	_ "unsafe" // for go:linkname
)

// go-webauthn has the roots of Apple and Google built in for their formats, and takes
// the system's for android-safetynet, without a way for its callers to add any.
var (
	//go:linkname appleRoots github.com/go-webauthn/webauthn/protocol.attAppleHardwareRootsCertPool
	appleRoots *x509.CertPool
	//go:linkname androidKeyRoots github.com/go-webauthn/webauthn/protocol.attAndroidKeyHardwareRootsCertPool
	androidKeyRoots *x509.CertPool
	//go:linkname safetyNetRoots github.com/go-webauthn/webauthn/protocol.attStatementAndroidSafetyNetRootsCertPool
	safetyNetRoots *x509.CertPool
)

// formatRoots is held for reading while a statement is verified: pools take no root
// while somebody looks into them.
var formatRoots sync.RWMutex

// TrustFormatRoots has every relying party of this process take a root for that of
// Apple's or Google's where statements of a format are concerned: apple, android-key or
// android-safetynet, whose roots are not a matter of metadata to go-webauthn. Other
// formats need none. It cannot be undone. It is for roots of a lab, and for processes
// that protect nothing.
func TrustFormatRoots(format string, roots ...*x509.Certificate) error {
	formatRoots.Lock()
	defer formatRoots.Unlock()
	pool := map[string]*x509.CertPool{"apple": appleRoots, "android-key": androidKeyRoots, "android-safetynet": safetyNetRoots}
	if safetyNetRoots == nil && format == "android-safetynet" {
		safetyNetRoots = x509.NewCertPool()
		pool[format] = safetyNetRoots
	}
	if pool[format] == nil {
		return fmt.Errorf("ceremony: roots of format %q are a matter of metadata", format)
	}
	for _, root := range roots {
		pool[format].AddCert(root)
	}
	return nil
}

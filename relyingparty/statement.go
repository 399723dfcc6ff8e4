package relyingparty

import (
	"errors"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
)

// checkStatement holds the shape of an attestation object to the text where go-webauthn
// lets it by: attStmt has to be there (WebAuthn L3 §6.5.4), and an x5c that is not a
// list does not make a statement one without certificates (§8.2, §8.6).
func checkStatement(a *protocol.AttestationObject) error {
	if a.AttStatement == nil && a.SubStatements == nil {
		return errors.New("the attestation object has no attStmt")
	}
	if x5c, there := a.AttStatement["x5c"]; there {
		if _, is := x5c.([]any); !is {
			return fmt.Errorf("x5c is a %T, want a list of certificates", x5c)
		}
	}
	return nil
}

package client

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
)

// saltSize is the length in bytes of a salt of hmac-secret, and of what the
// authenticator makes of it.
const saltSize = sha256.Size

// hmacSecretInput encrypts one or two salts for an authenticator (CTAP 2.3
// §12.7). The answer is encrypted with the agreement that is returned.
func (c *ceremony) hmacSecretInput(ctx context.Context, a *candidate, salts []byte) (*ctap.HMACSecretInput, *agreement, error) {
	shared, err := c.agree(ctx, a)
	if err != nil {
		return nil, nil, err
	}
	encrypted, err := shared.secret.Encrypt(c.client.random, salts)
	if err != nil {
		return nil, nil, err
	}
	input := &ctap.HMACSecretInput{KeyAgreement: shared.key, SaltEnc: encrypted, SaltAuth: shared.secret.Authenticate(encrypted)}
	if shared.protocol != pinuv.One { // which is what absence means, also to those who know no other
		input.PinUvAuthProtocol = shared.number()
	}
	return input, shared, nil
}

// openHMACSecret decrypts an output for as many salts as were sent.
func (s *agreement) openHMACSecret(encrypted []byte, salts int) ([]byte, error) {
	out, err := s.secret.Decrypt(encrypted)
	if err != nil {
		return nil, err
	}
	if len(out) != salts*saltSize {
		return nil, fmt.Errorf("%d bytes for %d salts of %d", len(out), salts, saltSize)
	}
	return out, nil
}

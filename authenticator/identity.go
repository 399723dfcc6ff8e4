package authenticator

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"

	"github.com/passkeylab/passkeylab/ctap"
)

// Sizes in bytes of what encIdentifier and encCredStoreState encrypt (CTAP 2.3
// §6.4 members 0x19 and 0x1E).
const (
	identifierSize = 16
	storeStateSize = 16
)

// tellsStoreState reports whether anybody could read the credential store state:
// it is encrypted under the persistentPinUvAuthToken.
func (m *Model) tellsStoreState() bool { return m.CredMgmtReadOnly }

// tellIdentity adds the two members that only who holds the persistent token can
// read. They are absent until one was given out.
func (a *Authenticator) tellIdentity(ctx context.Context, info *ctap.GetInfoResponse, held *Held) (err error) {
	token := held.Settings.PersistentToken
	if len(token) == 0 {
		return nil
	}
	if err := a.ensureIdentity(ctx, held); err != nil {
		return err
	}
	if info.EncIdentifier, err = a.encryptFor(token, "encIdentifier", held.Settings.Identifier); err != nil {
		return err
	}
	info.EncCredStoreState, err = a.encryptFor(token, "encCredStoreState", held.State.CredStore)
	return err
}

// ensureIdentity draws the device identifier and the first store state.
func (a *Authenticator) ensureIdentity(ctx context.Context, held *Held) (err error) {
	var change Change
	if len(held.Settings.Identifier) == 0 {
		if held.Settings.Identifier, err = a.draw(identifierSize); err != nil {
			return err
		}
		change.Settings = &held.Settings
	}
	if len(held.State.CredStore) == 0 {
		if held.State.CredStore, err = a.draw(storeStateSize); err != nil {
			return err
		}
		change.State = &held.State
	}
	return a.commit(ctx, change)
}

// renewStoreState adds to a change of credentials that what getInfo tells of them
// is another now (§6.1.2 step 17.5, §6.8.5, §6.8.6). state is what the change will
// leave.
func (a *Authenticator) renewStoreState(change *Change, state *State) (err error) {
	if !a.model.tellsStoreState() {
		return nil
	}
	change.State = state
	state.CredStore, err = a.draw(storeStateSize)
	return err
}

// encryptFor returns iv ‖ AES-128-CBC(plain) under a key made of the persistent
// token, with a fresh iv each time. plain is one block.
func (a *Authenticator) encryptFor(token Secret, purpose string, plain []byte) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, token, make([]byte, sha256.Size), purpose, aes.BlockSize)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", purpose, err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", purpose, err)
	}
	out, err := a.draw(aes.BlockSize)
	if err != nil {
		return nil, err
	}
	out = append(out, make([]byte, len(plain))...)
	cipher.NewCBCEncrypter(block, out[:aes.BlockSize]).CryptBlocks(out[aes.BlockSize:], plain)
	return out, nil
}

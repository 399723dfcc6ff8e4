//go:build linux && (amd64 || arm64)

package usbkey_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// compute is a deed that takes the processor: it hashes a number of megabytes.
func compute(args ...string) (string, error) {
	megabytes, err := strconv.Atoi(args[0])
	if err != nil {
		return "", err
	}
	block, sum := make([]byte, 1<<20), sha256.New()
	for range megabytes {
		sum.Write(block)
	}
	return fmt.Sprintf("%x", sum.Sum(nil)[:4]), nil
}

// opens opens and closes a file a number of times, with the flags of a name.
func opens(args ...string) (string, error) {
	times, err := strconv.Atoi(args[2])
	if err != nil {
		return "", err
	}
	flags := map[string]int{"reading": unix.O_RDONLY, "both": unix.O_RDWR}[args[1]] | unix.O_CLOEXEC
	for range times {
		fd, err := unix.Open(args[0], flags, 0)
		if err != nil {
			return "", err
		}
		if err := unix.Close(fd); err != nil {
			return "", err
		}
	}
	return "done", nil
}

// infos asks a key for its info a number of times.
func infos(args ...string) (string, error) {
	times, err := strconv.Atoi(args[1])
	if err != nil {
		return "", err
	}
	client, err := dial(args[0])
	if err != nil {
		return "", err
	}
	defer client.Close()
	for range times {
		if _, err := client.Exchange(context.Background(), []byte{byte(ctap.CommandGetInfo)}); err != nil {
			return "", err
		}
	}
	return "done", nil
}

// ceremonies registers a number of times, each followed by a sign-in.
func ceremonies(args ...string) (string, error) {
	times, err := strconv.Atoi(args[1])
	if err != nil {
		return "", err
	}
	client, err := dial(args[0])
	if err != nil {
		return "", err
	}
	defer client.Close()
	for n := range times {
		if err := ceremony(client); err != nil {
			return "", fmt.Errorf("pair %d: %w", n, err)
		}
	}
	return "done", nil
}

func ceremony(key ctap.Transport) error {
	ctx, hash := context.Background(), make([]byte, sha256.Size)
	made, err := ctap.Call(ctx, key, &ctap.MakeCredentialRequest{
		ClientDataHash: hash, RP: ctap.RPEntity{ID: "example.org"}, User: ctap.UserEntity{ID: []byte{1}, Name: "ada"},
		PubKeyCredParams: []ctap.Parameters{{Algorithm: int64(webauthn.ES256), Type: ctap.PublicKey}},
	})
	if err != nil {
		return err
	}
	data, err := webauthn.ParseAuthenticatorData(made.AuthData)
	if err != nil {
		return err
	}
	id := data.Attested.CredentialID
	got, err := ctap.Call(ctx, key, &ctap.GetAssertionRequest{
		RPID: "example.org", ClientDataHash: hash, AllowList: []ctap.Descriptor{{Type: ctap.PublicKey, ID: id}},
	})
	if err != nil {
		return err
	}
	if !bytes.Equal(got.Credential.ID, id) {
		return fmt.Errorf("signed in with %x", got.Credential.ID)
	}
	return nil
}

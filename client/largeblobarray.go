package client

import (
	"bytes"
	"compress/flate"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/passkeylab/passkeylab/internal/canon"
)

// Sizes of the serialized large-blob array, in bytes (CTAP 2.3 §6.10.3).
const (
	largeBlobKeySize  = 32
	largeBlobNonce    = 12
	largeBlobChecksum = 16      // LEFT(SHA-256(array), 16), after the array
	maxInflated       = 1 << 20 // far above any blob; bounds what compressed data may become
)

// largeBlobArray is the large-blob array. Entries that belong to other
// credentials, or make no sense, are kept as they are.
type largeBlobArray []canon.Raw

// largeBlobEntry is the large-blob map.
type largeBlobEntry struct {
	Ciphertext []byte `cbor:"1,keyasint"` // AES-256-GCM, with its tag
	Nonce      []byte `cbor:"2,keyasint"` // 12 bytes
	OrigSize   uint64 `cbor:"3,keyasint"` // bytes before compression
}

// parseLargeBlobArray reads a serialized array. One that was not written
// completely, or is no array, counts as empty.
func parseLargeBlobArray(serialized []byte) (all largeBlobArray) {
	end := len(serialized) - largeBlobChecksum
	if end < 0 || !bytes.Equal(checksum(serialized[:end]), serialized[end:]) {
		return nil
	}
	if canon.Unmarshal(serialized[:end], &all) != nil {
		return nil
	}
	return all
}

func checksum(array []byte) []byte {
	hash := sha256.Sum256(array)
	return hash[:largeBlobChecksum]
}

func (all largeBlobArray) serialize() ([]byte, error) {
	if all == nil {
		all = largeBlobArray{} // null is no array
	}
	array, err := canon.Marshal(all)
	if err != nil {
		return nil, err
	}
	return append(array, checksum(array)...), nil
}

// find returns the blob whose entry the key opens.
func (all largeBlobArray) find(key []byte) ([]byte, error) {
	for _, raw := range all {
		if e, compressed, err := openLargeBlob(key, raw); err == nil {
			return inflate(compressed, e.OrigSize)
		}
	}
	return nil, errNoBlob
}

// replace returns the array with blob in place of whatever the key opens.
func (all largeBlobArray) replace(random io.Reader, key, blob []byte) (largeBlobArray, error) {
	mine, err := sealLargeBlob(random, key, blob)
	if err != nil {
		return nil, err
	}
	kept := make(largeBlobArray, 0, len(all)+1)
	for _, raw := range all {
		if _, _, err := openLargeBlob(key, raw); err != nil {
			kept = append(kept, raw)
		}
	}
	return append(kept, mine), nil
}

func openLargeBlob(key []byte, raw canon.Raw) (e largeBlobEntry, compressed []byte, err error) {
	if err = canon.Unmarshal(raw, &e); err != nil {
		return e, nil, err
	}
	if len(e.Nonce) != largeBlobNonce {
		return e, nil, fmt.Errorf("a nonce of %d bytes", len(e.Nonce))
	}
	sealing, err := largeBlobCipher(key)
	if err != nil {
		return e, nil, err
	}
	compressed, err = sealing.Open(nil, e.Nonce, e.Ciphertext, associatedData(e.OrigSize))
	return e, compressed, err
}

func sealLargeBlob(random io.Reader, key, blob []byte) (canon.Raw, error) {
	compressed, err := deflate(blob)
	if err != nil {
		return nil, err
	}
	e := largeBlobEntry{Nonce: make([]byte, largeBlobNonce), OrigSize: uint64(len(blob))}
	if _, err := io.ReadFull(random, e.Nonce); err != nil {
		return nil, fmt.Errorf("nonce: %w", err)
	}
	sealing, err := largeBlobCipher(key)
	if err != nil {
		return nil, err
	}
	e.Ciphertext = sealing.Seal(nil, e.Nonce, compressed, associatedData(e.OrigSize))
	return canon.Marshal(&e)
}

func largeBlobCipher(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func associatedData(origSize uint64) []byte {
	return binary.LittleEndian.AppendUint64([]byte("blob"), origSize)
}

// deflate compresses (RFC 1951).
func deflate(blob []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.DefaultCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(blob); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// inflate undoes deflate. The result must be as long as it is said to be.
func inflate(compressed []byte, size uint64) ([]byte, error) {
	if size > maxInflated {
		return nil, fmt.Errorf("a blob of %d bytes, at most %d are read", size, maxInflated)
	}
	out := make([]byte, size)
	from := flate.NewReader(bytes.NewReader(compressed))
	if _, err := io.ReadFull(from, out); err != nil {
		return nil, fmt.Errorf("the blob is not of its size, or not compressed: %w", err)
	}
	if n, err := from.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		return nil, errors.New("the blob is longer than its size")
	}
	return out, nil
}

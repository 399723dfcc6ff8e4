package relyingparty

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// PasswordCost sets the work of one password check (argon2id, RFC 9106).
type PasswordCost struct {
	MemoryKiB uint32
	Passes    uint32
	Threads   uint8
}

// DefaultPasswordCost is fit for production: some tens of milliseconds a check.
func DefaultPasswordCost() PasswordCost {
	return PasswordCost{MemoryKiB: 19 * 1024, Passes: 2, Threads: 1}
}

// LabPasswordCost costs next to nothing and protects nothing; for tests and labs.
func LabPasswordCost() PasswordCost { return PasswordCost{MemoryKiB: 8, Passes: 1, Threads: 1} }

func (c PasswordCost) validate() error {
	if c.Threads < 1 || c.Passes < 1 || c.MemoryKiB < 8*uint32(c.Threads) {
		return errors.New("relyingparty: PasswordCost needs at least one pass, one thread and 8 KiB for each thread")
	}
	return nil
}

const (
	saltSize        = 16
	passwordKeySize = 32
	maxPassword     = 256 // bytes; keeps hashing hostile input cheap
	minPassword     = 8   // characters
	hashingAtOnce   = 4   // bounds the memory that logins can take together
)

// passwords hashes and checks passwords.
type passwords struct {
	cost   PasswordCost
	random io.Reader
	slots  chan struct{}
	work   func(password string, salt []byte, c PasswordCost) []byte
	// decoy is checked when there is no account, so that the answer takes as long.
	decoy string
}

func newPasswords(cost PasswordCost, random io.Reader) (*passwords, error) {
	p := &passwords{cost: cost, random: random, slots: make(chan struct{}, hashingAtOnce), work: argon2id}
	var err error
	p.decoy, err = p.hash("")
	return p, err
}

// hash encodes a password in the usual string form, parameters and salt included.
func (p *passwords) hash(password string) (string, error) {
	salt := make([]byte, saltSize)
	if _, err := io.ReadFull(p.random, salt); err != nil {
		return "", fmt.Errorf("relyingparty: draw a salt: %w", err)
	}
	key := p.derive(password, salt, p.cost)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.cost.MemoryKiB, p.cost.Passes, p.cost.Threads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key)), nil
}

// matches checks a password against an encoded hash. An empty hash matches nothing,
// and takes as long to say so.
func (p *passwords) matches(encoded, password string) bool {
	exists := encoded != ""
	if !exists {
		encoded = p.decoy
	}
	cost, salt, want, err := decodeHash(encoded)
	if err != nil {
		return false
	}
	got := p.derive(password, salt, cost)
	return subtle.ConstantTimeCompare(got, want) == 1 && exists
}

func (p *passwords) derive(password string, salt []byte, c PasswordCost) []byte {
	p.slots <- struct{}{}
	defer func() { <-p.slots }()
	return p.work(password, salt, c)
}

func argon2id(password string, salt []byte, c PasswordCost) []byte {
	return argon2.IDKey([]byte(password), salt, c.Passes, c.MemoryKiB, c.Threads, passwordKeySize)
}

func decodeHash(encoded string) (c PasswordCost, salt, key []byte, err error) {
	part := strings.Split(encoded, "$")
	if len(part) != 6 || part[1] != "argon2id" || part[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, errors.New("relyingparty: stored password hash has an unknown form")
	}
	if _, err = fmt.Sscanf(part[3], "m=%d,t=%d,p=%d", &c.MemoryKiB, &c.Passes, &c.Threads); err != nil {
		return c, nil, nil, fmt.Errorf("relyingparty: stored password hash: %w", err)
	}
	if err = c.validate(); err != nil {
		return c, nil, nil, err
	}
	if salt, err = base64.RawStdEncoding.DecodeString(part[4]); err != nil {
		return c, nil, nil, fmt.Errorf("relyingparty: stored password hash: %w", err)
	}
	key, err = base64.RawStdEncoding.DecodeString(part[5])
	return c, salt, key, err
}

// acceptable applies the password rules that the pages show: a minimum length, and
// three of the four kinds of characters.
func acceptable(password string) bool {
	if utf8.RuneCountInString(password) < minPassword || len(password) > maxPassword || !utf8.ValidString(password) {
		return false
	}
	kinds := 0
	for _, is := range []func(rune) bool{unicode.IsLower, unicode.IsUpper, unicode.IsDigit, isSpecial} {
		if strings.ContainsFunc(password, is) {
			kinds++
		}
	}
	return kinds >= 3
}

func isSpecial(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

package hybrid

import (
	"crypto/sha256"
	"encoding/binary"
)

// Domain is the number of a tunnel service's domain name, which fits an advert.
type Domain uint16

// The assigned domains.
const (
	DomainGoogle Domain = iota
	DomainApple
)

// firstHashed is the first domain whose name follows from its number. Between the
// assigned ones and it there are none.
const firstHashed Domain = 256

var assigned = [...]string{DomainGoogle: "cable.ua5v.com", DomainApple: "cable.auth.com"}

// AssignedDomains is how many domains are assigned, which QR codes tell.
const AssignedDomains = len(assigned)

// Known reports whether the number stands for a domain name.
func (d Domain) Known() bool { return int(d) < AssignedDomains || d >= firstHashed }

// Host returns the domain name, or "" where there is none.
func (d Domain) Host() string {
	switch {
	case !d.Known():
		return ""
	case d < firstHashed:
		return assigned[d]
	}
	return hashed(d)
}

// hashed works out the name of a domain that nobody had to assign.
func hashed(d Domain) string {
	const (
		alphabet = "abcdefghijklmnopqrstuvwxyz234567"
		letter   = 5 // bits
	)
	endings := [...]string{".com", ".org", ".net", ".info"}
	message := append([]byte("caBLEv2 tunnel server domain"), byte(d), byte(d>>8), 0)
	digest := sha256.Sum256(message)
	v := binary.LittleEndian.Uint64(digest[:])
	ending := endings[v&3]
	name := []byte("cable.")
	for v >>= 2; v != 0; v >>= letter {
		name = append(name, alphabet[v&(1<<letter-1)])
	}
	return string(name) + ending
}

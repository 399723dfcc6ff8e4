package testdata

import "strings"

// DigitsVector is bytes in the decimal digits of a hybrid QR code.
type DigitsVector struct {
	Name, Comment, Source string
	Bytes                 []byte
	Digits                string
}

// DigitsVectors returns them by name.
func DigitsVectors() ([]DigitsVector, error) {
	return readAll("vectors/hybrid-digits", ParseDigitsVector)
}

// ParseDigitsVector reads the text of one vector.
func ParseDigitsVector(name string, text []byte) (DigitsVector, error) {
	f := parseFile(name, text)
	v := DigitsVector{name, f.text("comment"), f.text("source"), f.bytes("bytes"), f.text("digits")}
	return v, f.done()
}

// QRVector is the text of a hybrid QR code and what it says.
type QRVector struct {
	Name, Comment, Source string
	Text                  string
	Payload               []byte // the CBOR in the digits
	Key                   []byte // 33 bytes, P-256 compressed
	Secret                []byte // 16 bytes
	Domains               int64
	Time                  int64 // Unix, in seconds
	Linking               bool
	Hint                  string
}

// QRVectors returns them by name.
func QRVectors() ([]QRVector, error) { return readAll("vectors/hybrid-qr", ParseQRVector) }

// ParseQRVector reads the text of one vector.
func ParseQRVector(name string, text []byte) (QRVector, error) {
	f := parseFile(name, text)
	v := QRVector{
		name, f.text("comment"), f.text("source"), f.text("text"), f.bytes("payload"), f.sized("key", 33), f.sized("secret", 16),
		f.number("domains"), f.number("time"), f.decision("linking"), f.text("hint"),
	}
	return v, f.done()
}

// DeriveVector is one derivation of the hybrid transport.
type DeriveVector struct {
	Name, Comment, Source string
	Secret, Salt          []byte // Salt is nil where there is none
	Purpose               int64
	Output                []byte
}

// DeriveVectors returns them by name.
func DeriveVectors() ([]DeriveVector, error) {
	return readAll("vectors/hybrid-derive", ParseDeriveVector)
}

// ParseDeriveVector reads the text of one vector.
func ParseDeriveVector(name string, text []byte) (DeriveVector, error) {
	f := parseFile(name, text)
	v := DeriveVector{
		Name: name, Comment: f.text("comment"), Source: f.text("source"),
		Secret: f.sized("secret", 16), Purpose: f.number("purpose"), Output: f.bytes("output"),
	}
	if f.has("salt") {
		v.Salt = f.bytes("salt")
	}
	return v, f.done()
}

// DomainVector is the number of a tunnel domain and its name.
type DomainVector struct {
	Name, Comment, Source string
	Domain                int64
	Host                  string
}

// DomainVectors returns them by name.
func DomainVectors() ([]DomainVector, error) {
	return readAll("vectors/hybrid-domain", ParseDomainVector)
}

// ParseDomainVector reads the text of one vector.
func ParseDomainVector(name string, text []byte) (DomainVector, error) {
	f := parseFile(name, text)
	v := DomainVector{name, f.text("comment"), f.text("source"), f.number("domain"), f.text("host")}
	return v, f.done()
}

// AdvertVector is an advert and everything that follows from it and the secret of
// a QR code.
type AdvertVector struct {
	Name, Comment, Source string
	Secret                []byte // 16 bytes
	TunnelID              []byte // 16 bytes
	Advert                []byte // 20 bytes
	EID                   []byte // 16 bytes
	RoutingID             []byte // 3 bytes
	Domain                int64
	PSK                   []byte // 32 bytes
}

// AdvertVectors returns them by name.
func AdvertVectors() ([]AdvertVector, error) {
	return readAll("vectors/hybrid-advert", ParseAdvertVector)
}

// ParseAdvertVector reads the text of one vector.
func ParseAdvertVector(name string, text []byte) (AdvertVector, error) {
	f := parseFile(name, text)
	v := AdvertVector{
		name, f.text("comment"), f.text("source"), f.sized("secret", 16), f.sized("tunnel_id", 16), f.sized("advert", 20),
		f.sized("eid", 16), f.sized("routing_id", 3), f.number("domain"), f.sized("psk", 32),
	}
	return v, f.done()
}

// HandshakeVector is a whole handshake with keys that are no secrets. StaticKey is
// the client's in "qr", the authenticator's in "linked".
type HandshakeVector struct {
	Name, Comment, Source                   string
	StaticKey                               []byte // P-256 scalar
	ClientEphemeral, AuthenticatorEphemeral []byte // P-256 scalars
	PSK                                     []byte // 32 bytes
	ClientProof, AuthenticatorProof         []byte // ends of the two messages, 16 bytes
	Hash                                    []byte // 32 bytes
	ClientKey, AuthenticatorKey             []byte // each encrypts with its own, 32 bytes
	Plaintext, Ciphertext                   []byte // the client's next message
}

// HandshakeVectors returns them by name.
func HandshakeVectors() ([]HandshakeVector, error) {
	return readAll("vectors/hybrid-handshake", ParseHandshakeVector)
}

// ParseHandshakeVector reads the text of one vector.
func ParseHandshakeVector(name string, text []byte) (HandshakeVector, error) {
	f := parseFile(name, text)
	v := HandshakeVector{
		name, f.text("comment"), f.text("source"), f.sized("static_key", 32),
		f.sized("client_ephemeral", 32), f.sized("authenticator_ephemeral", 32), f.sized("psk", 32),
		f.sized("client_proof", 16), f.sized("authenticator_proof", 16), f.sized("hash", 32),
		f.sized("client_key", 32), f.sized("authenticator_key", 32), f.bytes("plaintext"), f.bytes("ciphertext"),
	}
	return v, f.done()
}

// HelloVector is an authenticator's first message after a handshake.
type HelloVector struct {
	Name, Comment, Source string
	Message, Info         []byte // Info is the answer of getInfo in it
	Versions, Transports  []string
}

// HelloVectors returns them by name.
func HelloVectors() ([]HelloVector, error) { return readAll("vectors/hybrid-hello", ParseHelloVector) }

// ParseHelloVector reads the text of one vector.
func ParseHelloVector(name string, text []byte) (HelloVector, error) {
	f := parseFile(name, text)
	v := HelloVector{
		name, f.text("comment"), f.text("source"), f.bytes("message"), f.bytes("info"),
		strings.Fields(f.text("versions")), strings.Fields(f.text("transports")),
	}
	return v, f.done()
}

// LinkingVector is the signature of linking information.
type LinkingVector struct {
	Name, Comment, Source       string
	AuthenticatorKey, ClientKey []byte // P-256 scalars
	Hash, Signature             []byte // 32 bytes
}

// LinkingVectors returns them by name.
func LinkingVectors() ([]LinkingVector, error) {
	return readAll("vectors/hybrid-linking", ParseLinkingVector)
}

// ParseLinkingVector reads the text of one vector.
func ParseLinkingVector(name string, text []byte) (LinkingVector, error) {
	f := parseFile(name, text)
	v := LinkingVector{
		name, f.text("comment"), f.text("source"),
		f.sized("authenticator_key", 32), f.sized("client_key", 32), f.sized("hash", 32), f.sized("signature", 32),
	}
	return v, f.done()
}

// SessionVector is the first message that a client has sent after a handshake. Of
// the ciphertext there are both ends and the SHA-256.
type SessionVector struct {
	Name, Comment, Source string
	WriteKey, ReadKey     []byte // of the client, 32 bytes
	Plaintext             []byte // without padding
	Begins, Ends, SHA256  []byte
}

// SessionVectors returns them by name.
func SessionVectors() ([]SessionVector, error) {
	return readAll("vectors/hybrid-session", ParseSessionVector)
}

// ParseSessionVector reads the text of one vector.
func ParseSessionVector(name string, text []byte) (SessionVector, error) {
	f := parseFile(name, text)
	v := SessionVector{
		name, f.text("comment"), f.text("source"), f.sized("write_key", 32), f.sized("read_key", 32), f.bytes("plaintext"),
		f.bytes("ciphertext_begins"), f.bytes("ciphertext_ends"), f.sized("ciphertext_sha256", 32),
	}
	return v, f.done()
}

package testdata_test

import (
	"crypto/sha3"
	"math/big"
	"slices"
)

// ed448Key signs as RFC 8032 §5.2 says, with numbers as they come: it is slow,
// leaks its key to anyone with a watch, and is here only to hold vectors against.
type ed448Key struct {
	scalar *big.Int
	prefix []byte
	public []byte
}

// Ed448's parameters (RFC 8032 §5.2).
var (
	ed448P    = new(big.Int).Sub(new(big.Int).Sub(power2(448), power2(224)), big.NewInt(1))
	ed448D    = big.NewInt(-39081)
	ed448L    = new(big.Int).Sub(power2(446), decimal("13818066809895115352007386748515426880336692474882178609894547503885"))
	ed448Base = ed448Point{
		decimal("224580040295924300187604334099896036246789641632564134246125461686950415467406032909029192869357953282578032075146446173674602635247710"),
		decimal("298819210078481492676017930443930673437544040154080242095928241372331506189835876003536878655418784733982303233503462500531545062832660"),
	}
)

func power2(n uint) *big.Int { return new(big.Int).Lsh(big.NewInt(1), n) }

func decimal(s string) *big.Int {
	n, ok := new(big.Int).SetString(s, 10)
	if !ok {
		panic("not a number: " + s)
	}
	return n
}

func newEd448Key(seed []byte) ed448Key {
	h := sha3.SumSHAKE256(seed, 114)
	scalar := slices.Clone(h[:57])
	scalar[0] &= 0xfc
	scalar[55] |= 0x80
	scalar[56] = 0
	k := ed448Key{scalar: littleEndian(scalar), prefix: h[57:]}
	k.public = ed448Base.times(k.scalar).encode()
	return k
}

func (k ed448Key) sign(message []byte) []byte {
	r := ed448Hash(k.prefix, message)
	point := ed448Base.times(r).encode()
	challenge := ed448Hash(point, k.public, message)
	s := new(big.Int).Add(r, new(big.Int).Mul(challenge, k.scalar))
	return append(point, reversed(s.Mod(s, ed448L), 57)...)
}

// ed448Hash is the hash of dom4(0, "") and parts, as a scalar.
func ed448Hash(parts ...[]byte) *big.Int {
	message := slices.Concat(append([][]byte{[]byte("SigEd448\x00\x00")}, parts...)...)
	n := littleEndian(sha3.SumSHAKE256(message, 114))
	return n.Mod(n, ed448L)
}

type ed448Point struct{ x, y *big.Int }

// plus is the addition law x³ = (x₁y₂+y₁x₂)/(1+d·x₁x₂y₁y₂), y³ =
// (y₁y₂−x₁x₂)/(1−d·x₁x₂y₁y₂), which holds for every pair of points.
func (a ed448Point) plus(b ed448Point) ed448Point {
	xx, yy := new(big.Int).Mul(a.x, b.x), new(big.Int).Mul(a.y, b.y)
	cross := new(big.Int).Add(new(big.Int).Mul(a.x, b.y), new(big.Int).Mul(a.y, b.x))
	d := new(big.Int).Mul(ed448D, new(big.Int).Mul(xx, yy))
	d.Mod(d, ed448P)
	one := big.NewInt(1)
	return ed448Point{
		ed448Quotient(cross, new(big.Int).Add(one, d)),
		ed448Quotient(yy.Sub(yy, xx), new(big.Int).Sub(one, d)),
	}
}

func ed448Quotient(a, b *big.Int) *big.Int {
	b.ModInverse(b.Mod(b, ed448P), ed448P)
	return a.Mod(a.Mul(a, b), ed448P)
}

func (a ed448Point) times(n *big.Int) ed448Point {
	sum := ed448Point{big.NewInt(0), big.NewInt(1)}
	for i := n.BitLen() - 1; i >= 0; i-- {
		sum = sum.plus(sum)
		if n.Bit(i) == 1 {
			sum = sum.plus(a)
		}
	}
	return sum
}

// encode is y with the lowest bit of x in the last octet's highest.
func (a ed448Point) encode() []byte {
	out := reversed(a.y, 57)
	out[56] |= byte(a.x.Bit(0) << 7)
	return out
}

func littleEndian(b []byte) *big.Int {
	b = slices.Clone(b)
	slices.Reverse(b)
	return new(big.Int).SetBytes(b)
}

// reversed is n in so many bytes, little-endian.
func reversed(n *big.Int, size int) []byte {
	b := n.FillBytes(make([]byte, size))
	slices.Reverse(b)
	return b
}

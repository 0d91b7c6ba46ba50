package text

import (
	"math/bits"
	"strings"
)

// Look is a name with an address, taken apart as one of very many that are compared: it holds no more than a
// few short texts.
type Look struct {
	Name    Name
	Address Address
}

// LookOf takes a name and an address apart.
func LookOf(name, address string) Look { return Look{NameOf(name), AddressOf(address)} }

// Alike says that both are probably the same, spelling slips included.
func (l Look) Alike(o Look) bool { return l.Address.Alike(o.Address) && l.Name.Alike(o.Name) }

// Glance is what can be seen of a name and an address without looking at their words: enough to part most that
// are not alike, much faster. It is the same on every machine and in every run.
type Glance struct {
	Mark                    uint64 // of the first number of the address and the digits of the name, which have no slips
	letters, addressLetters uint64 // a bit for each letter, and one for each that is there twice
	Length                  uint8  // of the name, in letters and digits; 255 stands for more
	Slips                   uint8  // how many the name may have: as much at most parts its length from that of one alike
	addressSlips            uint8
	addressNames            uint8 // how many; 255 stands for more
	Numbered                bool  // that the address has a number
	noWords                 bool  // that the name has none
	side, way               short
}

// GlanceAt takes a glance at a name and an address, which are normalised. It leaves nothing behind on the heap,
// as a million of them may be read.
func GlanceAt(name, address string) (g Glance) {
	var some, others, more [12]string
	words := nameWords(some[:0], name)
	p := addressParts(others[:0], more[:0], address)
	h := hashed
	if g.Numbered = len(p.numbers) > 0; g.Numbered {
		h = hashed.add(p.numbers[0])
	}
	var sum uint64
	length, slips := 0, 0
	for _, w := range words {
		n, inWord, digits := g.see(&g.letters, w)
		length, slips, sum = length+n, slips+inWord, sum+digits
	}
	// Written together a name may have more slips than its words one by one: "A Be Ce".
	slips = max(slips, slipsIn(length))
	g.Mark, g.Length, g.Slips, g.noWords = uint64(h)^sum, atMost255(length), atMost255(slips), len(words) == 0
	g.side, g.way = p.side, p.way
	slips = 0
	for _, w := range p.names {
		_, inWord, _ := g.see(&g.addressLetters, w)
		slips += inWord
	}
	g.addressSlips, g.addressNames = atMost255(slips), atMost255(len(p.names))
	return g
}

// see adds the letters of a word, and returns how many letters and digits it has, how many slips there may be
// in it, and a sum of its digits, which is the same in any order.
func (g *Glance) see(letters *uint64, word string) (length, slips int, digits uint64) {
	for _, r := range word {
		switch {
		case 'a' <= r && r <= 'z':
			once := uint64(1) << (r - 'a')
			*letters |= once | (*letters&once)<<26
		case isDigit(r):
			digits += uint64(hashed.add(string(r)))
		default:
			*letters |= 1 << (52 + r%12) // those that share a bit are one letter, of which no second one counts
		}
		length++
	}
	if digits == 0 {
		slips = slipsIn(length)
	}
	return length, slips, digits
}

func atMost255(n int) uint8 { return uint8(min(n, 255)) } // #nosec G115 -- bounded

// slipsIn is how many slips there may be in a word of so many letters: what it is close to may have more
// letters, and so more slips, than it has itself.
func slipsIn(letters int) (n int) {
	for n < 2 && (letters+n+1)/4 > n {
		n++
	}
	return n
}

// MayBeAlike is false only where what the glances were at is not alike: a slip takes one letter away and puts
// one in at most, and each word of the shorter address has one in the longer. Their marks are not compared.
func (g *Glance) MayBeAlike(o *Glance) bool {
	if bits.OnesCount64(g.letters^o.letters) > 2*int(min(g.Slips, o.Slips)) {
		return false
	}
	if g.side != o.side && g.side != 0 && o.side != 0 || g.way != o.way && g.way != 0 && o.way != 0 {
		return false
	}
	if g.addressNames > o.addressNames {
		g, o = o, g
	}
	return bits.OnesCount64(g.addressLetters&^o.addressLetters) <= int(g.addressSlips) &&
		g.noWords == o.noWords && (g.addressNames == 0) == (o.addressNames == 0)
}

// EndMarks are marks of the first two and of the last two letters of each word of the name, with that of its
// address: one slip in a word of five letters or more leaves one of them.
func (g Glance) EndMarks(n Name) (marks []uint64) {
	for w := range strings.SplitSeq(n.words, " ") {
		runes := []rune(w)
		few := min(len(runes), 2)
		marks = append(marks, g.Mark^uint64(hashed.add(string(runes[:few])+"…")), g.Mark^uint64(hashed.add("…"+string(runes[len(runes)-few:]))))
	}
	return marks
}

// Hash is of two texts.
func Hash(a, b string) uint64 { return uint64(hashed.add(a).add("\x00").add(b)) }

// hash is FNV-1a, 64 bits wide.
type hash uint64

const hashed hash = 14695981039346656037

func (h hash) add(s string) hash {
	for i := range len(s) {
		h = (h ^ hash(s[i])) * 1099511628211
	}
	return h
}

package sandbox

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// newWord is a word by which a visitor is known. It says when they came and cannot be made up, so that who
// came once need not be remembered.
func (s *Sandboxes) newWord(now time.Time) string {
	said := strconv.FormatInt(now.UnixMilli(), 36) + "-" + rand.Text()
	return said + "-" + s.sign(said)
}

// began is when a visitor came; not good for a word that is not of this run.
func (s *Sandboxes) began(word string) (at time.Time, good bool) {
	cut := strings.LastIndexByte(word, '-')
	if cut < 0 || !hmac.Equal([]byte(s.sign(word[:cut])), []byte(word[cut+1:])) {
		return at, false
	}
	first, _, _ := strings.Cut(word, "-")
	n, err := strconv.ParseInt(first, 36, 64)
	return time.UnixMilli(n), err == nil
}

func (s *Sandboxes) sign(said string) string {
	mac := hmac.New(sha256.New, s.key[:])
	mac.Write([]byte(said))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// Mark tells the demo of a visit apart from others, and says nothing of its word.
func (v *Visit) Mark() string {
	sum := sha256.Sum256([]byte(v.Word))
	return hex.EncodeToString(sum[:6])
}

// networkOf is what counts as one address: of IPv6, a household has 2⁶⁴ of them.
func networkOf(from netip.Addr) netip.Prefix {
	from = from.Unmap()
	bits := from.BitLen()
	if from.Is6() {
		bits = 64
	}
	p, _ := from.Prefix(bits)
	return p
}

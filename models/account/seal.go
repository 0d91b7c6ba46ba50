package account

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"math"
	"strings"
	"time"
)

// sealer gives out values that come back through strangers' hands, or lie where strangers may read
// them: nobody without the secret can read, make or change them. Safe for any number of goroutines.
type sealer struct{ secret [32]byte }

func newSealer(secret [32]byte) sealer { return sealer{secret} }

// sealed is base64 of addresses and cookies, each value written in one way only.
var sealed = base64.RawURLEncoding.Strict()

// forEver stands for a seal without an end.
const forEver = math.MaxInt64

// seal closes the value for one purpose until that time, in milliseconds, which does not belong to
// it any more; the zero time means for ever. The text is good for addresses and cookies and takes
// 48 bytes more than 4/3 of the value.
func (s sealer) seal(purpose string, value []byte, until time.Time) string {
	end := int64(forEver)
	if !until.IsZero() {
		end = until.UnixMilli()
	}
	plain := append(binary.BigEndian.AppendUint64(nil, uint64(end)), value...)           // #nosec G115 -- open turns it back
	return sealed.EncodeToString(s.lock(purpose).Seal(nil, nil, plain, []byte(purpose))) // #nosec G407 -- the lock draws the nonce
}

// open gives the value back; false when the text was not sealed for this purpose with this secret,
// was changed in any way, or has come to its end.
func (s sealer) open(purpose, text string, now time.Time) ([]byte, bool) {
	// The decoder would skip line breaks.
	if strings.ContainsAny(text, "\r\n") {
		return nil, false
	}
	closed, err := sealed.DecodeString(text)
	if err != nil {
		return nil, false
	}
	plain, err := s.lock(purpose).Open(nil, nil, closed, []byte(purpose))
	if err != nil || len(plain) < 8 {
		return nil, false
	}
	end := int64(binary.BigEndian.Uint64(plain)) // #nosec G115 -- what seal made of an int64
	if end != forEver && now.UnixMilli() >= end {
		return nil, false
	}
	return plain[8:], true
}

// lock is AES-256-GCM with a key of the purpose's own and a nonce at random, which is safe for 2³²
// values of one purpose (NIST SP 800-38D, 8.3). With a key of 32 bytes nothing in it can fail.
func (s sealer) lock(purpose string) cipher.AEAD {
	key, err := hkdf.Key(sha256.New, s.secret[:], nil, "maitred/"+purpose, 32)
	if err != nil {
		panic(err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	lock, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	return lock
}

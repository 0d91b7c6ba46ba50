package account

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
)

// mark is what can be kept of a value to know it again for one purpose: nobody without the secret can
// find the value by trying, or compare it with the mark of another purpose.
func (s sealer) mark(purpose string, value []byte) []byte {
	key, err := hkdf.Key(sha256.New, s.secret[:], nil, "maitred/mark/"+purpose, sha256.Size)
	if err != nil { // not with a secret of 32 bytes
		panic(err)
	}
	h := hmac.New(sha256.New, key)
	h.Write(value)
	return h.Sum(nil)
}

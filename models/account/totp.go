package account

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/boombuler/barcode/qr"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
)

// The second step is a code of 6 digits that changes every 30 seconds (RFC 6238 with SHA-1, which is
// what every authenticator app knows). Clocks may differ by one step.
const (
	issuer     = "maitred"
	stepLength = 30 // seconds
	skew       = 1  // steps
)

var plainBase32 = base32.StdEncoding.WithPadding(base32.NoPadding)

// newKey is a new secret for the second step of the user: 160 random bits (RFC 4226, section 4,
// R6). The name must not be empty.
func newKey(user string) (secret []byte, err error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: user, SecretSize: 20})
	if err != nil {
		return nil, fmt.Errorf("make a key for the second step: %w", err)
	}
	secret, err = plainBase32.DecodeString(key.Secret())
	if err != nil {
		return nil, fmt.Errorf("make a key for the second step: %w", err)
	}
	return secret, nil
}

// step is the time step that the code belongs to, in 30 seconds since 1970; ok is false when it
// belongs to none of the current one, the one before and the one after. A code is good once: the
// caller refuses a step that is not after the last one used. White space in the code is ignored.
func step(secret []byte, code string, now time.Time) (n int64, ok bool) {
	code = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, code)
	current := now.Unix() / stepLength
	for at := current - skew; at <= current+skew; at++ {
		counter := uint64(at) // #nosec G115 -- the standard counts from 1970 on
		want, err := hotp.GenerateCodeCustom(plainBase32.EncodeToString(secret), counter,
			hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err != nil {
			return 0, false
		}
		// All of them are compared, so that time does not tell which it was.
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			n, ok = at, true
		}
	}
	return n, ok
}

// KeyURL is the secret as authenticator apps read it: otpauth://totp/maitred:user?secret=….
// It is "" for a user without a name and for an empty secret.
func KeyURL(user string, secret []byte) string {
	if len(secret) == 0 {
		return "" // the library would make one up
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: user, Secret: secret})
	if err != nil {
		return ""
	}
	return key.URL()
}

// QR is the QR code of the URL for a page to draw: a square of modules by row and column, true for
// dark ones, without the quiet zone of 4 modules that must surround it. The error says that the URL
// is too long for any, some 2,300 bytes.
func QR(url string) (modules [][]bool, err error) {
	code, err := qr.Encode(url, qr.M, qr.Auto)
	if err != nil {
		return nil, fmt.Errorf("draw a QR code: %w", err)
	}
	size := code.Bounds()
	modules = make([][]bool, size.Dy())
	for y := range modules {
		modules[y] = make([]bool, size.Dx())
		for x := range modules[y] {
			red, _, _, _ := code.At(x, y).RGBA()
			modules[y][x] = red == 0
		}
	}
	return modules, nil
}

// Spelled is the secret for typing by hand, in groups of four: "JBSW Y3DP …".
func Spelled(secret []byte) string { return grouped(plainBase32.EncodeToString(secret), " ") }

// recoveryCodes is how many codes a person gets to come in without their second step.
const recoveryCodes = 10

// recoveryLetters are digits and capitals without I, L, O and U, which are read as others
// (Crockford's base 32).
var recoveryLetters = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// newRecoveryCodes are 10 codes of 80 random bits, each in four groups of four: "7K3M-9QXA-…". Each
// is good once; only its recoveryHash is kept.
func newRecoveryCodes() []string {
	codes := make([]string, recoveryCodes)
	for i := range codes {
		bits := make([]byte, 10)
		_, _ = rand.Read(bits) // never fails
		codes[i] = grouped(recoveryLetters.EncodeToString(bits), "-")
	}
	return codes
}

// recoveryHash is what is kept of a recovery code: SHA-256, in hex, of the code in capitals without
// spaces and hyphens, with letters that look like digits read as such. 80 random bits cannot be
// guessed from it, so that it need not be slow.
func recoveryHash(code string) string {
	plain := strings.Map(func(r rune) rune {
		switch r = unicode.ToUpper(r); {
		case unicode.IsSpace(r) || r == '-' || r == '‐' || r == '‑' || r == '–':
			return -1
		case r == 'O':
			return '0'
		case r == 'I' || r == 'L':
			return '1'
		default:
			return r
		}
	}, code)
	sum := sha256.Sum256([]byte(plain))
	return hex.EncodeToString(sum[:])
}

// grouped parts s into fours.
func grouped(s, with string) string {
	var groups []string
	for len(s) > 4 {
		groups, s = append(groups, s[:4]), s[4:]
	}
	return strings.Join(append(groups, s), with)
}

package account

import (
	"bytes"
	"encoding/base32"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp"
)

func TestCodesAreThoseOfTheStandard(t *testing.T) {
	secret := []byte("12345678901234567890")
	// RFC 6238, appendix B, the last 6 of its 8 digits.
	for seconds, code := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		n, ok := step(secret, code, time.Unix(seconds, 0))
		if !ok || n != seconds/30 {
			t.Errorf("at %d: step %d, %v", seconds, n, ok)
		}
	}
}

func TestACodeCountsOneStepBeforeAndAfterAndNoLonger(t *testing.T) {
	secret, code := []byte("12345678901234567890"), "081804" // of the step 37037036
	for late, want := range map[time.Duration]bool{-60: false, -59: true, -30: true, 0: true, 29: true, 30: true, 31: false, 60: false} {
		at := time.Unix(1111111109+int64(late), 0)
		n, ok := step(secret, code, at)
		if ok != want || ok && n != 37037036 {
			t.Errorf("%d seconds late: step %d, %v", late, n, ok)
		}
	}
}

func TestSpacesInACodeAreIgnoredAndNothingElse(t *testing.T) {
	secret, now := []byte("12345678901234567890"), time.Unix(1111111109, 0)
	for code, want := range map[string]bool{
		"081804": true, "081 804": true, " 081\u00a0804 \n": true,
		"": false, "81804": false, "0818041": false, "081805": false, "081-804": false, "٠٨١٨٠٤": false,
	} {
		if _, ok := step(secret, code, now); ok != want {
			t.Errorf("%q: %v", code, ok)
		}
	}
	if _, ok := step([]byte("another secret 12345"), "081804", now); ok {
		t.Error("the code of another secret counts")
	}
}

func TestAnAppReadsTheKeyFromItsURLAndAPersonFromItsSpelling(t *testing.T) {
	for _, user := range []string{"Joe", "Anna Smith", "Ärger & Söhne/50%", "a:b", "joe@example.org"} {
		secret, err := newKey(user)
		if err != nil || len(secret) != 20 {
			t.Fatalf("%d bytes, %v", len(secret), err)
		}
		if again, _ := newKey(user); bytes.Equal(again, secret) {
			t.Error("the same key twice")
		}
		url := KeyURL(user, secret)
		key, err := otp.NewKeyFromURL(url)
		if err != nil {
			t.Fatal(err)
		}
		typed, err := base32.StdEncoding.DecodeString(strings.ReplaceAll(Spelled(secret), " ", ""))
		if err != nil || !bytes.Equal(typed, secret) {
			t.Errorf("spelled %q: %v", Spelled(secret), err)
		}
		got := fmt.Sprint(key.Type(), key.Issuer(), key.AccountName(), key.Secret(), key.Period(), int(key.Digits()), key.Algorithm())
		want := fmt.Sprint("totp", "maitred", user, strings.ReplaceAll(Spelled(secret), " ", ""), 30, 6, otp.AlgorithmSHA1)
		if got != want || !strings.HasPrefix(url, "otpauth://totp/maitred:") {
			t.Errorf("%s says %s, not %s", url, got, want)
		}
	}
	if !regexp.MustCompile(`^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$`).MatchString(Spelled(make([]byte, 20))) {
		t.Errorf("spelled %q", Spelled(make([]byte, 20)))
	}
	if _, err := newKey(""); err == nil {
		t.Error("a key for a user without a name")
	}
	if KeyURL("", []byte("secret")) != "" || KeyURL("Joe", nil) != "" {
		t.Error("a URL without a name or a secret")
	}
}

func TestTheCodeToScanIsASquareWithItsThreeCorners(t *testing.T) {
	modules, err := QR(KeyURL("Joe", []byte("12345678901234567890")))
	if err != nil {
		t.Fatal(err)
	}
	n := len(modules)
	if n < 21 || n%4 != 1 {
		t.Fatalf("%d rows are no QR code", n)
	}
	finder := []string{"#######", "#.....#", "#.###.#", "#.###.#", "#.###.#", "#.....#", "#######"}
	for y, row := range finder {
		if len(modules[y]) != n {
			t.Fatalf("row %d has %d modules", y, len(modules[y]))
		}
		for x := range row {
			dark := row[x] == '#'
			if modules[y][x] != dark || modules[y][n-7+x] != dark || modules[n-7+y][x] != dark {
				t.Fatalf("the corners are wrong at %d, %d", x, y)
			}
		}
	}
	if _, err := QR(strings.Repeat("x", 3000)); err == nil {
		t.Error("no error for what no QR code holds")
	}
}

func TestRecoveryCodesAreTenEasyOnesEachItsOwn(t *testing.T) {
	codes := newRecoveryCodes()
	seen := map[string]bool{}
	for _, code := range codes {
		if !regexp.MustCompile(`^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$`).MatchString(code) {
			t.Errorf("%q is not easy", code)
		}
		seen[recoveryHash(code)] = true
	}
	if len(codes) != 10 || len(seen) != 10 {
		t.Errorf("%d codes, %d different", len(codes), len(seen))
	}
}

func TestARecoveryCodeMayBeTypedInAnyWay(t *testing.T) {
	want := recoveryHash("7K3M-90QX-A1BC-DEFG")
	if want != "ae6607f89f63f868822ab32bb2cf787357c6ec55fbe7d171f007319ff807b2e6" { // of 7K3M90QXA1BCDEFG
		t.Errorf("not SHA-256: %s", want)
	}
	for _, typed := range []string{"7k3m90qxa1bcdefg", " 7K3M 90QX A1BC DEFG ", "7K3M–90QX–A1BC–DEFG", "7K3M-9OQX-AlBC-DEFG", "7K3M-9oQX-AiBC-DEFG"} {
		if recoveryHash(typed) != want {
			t.Errorf("%q is another code", typed)
		}
	}
	for _, other := range []string{"", "7K3M-90QX-A1BC-DEFH", "7K3M-90QX-A1BC-DEF"} {
		if recoveryHash(other) == want {
			t.Errorf("%q is the same code", other)
		}
	}
}

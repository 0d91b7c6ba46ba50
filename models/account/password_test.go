package account

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"maitred/models/problem"
)

// sentence is what CheckPassword says at the field, "" when it takes the password.
func sentence(t *testing.T, name, password string) string {
	t.Helper()
	err := CheckPassword(name, password)
	if err == nil {
		return ""
	}
	var p *problem.Error
	if !errors.As(err, &p) || p.Code != problem.Invalid || len(p.Fields) != 1 || p.Fields[0].Name != "password" {
		t.Fatalf("%q: want one sentence at the field, got %v", password, err)
	}
	return p.Fields[0].Message
}

func TestPasswordsThatNobodyGuessesAreTaken(t *testing.T) {
	for _, password := range []string{
		"correct horse battery staple",
		"  leading and trailing spaces  ",
		"twelve chars",
		"kT9#vLq2!xWz",
		"839201748205",
		"пять белых журавлей",
		"五羽の白い鶴が川を渡って北へ行く",
		"🦆🚲🍋🪑🎺🧦🌵🔑🐙🥐🧭🎈",
		"the hijacked def leppard tour",
		"Annabel's neighbour whistles",
		"samurai-lake!",
		strings.Repeat("seven different words in a row are long, ", 4) + "64 and more",
		"eleven of maitred's waiters",
	} {
		if got := sentence(t, "Anna Sam", password); got != "" {
			t.Errorf("%q: %s", password, got)
		}
		if got, good := Strength("Anna Sam", password); !good || !strings.Contains(got, "ood") {
			t.Errorf("%q: the meter says %q, %v", password, got, good)
		}
	}
}

func TestCommonPasswordsAreRefusedInAnyDisguise(t *testing.T) {
	for _, password := range []string{
		"1qaz2wsx3edc4rfv", "leavemealone", "LeaveMeAlone", "Leave me alone", "leave-me-alone!",
		"passwordpassword", "Password123!!!!", "P@ssw0rd2024!", "p4$$w0rd_1234", "password password 1",
		"Password1Password1", "password1password1!!", "$unshine20201", "!!!!sunshine!!!!", "***dragon***2024",
		"drowssap123456", "Pässwörd12345", "pａssｗord12345", "l0v3l0v3l0v3", "password🎉🎉🎉🎉🎉",
		"19871987!!!!!", "p.a.s.s.w.o.r.d", "administrator", "Un8elieva8le!", "dragon 839201 dragon 839201 ", "ILOVEYOU-2026-08",
	} {
		if got := sentence(t, "Joe", password); !strings.Contains(got, "common passwords") &&
			!strings.Contains(got, "repeats") && !strings.Contains(got, "in their order") {
			t.Errorf("%q: %q", password, got)
		}
		if _, good := Strength("Joe", password); good {
			t.Errorf("%q is good for the meter", password)
		}
	}
}

func TestRunsAndRepetitionsAreRefused(t *testing.T) {
	for _, password := range []string{
		"123456789012", "abcdefghijkl", "zyxwvutsrqpo", "qwertyuiopas", "QWERTYUIOP12", "qweasdzxc123",
		"987654321098", "123-456-789-012", "aaaaaaaaaaaa", "aaaaaaaaaaa1", "aaaabbbbcccc", "йцукенгшщзхъ",
		"!@#$%^&*()!@", "qwertzuiop123",
	} {
		if got := sentence(t, "Joe", password); !strings.Contains(got, "in their order") {
			t.Errorf("%q: %q", password, got)
		}
	}
	for _, password := range []string{
		"xkxkxkxkxkxk", "xk7xk7xk7xk7", "haha haha haha", "1xkxkxkxkxkxk", "qxvjqxvjqxvj!", "mzq mzq mzq mzq",
		"🦆🚲🦆🚲🦆🚲🦆🚲🦆🚲🦆🚲", strings.Repeat("bad wolf! ", 20),
	} {
		if got := sentence(t, "Joe", password); !strings.Contains(got, "repeats") {
			t.Errorf("%q: %q", password, got)
		}
	}
}

func TestThePersonsAndTheProgramsNameAreRefused(t *testing.T) {
	for _, password := range []string{
		"Wilhelmina Oz", "wilhelmina.oz.1", "W1lh3lm1na!!", "wilhelmina839201", "OzWilhelmina7", "!!!!!!!Wilhelmina",
		"animlehliw123",
	} {
		if got := sentence(t, "Wilhelmina Oz", password); !strings.Contains(got, "than the name.") {
			t.Errorf("%q: %q", password, got)
		}
	}
	for _, password := range []string{"maitred-2026", "M@itr3d!!!!!", "xxmaitred-99", "maitremaitred", "Maitred Maitred"} {
		if got := sentence(t, "Joe", password); !strings.Contains(got, "this program") && !strings.Contains(got, "repeats") {
			t.Errorf("%q: %q", password, got)
		}
	}
	if got := sentence(t, "", "wilhelmina839201"); got != "" {
		t.Errorf("without a name: %q", got)
	}
}

func TestLengthsAreCountedInCharactersAndNothingIsCut(t *testing.T) {
	for password, want := range map[string]string{
		"":                                 "Please choose a password of 12 characters or more.",
		"kT9#v":                            "it has 5 of at least 12 characters",
		"kT9#vLq2xWz":                      "it has 11 of",
		"пять журавл":                      "it has 11 of",
		"a\u0308kT9#vLq2xW":                "it has 11 of", // composed, "ä" is one character
		strings.Repeat("kT9#vLq2!xWz", 43): "it takes 516 of at most 512 bytes",
		"kT9#vLq2\xff!xWz":                 "cannot be read",
		"kT9#vLq2\x00!xWz":                 "NUL",
	} {
		if got := sentence(t, "Joe", password); !strings.Contains(got, want) {
			t.Errorf("%q: want %q, got %q", password, want, got)
		}
	}
	long := "seven words " + strings.Repeat("Ж", 250)
	if got := sentence(t, "Joe", long[:512]); got != "" && !strings.Contains(got, "order") {
		t.Errorf("512 bytes: %q", got)
	}
}

func TestTheMeterSpeaksInWords(t *testing.T) {
	for password, want := range map[string]string{
		"":                             "12 characters or more are needed.",
		"kT9#v":                        "7 more characters are needed.",
		"kT9#vLq2xWz":                  "1 more character is needed.",
		"kT9#vLq2!xWz":                 "Good.",
		"correct horse battery staple": "Very good: long.",
	} {
		got, good := Strength("Joe", password)
		if got != want || good != strings.Contains(want, "ood") {
			t.Errorf("%q: want %q, got %q, %v", password, want, got, good)
		}
	}
}

func TestTheListHoldsTheTenThousandMostCommonAndAsManyLongOnes(t *testing.T) {
	all := commonPasswords()
	long := 0
	for i, password := range all {
		if i > 0 && all[i-1] >= password {
			t.Fatalf("%q stands after %q", password, all[i-1])
		}
		if characters(password) >= minPassword {
			long++
		}
	}
	if len(all) < 40_000 || long < 10_000 {
		t.Errorf("only %d passwords, of which %d are long", len(all), long)
	}
}

func TestNoPasswordOnTheListIsTakenAsItIs(t *testing.T) {
	for _, password := range commonPasswords() {
		if CheckPassword("Joe", password) == nil {
			t.Errorf("%q is taken", password)
		}
	}
}

func TestPasswordsDrawnAtRandomAreTaken(t *testing.T) {
	const keys = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!@#$%^&*()-_=+"
	drawn := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		password := make([]byte, 16)
		for i := range password {
			password[i] = keys[drawn.IntN(len(keys))]
		}
		if got := sentence(t, "Anna Smith", string(password)); got != "" {
			t.Errorf("%q: %s", password, got)
		}
	}
}

func BenchmarkCheckPassword(b *testing.B) {
	for _, password := range []string{"correct horse battery staple", strings.Repeat("kT9#vLq2!xWz", 42)} {
		b.Run("", func(b *testing.B) {
			for b.Loop() {
				_, _ = Strength("Wilhelmina Oz", password)
			}
		})
	}
}

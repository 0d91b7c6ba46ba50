package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

func TestAPersonChangesThePasswordAndStaysSignedInHereAlone(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	here, there := p.signedIn(p.cleo), p.signedIn(p.cleo)
	before := here.cookies["maitred_session"]
	here.get("/account").status(http.StatusOK).says("Cleo", "a viewer", "reads and exports")
	here.goes(here.post("/account/password", "current", password, "password", "seven swans a-swimming", "again", "seven swans a-swimming"), "/account").
		says("Your password is changed. You are signed out everywhere else.")
	if here.cookies["maitred_session"] == before {
		t.Error("the session has its old word")
	}
	there.get("/account").status(http.StatusUnauthorized)
	there.post("/sign-in", "name", "Cleo", "password", password).status(http.StatusUnprocessableEntity)
	there.post("/sign-in", "name", "Cleo", "password", "seven swans a-swimming").status(http.StatusSeeOther)
}

func TestAPasswordThatIsRefusedIsSaidAtItsFieldAndNotSentBack(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	cleo := p.signedIn(p.cleo)
	const typed = "seven swans a-swimming"
	for field, fields := range map[string][]string{
		"current":  {"current", "not the one at all", "password", typed, "again", typed},
		"again":    {"current", password, "password", typed, "again", "seven swans"},
		"password": {"current", password, "password", "swans", "again", "swans"},
	} {
		refused := cleo.post("/account/password", fields...).status(http.StatusUnprocessableEntity)
		if refused.Find("main #"+field+"[aria-invalid=true]").Length() != 1 || refused.Find("main [aria-invalid=true]").Length() != 1 {
			t.Errorf("%s: the field is not marked, or another one is", field)
		}
		if refused.Find("main .refused a[href='#"+field+"']").Length() != 1 {
			t.Errorf("%s: the summary does not lead to the field", field)
		}
		if strings.Contains(refused.Body, typed) || strings.Contains(refused.Body, "not the one at all") || refused.Find("main input[type=password][value]").Length() != 0 {
			t.Errorf("%s: what was typed came back", field)
		}
	}
	cleo.get("/account").status(http.StatusOK) // nothing ended
	p.signedIn(p.cleo)                         // with the same password
}

func TestPasswordFieldsAreMadeForProgramsThatKeepPasswords(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	form := p.signedIn(p.cleo).get("/account").Find("form[action='/account/password']")
	if form.Find("input[autocomplete=username]").AttrOr("value", "") != "Cleo" {
		t.Error("nothing says whose password it is")
	}
	for field, want := range map[string]string{"current": "current-password", "password": "new-password", "again": "new-password"} {
		input := form.Find("input[type=password][name=" + field + "]")
		if got := input.AttrOr("autocomplete", ""); got != want {
			t.Errorf("%s is for %q", field, got)
		}
		for _, not := range []string{"maxlength", "onpaste", "pattern"} {
			if _, has := input.Attr(not); has {
				t.Errorf("%s has %s", field, not)
			}
		}
	}
}

func TestHowGoodAPasswordIsIsSaidBelowItsField(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	cleo, stranger := p.signedIn(p.cleo), &colleague{people: p, cookies: map[string]string{}}
	ask := func(b *colleague, pairs ...string) *page {
		return b.send("/password-strength", values(pairs...), "HX-Request", "true", "HX-Request-Type", "partial", "HX-Target", "p#password-note").status(http.StatusOK)
	}
	for words, said := range map[string]string{"": "12 characters", "elevenchars": "1 more", "purple monkeys sing": "Good", "purple monkeys sing loudly": "Very good"} {
		for _, b := range []*colleague{cleo, stranger} {
			part := ask(b, "password", words)
			if part.Find("h1").Length() != 0 || !strings.Contains(squeezed(part.Find("p#password-note")), said) {
				t.Errorf("%q: %s", words, part.Body)
			}
			if words != "" && strings.Contains(part.Body, words) {
				t.Errorf("%q is sent back", words)
			}
		}
	}
	if said := squeezed(ask(stranger, "password", "Hieronymus Bosch", "name", "hieronymus bosch").Selection); !strings.Contains(said, "name") {
		t.Errorf("a name as a password: %s", said)
	}
}

func TestAPersonSeesTheirSessionsAndEndsThem(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	here, there, third, anna := p.signedIn(p.ben), p.signedIn(p.ben), p.signedIn(p.ben), p.signedIn(p.anna)
	there.agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
	there.post("/sign-in", "name", "Ben", "password", password).status(http.StatusSeeOther)
	page := here.get("/account").status(http.StatusOK).says("Firefox on Linux", "Safari on an iPhone", "127.0.0.1", "this one")
	phone := page.Find("main tbody tr:contains('iPhone')")
	if phone.Find("[title='"+there.agent+"']").Length() != 1 {
		t.Error("what the browser calls itself is not told")
	}
	if page.Find("main tbody tr:contains('this one') form").Length() != 0 {
		t.Error("this one can be ended by a slip")
	}
	end := phone.Find("form").AttrOr("action", "")
	anna.post(end).status(http.StatusNotFound).leads("/account") // it is not hers
	there.get("/account").status(http.StatusOK)
	here.goes(here.post(end), "/account").says("You are signed out there").silentAbout("iPhone")
	there.get("/account").status(http.StatusUnauthorized)
	third.get("/account").status(http.StatusOK)
	left := here.goes(here.post("/account/sessions/end"), "/account").says("signed out everywhere else")
	third.get("/account").status(http.StatusUnauthorized)
	anna.get("/account").status(http.StatusOK)
	if left.Find("main tbody tr").Length() != 1 || left.Find("form[action='/account/sessions/end']").Length() != 0 {
		t.Errorf("more than this one is left: %s", left.short())
	}
}

// code is what an app shows that read the secret of the page.
func (b *colleague) code(p *page) string {
	b.t.Helper()
	return b.codeOf(strings.ReplaceAll(p.Find("main code.secret").Text(), " ", ""))
}

func (b *colleague) codeOf(secret string) string {
	b.t.Helper()
	code, err := totp.GenerateCode(secret, b.accounts.Now())
	if err != nil {
		b.t.Fatal(err)
	}
	return code
}

// addStep adds a second step as its page asks, and returns the page with the recovery codes.
func (b *colleague) addStep() *page {
	b.t.Helper()
	form := b.get("/account/second-step").status(http.StatusOK)
	sent := form.form("post")
	sent.Set("code", b.code(form))
	sent.Set("current", password)
	return b.goes(b.send(sent.action, sent.Values), "/account/second-step")
}

func TestASecondStepIsAddedWithItsAppAndThePassword(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	here, there := p.signedIn(p.ben), p.signedIn(p.ben)
	form := here.get("/account/second-step").status(http.StatusOK)
	if form.Find("main svg.qr path[d]").Length() != 1 || form.Find("main a[href^='otpauth://totp/']").Length() != 1 || form.Find("[style]").Length() != 0 {
		t.Error("no app can read the secret")
	}
	if input := form.Find("main input[name=code]"); input.AttrOr("autocomplete", "") != "one-time-code" || input.AttrOr("inputmode", "") != "numeric" {
		t.Error("the field is not made for codes")
	}
	sent := form.form("post")
	sent.Set("code", "12 34 56")
	sent.Set("current", password)
	wrong := here.send(sent.action, sent.Values).status(http.StatusUnprocessableEntity).saysAt("code", "not right")
	if wrong.Find("main code.secret").Text() != form.Find("main code.secret").Text() {
		t.Error("a wrong code changes the secret, which the app has read by now")
	}
	sent.Set("code", here.code(form))
	sent.Set("current", "somebody else's")
	here.send(sent.action, sent.Values).status(http.StatusUnprocessableEntity).saysAt("current", "not your password")
	if p.now(p.ben).SecondStep {
		t.Fatal("there is a second step without the password")
	}
	sent.Set("current", password)
	done := here.goes(here.send(sent.action, sent.Values), "/account/second-step").says("signed out everywhere else", "10 recovery codes left", "shown only now")
	if n := done.Find("main .codes li").Length(); n != 10 {
		t.Errorf("there are %d recovery codes", n)
	}
	if again := here.get("/account/second-step"); again.Find("main .codes li").Length() != 0 {
		t.Error("the recovery codes are shown twice")
	}
	there.get("/account").status(http.StatusUnauthorized)
	late := here.send(sent.action, sent.Values).status(http.StatusUnprocessableEntity)
	late.saysAt("present", "not right") // of the second step that there is now
	step := there.post("/sign-in", "name", "Ben", "password", password).status(http.StatusOK).form("post")
	step.Set("code", done.Find("main .codes li").First().Text())
	there.send(step.action, step.Values).status(http.StatusSeeOther)
	there.get("/account").says("9 recovery codes left")
}

func TestADraftOfYesterdayBeginsAgain(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	ben := p.signedIn(p.ben)
	form := ben.get("/account/second-step")
	sent := form.form("post")
	p.later(61 * time.Minute)
	ben = p.signedIn(p.ben)
	sent.Set("code", ben.code(form))
	sent.Set("current", password)
	again := ben.send(sent.action, sent.Values).status(http.StatusUnprocessableEntity).says("took too long")
	if again.Find("main code.secret").Text() == form.Find("main code.secret").Text() {
		t.Error("the old secret is offered once more")
	}
}

func TestWhoHasASecondStepMakesNewCodesMovesAndRemovesIt(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	ben := p.signedIn(p.ben)
	form := ben.get("/account/second-step").status(http.StatusOK)
	secret := strings.ReplaceAll(form.Find("main code.secret").Text(), " ", "")
	sent := form.form("post")
	sent.Set("code", ben.code(form))
	sent.Set("current", password)
	first := ben.goes(ben.send(sent.action, sent.Values), "/account/second-step").Find("main .codes").Text()

	// Password and code, and each code once.
	codes := "/account/second-step/codes"
	ben.post(codes, "current", "wrong", "present", ben.codeOf(secret)).status(http.StatusUnprocessableEntity).saysAt("current", "not your password")
	ben.post(codes, "current", password).status(http.StatusUnprocessableEntity).saysAt("present", "not right")
	ben.post(codes, "current", password, "present", ben.codeOf(secret)).status(http.StatusUnprocessableEntity).saysAt("present", "each works once")
	p.later(30 * time.Second)
	second := ben.goes(ben.post(codes, "current", password, "present", ben.codeOf(secret)), "/account/second-step").Find("main .codes")
	if second.Text() == first || second.Text() == "" {
		t.Errorf("the new codes are %q", second.Text())
	}

	// To another phone: what is wrong with its code uses up none of this one's, and both may show theirs
	// in the same half minute.
	p.later(30 * time.Second)
	form = ben.get("/account/second-step/new").status(http.StatusOK).says("no longer work")
	sent = form.form("post")
	sent.Set("current", password)
	sent.Set("present", ben.codeOf(secret))
	sent.Set("code", "000000")
	ben.send(sent.action, sent.Values).status(http.StatusUnprocessableEntity).saysAt("code", "not right")
	sent.Set("code", ben.code(form))
	sent.Set("present", "000000")
	ben.send(sent.action, sent.Values).status(http.StatusUnprocessableEntity).saysAt("present", "not right")
	sent.Set("present", ben.codeOf(secret))
	third := ben.goes(ben.send(sent.action, sent.Values), "/account/second-step").Find("main .codes li")
	ben.send(sent.action, sent.Values).status(http.StatusUnprocessableEntity).saysAt("present", "not right")
	if err := p.accounts.RequireStep(t.Context(), p.by(), true); err != nil {
		t.Fatal(err)
	}
	page := ben.get("/account/second-step").says("cannot be removed")
	if page.Find("[formaction]").Length() != 0 {
		t.Error("what is refused is offered")
	}
	ben.post("/account/second-step/remove", "current", password, "present", third.First().Text()).status(http.StatusUnprocessableEntity).says("so yours was not removed")
	if left, err := p.accounts.CodesLeft(t.Context(), p.ben.ID); err != nil || left != 10 {
		t.Errorf("%d recovery codes are left (%v): one was used up by what is refused", left, err)
	}
	if err := p.accounts.RequireStep(t.Context(), p.by(), false); err != nil {
		t.Fatal(err)
	}
	ben.post("/account/second-step/remove", "current", "wrong").status(http.StatusUnprocessableEntity)
	ben.post("/account/second-step/remove", "current", password, "present", second.Find("li").First().Text()).status(http.StatusUnprocessableEntity).saysAt("present", "not right")
	ben.goes(ben.post("/account/second-step/remove", "current", password, "present", third.Last().Text()), "/account").says("with your password alone")
	if p.now(p.ben).SecondStep {
		t.Error("the second step is still there")
	}
}

// Who knows the password and has a session guesses codes no faster by changing the password in between.
func TestAnotherPasswordForgivesNoWrongCodes(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	ben := p.signedIn(p.ben)
	codes := ben.addStep().Find("main .codes li")
	change := []string{"current", password, "password", "seven swans a-swimming", "again", "seven swans a-swimming"}
	for range 9 { // of ten
		ben.post("/account/second-step/remove", "current", password, "present", "000000").status(http.StatusUnprocessableEntity)
	}
	ben.post("/account/password", change...).status(http.StatusUnprocessableEntity).saysAt("present", "not right")
	ben.post("/account/password", append(change, "present", codes.First().Text())...).status(http.StatusTooManyRequests)
	p.later(3*time.Minute + time.Second)
	ben.goes(ben.post("/account/password", append(change, "present", codes.First().Text())...), "/account").says("Your password is changed")
}

func TestWhoMustAddASecondStepCanDoNothingElse(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	if err := p.accounts.RequireStep(t.Context(), p.by(), true); err != nil {
		t.Fatal(err)
	}
	cleo := p.signedIn(p.cleo)
	for _, address := range []string{"/", "/places", "/account"} {
		cleo.goes(cleo.get(address), "/account/second-step").says("Please add one now")
	}
	cleo.addStep()
	cleo.get("/places").status(http.StatusOK)
}

package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// replies answers a request past the network that may carry any bytes in its cookies.
func (s *site) replies(method, path, body, cookies string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/", strings.NewReader(body))
	u, err := url.ParseRequestURI(path)
	if err != nil {
		s.t.Skip("no server gets such an address") // net/http answers it by itself
	}
	r.URL, r.RequestURI, r.Host, r.RemoteAddr = u, path, "localhost", "127.0.0.1:1234"
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if cookies != "" {
		r.Header.Set("Cookie", cookies)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code >= 500 || w.Code < 200 {
		s.t.Errorf("%s %q %q with %q: answered %d", method, path, body, cookies, w.Code)
	}
	if to := w.Header().Get("Location"); to != "" && !inside("http://localhost", to) {
		s.t.Errorf("%s %q %q: leads to %q", method, path, body, to)
	}
	return w
}

// forgetful is a site whose clock runs so fast that no number of tries is too many.
func forgetful(t testing.TB) *site {
	s := peopleSite(t)
	at := s.people.Now()
	s.people.Now = func() time.Time { return at }
	return s
}

// passes lets so much time pass that tries are forgotten.
func (s *site) passes() {
	at := s.people.Now().Add(waiting)
	s.people.Now = func() time.Time { return at }
}

// begun says whether an answer signs somebody in.
func begun(w *httptest.ResponseRecorder) bool {
	for _, c := range w.Result().Cookies() {
		if strings.HasSuffix(c.Name, "maitred_session") && c.MaxAge >= 0 && c.Value != "" {
			return true
		}
	}
	return false
}

func FuzzSignInForm(f *testing.F) {
	for _, seed := range [][6]string{
		{"", "", "", "", "", ""}, {"Mia", "wrong", "/places", "", "", ""}, {"Mia", password, "//evil.example", "", "", ""}, {"\x00", "\xff", "\\", "x", "", ""}, {"Mia", password, "/", "kept", "proof", "123456"},
		{"mïa", strings.Repeat("a", 600), "/%2e%2e", "AAAA", "AAAA", "\x00"}, {"Mia' OR 1=1--", "'", "javascript:", "", "", ""}, {"<script>", "\"><img>", "/?\"><img>", "\"><img>", "\"><img>", "<b>"}, {"ＭＩＡ", "\u202e", "/\u202e", "\r\n", "\r\n", "\r\n"},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3], seed[4], seed[5])
	}
	s := forgetful(f)
	f.Fuzz(func(t *testing.T, name, typed, next, kept, proof, code string) {
		s := s.in(t)
		s.passes()
		form := values("name", name, "password", typed, "next", next, "kept", kept, "proof", proof, "code", code).Encode()
		w := s.replies(http.MethodPost, "/sign-in", form, "")
		if begun(w) && (typed != password || proof != "") {
			t.Errorf("%q was let in", form)
		}
		s.replies(http.MethodPost, "/sign-in", "name="+name+"&password="+typed+"&next="+next, "") // as it stands there
		s.replies(http.MethodPost, "/welcome", values("link", kept, "name", name, "password", typed, "again", typed).Encode(), "")
		s.replies(http.MethodPost, "/password-strength", values("name", name, "password", typed).Encode(), "")
		s.replies(http.MethodGet, "/sign-in?next="+url.QueryEscape(next), "", "", "HX-Current-URL", next)
		s.mustBeSound()
	})
}

func FuzzPeopleByNumber(f *testing.F) {
	for _, id := range []string{"1", "2", "99", "0", "-1", "01", "+1", "1.0", "9223372036854775807", "9223372036854775808", "x", "%00", "%ff", "1%2f2", "%31", "1;2", " 1", "new", "trail", "1/link", "..", "%2e%2e", "1?x", "1#x", "%F0%9F%8C%AD", "٣"} {
		f.Add(id, "role=viewer")
		f.Add(id, "disabled=1&id=1")
	}
	s := forgetful(f)
	f.Fuzz(func(t *testing.T, id, form string) {
		s := s.in(t)
		s.exec("UPDATE users SET disabled = FALSE, role = CASE name WHEN 'Mia' THEN 'manager' WHEN 'Edgar' THEN 'editor' ELSE 'viewer' END")
		m, v := s.as(mia), s.as(vera)
		for _, one := range []*site{m, v} {
			cookie := "maitred_session=" + one.session
			for _, path := range []string{"/users/" + id, "/users/trail?person=" + id, "/users/trail?before=" + id} {
				one.replies(http.MethodGet, path, "", cookie)
			}
			one.replies(http.MethodPost, "/account/sessions/"+id+"/end", form, cookie)
			if one.session == v.session {
				for _, path := range []string{"/users/" + id, "/users/" + id + "/sign-out", "/users/" + id + "/link", "/users/" + id + "/second-step"} {
					if w := one.replies(http.MethodPost, path, form, cookie); w.Code != http.StatusForbidden && w.Code != http.StatusNotFound && w.Code != http.StatusMethodNotAllowed && w.Code != http.StatusUnauthorized && w.Code != http.StatusBadRequest && w.Code != http.StatusRequestEntityTooLarge {
						t.Errorf("%s %q by who only reads: answered %d", path, form, w.Code)
					}
				}
				continue
			}
			one.replies(http.MethodPost, "/users/"+id+"/nothing", form, cookie)
			one.replies(http.MethodPost, "/users/0"+id, form, cookie)
		}
		if n := s.counted("SELECT count(*) FROM users WHERE role = 'manager' AND NOT disabled"); n < 1 {
			t.Errorf("%q %q: there is no manager", id, form)
		}
	})
}

func FuzzCookies(f *testing.F) {
	s := forgetful(f)
	m := s.as(mia)
	told := m.post("/users/2", "role", "editor").given("maitred_told")
	for _, cookies := range []string{
		"", "maitred_session=", "maitred_session=x", "maitred_session=SESSION", "maitred_session=SESSION; maitred_told=TOLD", "maitred_session=\"SESSION\"", "maitred_session=x; maitred_session=SESSION",
		"maitred_session=LOWER", "maitred_device=DEVICE", "maitred_told=TOLD", "maitred_done=1", "maitred_done=-1; maitred_person=ABCDEFGHIJKLMNOPQRSTUVWXYZ", "maitred_list=/places?q=x", "maitred_list_places=%3Fq%3D", "maitred_list=\x00\xff",
		"=", ";", "a", "maitred_session", "maitred_told=AAAA; maitred_done=9223372036854775808", "__Host-maitred_session=SESSION", "maitred_session=' OR 1=1--", "maitred_columns_places=name", "maitred_session=" + strings.Repeat("A", 5000),
	} {
		f.Add(cookies)
	}
	// Each process that looks for inputs has words of its own.
	words := strings.NewReplacer("SESSION", m.session, "TOLD", told, "DEVICE", m.device, "LOWER", strings.ToLower(m.session))
	f.Fuzz(func(t *testing.T, cookies string) {
		s := s.in(t)
		good := strings.Contains(cookies, "SESSION")
		cookies = words.Replace(cookies)
		for _, path := range []string{"/", "/places", "/places/1", "/account", "/users", "/history"} {
			if w := s.replies(http.MethodGet, path, "", cookies); w.Code != http.StatusUnauthorized && !good {
				t.Errorf("%s with %q: answered %d", path, cookies, w.Code)
			}
			// And whatever else comes along with a good one.
			s.replies(http.MethodGet, path, "", "maitred_session="+m.session+"; "+cookies)
		}
		for _, name := range []string{"maitred_session", "maitred_device", "maitred_told", "maitred_done", "maitred_person", "maitred_list"} {
			s.replies(http.MethodGet, "/places/1", "", "maitred_session="+m.session+"; "+name+"="+cookies)
		}
		if w := s.replies(http.MethodPost, "/sign-in", "name=Nobody&password=wrong", "maitred_device="+cookies); begun(w) {
			t.Errorf("%q lets in", cookies)
		}
	})
}

func FuzzNext(f *testing.F) {
	for _, address := range temptations("http://localhost") {
		if len(address) < 200 {
			f.Add(address)
		}
	}
	for address := range readable {
		f.Add(address)
	}
	s := forgetful(f)
	m := s.as(mia)
	f.Fuzz(func(t *testing.T, next string) {
		s := s.in(t)
		cookie := "maitred_session=" + m.session
		w := s.replies(http.MethodGet, "/sign-in?next="+url.QueryEscape(next), "", cookie)
		to := w.Header().Get("Location")
		if w.Code == http.StatusSeeOther {
			if on := s.replies(http.MethodGet, to, "", cookie); on.Code >= 300 && on.Code != http.StatusNotFound && on.Code != http.StatusBadRequest && on.Code != http.StatusRequestEntityTooLarge {
				t.Errorf("%q leads to %q, which answers %d", next, to, on.Code)
			}
		} else if w.Code != http.StatusBadRequest && w.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("%q: answered %d", next, w.Code)
		}
		for _, here := range []string{next, "http://localhost" + next} {
			w := s.replies(http.MethodGet, "/places", "", "", "HX-Request-Type", "partial", "HX-Target", "div#list", "HX-Current-URL", here)
			u, err := url.Parse(w.Header().Get("HX-Redirect"))
			if err != nil || u.Path != "/sign-in" || u.Host != "" {
				t.Errorf("%q: a part leads to %q", here, w.Header().Get("HX-Redirect"))
			}
			if next := u.Query().Get("next"); next != "" && !inside("http://localhost", next) {
				t.Errorf("%q: a part leads on to %q", here, next)
			}
		}
	})
}

func FuzzSealedInForms(f *testing.F) {
	s := forgetful(f)
	kept := s.post("/places", "name", "Kept", "address", "1").status(http.StatusUnauthorized).form("post").Get("kept")
	for _, sealed := range []string{"", "x", "KEPT", "KEPTA", "KEPT=", "KEPT\n", "AKEPT", "UPPER", "DRAFT", "DEVICE", "\x00\xff", strings.Repeat("A", 300), "AAAA", "..", "<script>", "-_-_"} {
		f.Add(sealed, "123456")
	}
	m := s.as(mia)
	u, err := s.people.Named(f.Context(), edgar)
	if err != nil {
		f.Fatal(err)
	}
	_, draft, err := s.people.NewStep(u)
	if err != nil {
		f.Fatal(err)
	}
	// Each process that looks for inputs has a secret of its own.
	words := strings.NewReplacer("KEPT", kept, "UPPER", strings.ToUpper(kept), "DRAFT", draft, "DEVICE", m.device)
	f.Fuzz(func(t *testing.T, sealed, code string) {
		s := s.in(t)
		s.passes()
		sealed = words.Replace(sealed)
		if w := s.replies(http.MethodPost, "/sign-in", values("proof", sealed, "code", code).Encode(), ""); begun(w) {
			t.Errorf("the proof %q lets in", sealed)
		}
		before := s.changes()
		w := s.replies(http.MethodPost, "/sign-in", values("name", edgar, "password", password, "kept", sealed).Encode(), "")
		if wrote := s.changes() - before; !begun(w) || wrote != 0 && sealed != kept || wrote > 1 {
			t.Errorf("%q: answered %d, and %d changes were written", sealed, w.Code, wrote)
		}
		for _, c := range w.Result().Cookies() {
			if strings.HasSuffix(c.Name, "maitred_session") {
				cookie := "maitred_session=" + c.Value
				s.replies(http.MethodPost, "/account/second-step", values("draft", sealed, "code", code, "current", password).Encode(), cookie)
				s.replies(http.MethodGet, "/account", "", cookie+"; maitred_told="+sealed)
			}
		}
	})
}

package handlers_test

import (
	"bytes"
	"cmp"
	"mime/multipart"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"maitred/handlers"
	"maitred/models/account"
	"maitred/models/sheet"
)

// upload brings a file to the import of a kind.
func (s *site) upload(table, name, content string, fields ...string) *page {
	s.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i < len(fields); i += 2 {
		if err := w.WriteField(fields[i], fields[i+1]); err != nil {
			s.t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write([]byte(content))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return s.do(s.request(http.MethodPost, "/"+table+"/import", body.String(), "Content-Type", w.FormDataContentType()))
}

// workbook is an XLSX file with one sheet; the cells of a line are parted by "|".
func workbook(t *testing.T, lines ...string) string {
	t.Helper()
	var b bytes.Buffer
	w, err := sheet.NewWriter(&b, sheet.XLSX, "Sheet")
	if err == nil {
		err = w.Header(strings.Split(lines[0], "|")...)
	}
	for _, l := range lines[1:] {
		var cells []sheet.Cell
		for _, c := range strings.Split(l, "|") {
			cells = append(cells, sheet.Cell{Text: c})
		}
		if err == nil {
			err = w.Write(cells)
		}
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAFileIsShownBeforeItIsImportedAndUndoneAsOneChange(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("/places").click("Import").status(http.StatusOK).says("Import places", "up to 10 MB and 50,000 rows")
	for what, content := range map[string]string{
		"CSV":  "id,name,address\r\n1,Demon Cats,944 W. Fullerton\r\n,Taco Hut,12 Main\r\n,Burger Hut,13 Main\r\n2,Ace Hardware,1013 N. Ashland\r\n",
		"XLSX": workbook(t, "id|name|address", "1|Demon Cats|944 W. Fullerton", "|Taco Hut|12 Main", "|Burger Hut|13 Main", "2|Ace Hardware|1013 N. Ashland"),
	} {
		before, changes := s.rows("places"), s.changes()
		shown := s.upload("places", "My places."+strings.ToLower(what), content).status(http.StatusOK).
			says("Dry run", "2 new, 1 changed, 1 the same.", "nothing is written yet", "Demon Dogs", "Demon Cats", "Taco Hut", "My places."+strings.ToLower(what))
		if s.rows("places") != before || s.changes() != changes {
			t.Fatalf("%s: the dry run wrote something", what)
		}
		form := shown.form("post")
		if form.Get("confirm") != "1" || form.Get("fingerprint") == "" {
			t.Fatalf("%s: the form of the dry run says %v", what, form.Values)
		}
		seen := form.with("fingerprint", "").send().status(http.StatusOK).says("Dry run", "2 new")
		to := seen.form("post").send().status(http.StatusSeeOther).Header.Get("Location")
		again := seen.form("post").send().status(http.StatusSeeOther).Header.Get("Location")
		if to != "/history/"+s.last() || again != to || s.changes() != changes+1 || s.rows("places") != before+2 {
			t.Errorf("%s: it leads to %s and %s; there are %d changes and %d places", what, to, again, s.changes()-changes, s.rows("places"))
		}
		s.get(to).says("imported “My places."+strings.ToLower(what)+"”: added 2 places and changed 1 place", "Taco Hut", "Burger Hut", "Demon Cats")
		s.post(to + "/undo").status(http.StatusSeeOther)
		s.get("/places/" + demonDogs).says("Demon Dogs")
		if s.rows("places") != before {
			t.Errorf("%s: %d places are left after the undo, of %d", what, s.rows("places"), before)
		}
	}
}

func TestAFileThatIsSentAgainWithTheFingerprintOfItsDryRunIsImported(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const file = "name,address\nTaco Hut,12 Main\n"
	seen := s.upload("places", "p.csv", file, "confirm", "1").status(http.StatusOK).says("Dry run", "1 new.").form("post").Get("fingerprint")
	s.upload("places", "p.csv", file+"Burger Hut,13 Main\n", "confirm", "1", "fingerprint", seen).status(http.StatusConflict).says("2 new.")
	s.upload("places", "p.csv", file, "confirm", "1", "fingerprint", seen).status(http.StatusSeeOther)
	s.get("/places").says("3 places", "Taco Hut").silentAbout("Burger")
}

func TestARowWithAProblemKeepsTheWholeFileOutUnlessItIsLeftOut(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	shown := s.upload("waiters", "w.csv", "name;place_name;place_address\nAnn;Demon Dogs;944 W. Fullerton\n;Demon Dogs;944 W. Fullerton\nBo;Ace Hardware;1013 N. Ashland\n").status(http.StatusOK).
		says("1 new, 2 problems on lines 3 and 4.", "The name is missing.", "At “Ace Hardware, 1013 N. Ashland” there is no restaurant.", "semicolons")
	changes := s.changes()
	shown.form("post").send().status(http.StatusUnprocessableEntity).says("Some rows have problems, so nothing was imported.")
	if s.changes() != changes {
		t.Fatal("a file with problems was imported")
	}
	rows := s.get(shown.links("a[href*='group=problem']")[0]).status(http.StatusOK)
	if want := "name,place_name,place_address,import_line,import_result\r\n,Demon Dogs,944 W. Fullerton,3,The name is missing. Please type it.\r\n" +
		"Bo,Ace Hardware,1013 N. Ashland,4,\"At “Ace Hardware, 1013 N. Ashland” there is no restaurant.\"\r\n"; strings.TrimPrefix(rows.Body, "\ufeff") != want {
		t.Errorf("the rows with problems are\n%s\nwant\n%s", rows.Body, want)
	}
	s.get(strings.Replace(shown.links("a[href*='group=problem']")[0], "group=problem", "group=..%2Fx", 1)).status(http.StatusBadRequest)
	mended := strings.Replace(strings.Replace(rows.Body, "\r\n,Demon", "\r\nCy,Demon", 1), "Ace Hardware,1013 N. Ashland", "Demon Dogs,944 W. Fullerton", 1)
	s.upload("waiters", "mended.csv", mended).status(http.StatusOK).says("2 new.")
	shown.form("post").with("leave_out", "1").send().status(http.StatusSeeOther)
	s.get("/waiters").says("2 waiters", "Ann").silentAbout("Bo")
}

func TestPeopleSayWhatLikelyDuplicatesAre(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	shown := s.upload("places", "p.csv", "name,address\nDeamon Dogs,944 West Fullerton\nAce Hardwear,1013 N. Ashland\nTaco Hut,12 Main\nTaco Hutt,12 Main\nAll Others,1 Road\n").status(http.StatusOK).
		says("2 new, 3 likely duplicates.", "There is Demon Dogs, 944 W. Fullerton", "Line 4 says nearly the same")
	changes := s.changes()
	shown.form("post").with("twin_2", "99").send().status(http.StatusUnprocessableEntity).says("line 2")
	shown.form("post").with("twin_2", "x").send().status(http.StatusBadRequest)
	if s.changes() != changes {
		t.Fatal("a choice that does not go was taken")
	}
	shown.form("post").with("twin_2", demonDogs, "twin_5", "add").send().status(http.StatusSeeOther)
	s.get("/places/"+demonDogs).says("Deamon Dogs", "944 West Fullerton")
	s.get("/places").says("5 places", "Taco Hutt", "All Others").silentAbout("Hardwear")
}

func TestColumnsThatAreNotRecognisedAreAskedFor(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	asked := s.upload("places", "p.csv", "Nom,Street,Phone\nTaco Hut,12 Main,555\n").status(http.StatusOK).says("Which column is what?", "Nom", "Taco Hut", "No column is taken for name yet")
	form := asked.form("post")
	if got := form.Values["column"]; len(got) != 3 || got[1] != "address" || got[0] != "" {
		t.Fatalf("the columns are taken for %q", got)
	}
	form.send().status(http.StatusUnprocessableEntity).says("No column is taken for name yet")
	form.Values["column"] = []string{"name", "name", ""}
	form.send().status(http.StatusUnprocessableEntity).says("Two columns")
	form.Values["column"] = []string{"name", "address"}
	form.send().status(http.StatusBadRequest)
	form.Values["column"] = []string{"name", "address", ""}
	shown := form.send().status(http.StatusOK).says("Dry run", "1 new.")
	shown.form("post").send().status(http.StatusSeeOther)
	s.get("/places?q=taco").says("Taco Hut", "12 Main")
	s.upload("places", "p.csv", "Foo,Bar\n1,2\n").status(http.StatusUnprocessableEntity).says("None of the columns is known here", "“Foo”")
}

func TestWhatChangedSinceADryRunIsToldAndTheFileShownAnew(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	shown := s.upload("places", "p.csv", "id,name\n1,Demon Cats\n2,Ace\n").says("2 changed.")
	s.post("/places/"+demonDogs, "version", s.get("/places/"+demonDogs+"/edit").form("post").Get("version"), "name", "Demon Hogs", "address", "944 W. Fullerton").status(http.StatusSeeOther)
	refused := shown.form("post").send().status(http.StatusConflict).says("This changed while you looked at it. Nothing was imported.", "Demon Hogs", "2 changed.")
	s.get("/places/" + demonDogs).says("Demon Hogs")
	refused.form("post").send().status(http.StatusSeeOther)
	s.get("/places/" + demonDogs).says("Demon Cats")
}

func TestAFileThatCannotBeReadIsRefusedWithItsLines(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.writesNothing(func() {
		s.upload("places", "p.csv", "name,address\nA,B\nC\nD,E,F\n").status(http.StatusUnprocessableEntity).says("Nothing of “p.csv” was imported", "ine 3", "ine 4")
		s.upload("places", "p.csv", "name,address\n\"A,B\n").status(http.StatusUnprocessableEntity).says("ine 2")
		s.upload("places", "p.csv", "").status(http.StatusUnprocessableEntity).says("Choose a file first")
		s.upload("places", "p.csv", "name,address\n"+strings.Repeat("A,B\n", 50_001)).status(http.StatusRequestEntityTooLarge).says("50,000")
		s.upload("places", "p.csv", "name,address\nA,"+strings.Repeat("x", 11<<20)).status(http.StatusRequestEntityTooLarge).
			says("Nothing was imported. The file is too large: it can have up to 10 MB and 50,000 rows.").leads("/places/import")
		s.post("/places/import").status(http.StatusUnprocessableEntity)
		s.post("/places/import", "upload", "NONE", "confirm", "1").status(http.StatusNotFound).says("please upload it again")
		s.get("/places/import?upload=NONE").status(http.StatusNotFound)
	})
}

func TestAFileIsNobodyElses(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	shown := s.as("Ed").upload("places", "p.csv", "name,address\nTaco Hut,12 Main\n").says("1 new.")
	again := "/places/import?upload=" + shown.form("post").Get("upload")
	s.as("Ed").get(again).says("1 new.", "p.csv")
	s.as("Eve").get(again).status(http.StatusNotFound)
	s.as("Ed").get(strings.Replace(again, "places", "waiters", 1)).status(http.StatusNotFound)
	s.as("Vic").upload("places", "p.csv", "name,address\nTaco Hut,12 Main\n").status(http.StatusForbidden)
}

// newMarket is a site that got so many places by one import that it was long work, and the path of that change.
func newMarket(t *testing.T) (s *site, change string) {
	t.Helper()
	s = newSite(t)
	var file strings.Builder
	file.WriteString("name,address\n")
	for i := range 10_001 {
		file.WriteString("Stall " + itoa(i) + "," + itoa(i+1) + " Market Row\n")
	}
	shown := s.upload("places", "stalls.csv", file.String()).status(http.StatusOK).says("10,001 new.", "and 9,901 more")
	to := shown.form("post").send().status(http.StatusSeeOther).Header.Get("Location")
	if !strings.HasPrefix(to, "/progress/") {
		t.Fatalf("it leads to %s", to)
	}
	work, err := s.Working(t.Context(), strings.TrimPrefix(to, "/progress/"))
	if err != nil {
		t.Fatal(err)
	}
	for ; work != nil; time.Sleep(5 * time.Millisecond) {
		if over, err := work.Ended(); over {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	return s, s.get(to).status(http.StatusSeeOther).Header.Get("Location")
}

func TestALongImportGoesOnByItself(t *testing.T) {
	t.Parallel()
	s, done := newMarket(t)
	s.get(done).says("imported “stalls.csv”: added 10,001 places")
	s.post(done + "/undo").status(http.StatusSeeOther)
}

func TestOfASearchThatFindsTooMuchTheListSaysWhatItLeavesOutAndTheFileDoesNot(t *testing.T) {
	t.Parallel()
	s, _ := newMarket(t)
	s.get("/places?q=market").says("So many match that only 10,000 of them are listed, best first.", "All that match, more than 10,000 places, those that are listed first, and with these columns")
	if lines := strings.Count(s.get("/places.csv?q=market").Body, "Market Row"); lines != 10_001 {
		t.Errorf("the file has %d of 10,001 places", lines)
	}
	s.get("/places?q=market&sort=name").says("in this order and with these columns").silentAbout("So many match")
}

func TestATemplateIsAFileThatIsUnderstood(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for table, row := range map[string]string{"places": ",Taco Hut,12 Main", "restaurants": ",Taco Hut,12 Main,yes,no", "waiters": ",Ann,,Demon Dogs,944 W. Fullerton"} {
		file := s.get("/" + table + "/import/template.csv").status(http.StatusOK)
		s.upload(table, "t.csv", file.Body+row+"\n").status(http.StatusOK).says("1 new")
		book := s.get("/" + table + "/import/template.xlsx").status(http.StatusOK)
		s.upload(table, "t.xlsx", book.Body).status(http.StatusOK).says("The file has no rows.")
	}
}

// Two people look at one file, or one of them twice, and press at once: whoever is second is told so, or led
// to what was done.
func TestAFileThatIsConfirmedTwiceAtOnceIsImportedOnce(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	for n, who := range [][]string{{"Ed", "Ed"}, {"Ed", "Max"}, {"Ed", "Max", "Ed", "Max"}} {
		file := "id,name,address\n1,Demon Cats " + itoa(n) + ",944 W. Fullerton\n,Stall " + itoa(n) + "," + itoa(n) + " Market Row\n"
		forms := map[string]*filled{}
		for _, name := range who {
			if forms[name] == nil {
				forms[name] = s.as(name).upload("places", "p.csv", file).status(http.StatusOK).says("1 new, 1 changed.").form("post")
			}
		}
		var requests []*http.Request
		for _, name := range who {
			requests = append(requests, s.as(name).request(http.MethodPost, "/places/import", forms[name].Encode(), "Content-Type", "application/x-www-form-urlencoded"))
		}
		places, changes := s.rows("places"), s.changes()
		done := 0
		for i, res := range s.atOnce(requests) {
			switch to := res.Header.Get("Location"); {
			case res.StatusCode == http.StatusSeeOther && to == "/history/"+s.last():
				done++
			case res.StatusCode != http.StatusConflict:
				t.Errorf("%s is answered %d, to %q", who[i], res.StatusCode, to)
			}
		}
		if done == 0 || s.rows("places") != places+1 || s.changes() != changes+1 {
			t.Errorf("%q: %d are told that it is done; %d places came by %d changes", who, done, s.rows("places")-places, s.changes()-changes)
		}
	}
}

// sheets is an XLSX file with a sheet of places and one of others; alter may alter it.
func sheets(t tester, alter ...func(*excelize.File) error) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	_, err := f.NewSheet("Places")
	for _, a := range alter {
		err = cmp.Or(err, a(f))
	}
	var b bytes.Buffer
	err = cmp.Or(err,
		f.SetSheetRow("Sheet1", "A1", &[]any{"Month", "Rent"}), f.SetSheetRow("Sheet1", "A2", &[]any{"May", "12"}),
		f.SetSheetRow("Places", "A1", &[]any{"name", "address"}), f.SetSheetRow("Places", "A2", &[]any{"Taco Hut", "12 Main"}),
		f.Write(&b))
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestOneOfSeveralSheetsIsChosen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	asked := s.upload("places", "book.xlsx", sheets(t)).status(http.StatusOK).says("Which sheet?", "Sheet1, 1 row", "Places, 1 row")
	shown := asked.form("post").with("sheet", "1").send().status(http.StatusOK).says("Dry run", "1 new.", "Taco Hut")
	asked.form("post").with("sheet", "2").send().status(http.StatusBadRequest)
	asked.form("post").send().status(http.StatusOK).says("Which column is what?", "Month")
	shown.form("post").send().status(http.StatusSeeOther)
	s.get("/places?q=taco").says("Taco Hut", "12 Main")
}

// A sum below other numbers is no reason to refuse the sheet beside them; who chooses it is told.
func TestASheetThatCannotBeReadIsNotInTheWayOfOthers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	sum := func(sheet string) func(*excelize.File) error {
		return func(f *excelize.File) error { return f.SetCellFormula(sheet, "B3", "SUM(B2:B2)") }
	}
	asked := s.upload("places", "book.xlsx", sheets(t, sum("Sheet1"))).status(http.StatusOK).says("Which sheet?", "Sheet1, which cannot be read: 1 problem", "Places, 1 row")
	if chosen := asked.Find("[name=sheet][checked]").AttrOr("value", ""); chosen != "1" {
		t.Errorf("the sheet that is proposed is %q", chosen)
	}
	asked.form("post").with("sheet", "0").send().status(http.StatusUnprocessableEntity).says("Nothing of “book.xlsx” was imported", "Cell B3 of the sheet “Sheet1” contains a formula.")
	asked.form("post").send().status(http.StatusOK).says("Dry run", "1 new.", "Taco Hut")

	s.upload("places", "book.xlsx", sheets(t, sum("Sheet1"), sum("Places"))).status(http.StatusUnprocessableEntity).says("Cell B3 of the sheet “Sheet1” contains a formula.", "Cell B3 of the sheet “Places” contains a formula.")
}

func TestTheButtonSaysWhatAnImportDoes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, it := range []struct{ table, file, button string }{
		{"places", "name,address\nTaco Hut,12 Main\n", "Add 1 place"},
		{"places", "id,name\n1,Demon Cats\n2,Ace\n", "Change 2 places"},
		{"places", "id,name,address\n1,Demon Cats,944 W. Fullerton\n,Taco Hut,12 Main\n,Demon Dog,944 W Fullerton\n", "Add 1 place and change 1 place, and import what I chose"},
		{"places", "name,address\nDemon Dog,944 W Fullerton\n", "Import what I chose"},
		{"restaurants", "place_name,place_address\nTaco Hut,12 Main\nAce Hardware,1013 N. Ashland\n", "Add 2 restaurants with 1 new place"},
		{"places", "name,address\nDemon Dogs,944 W. Fullerton\n", ""},
	} {
		shown := s.upload(it.table, "p.csv", it.file).status(http.StatusOK)
		if said := squeezed(shown.Find("main form button")); said != it.button {
			t.Errorf("the button of %q says %q, want %q", it.file, said, it.button)
		}
	}
}

func TestAFileThatWasReadLeavesNothingOnTheDisk(t *testing.T) { // not in parallel: it is about the one folder for such files
	s := newSite(t)
	o := s.options(account.Manager)
	o.AtOnce = 2 // which the real site always has
	s.answerBy(handlers.New(o))
	t.Setenv("TMPDIR", t.TempDir())
	for content, status := range map[string]int{
		"name,address\n" + strings.Repeat("Taco Hut,12 Main\n", 10_000): http.StatusOK,
		"name,address\nA," + strings.Repeat("x", 1<<20):                 http.StatusRequestEntityTooLarge,
		strings.Repeat("\x00", 1<<20):                                   http.StatusUnprocessableEntity,
	} {
		s.upload("places", "p.csv", content).status(status)
	}
	var left []os.DirEntry
	for range 100 { // the answer is there a moment before its request is over
		var err error
		if left, err = os.ReadDir(os.TempDir()); err != nil {
			t.Fatal(err)
		}
		if len(left) == 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("left behind are %v", left)
}

func TestWhatComesWithAFileIsNoLargerThanAnyForm(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	long := strings.Repeat("x", 65<<10)
	s.writesNothing(func() {
		s.post("/places/import", "upload", long).status(http.StatusRequestEntityTooLarge).says("64 kB")
		body, typ := parts(t, "upload", long)
		s.do(s.request(http.MethodPost, "/places/import", body, "Content-Type", typ)).status(http.StatusRequestEntityTooLarge).says("64 kB")
		body, typ = parts(t, long, "upload")
		s.do(s.request(http.MethodPost, "/places/import", body, "Content-Type", typ)).status(http.StatusRequestEntityTooLarge).says("64 kB")
	})
	s.upload("places", "p.csv", "name,address\n"+strings.Repeat("Taco Hut,12 Main\n", 10_000)).status(http.StatusOK)
}

func TestALongNameOfAFileIsCut(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	long := strings.Repeat("long ", 20_000) + ".csv"
	for _, content := range []string{"name,address\nTaco Hut,12 Main\n", "Foo,Bar\n1,2\n", "%PDF", "\x00"} {
		if shown := s.upload("places", long, content).says("long long"); len(shown.Body) > 50_000 {
			t.Errorf("%q: the page has %d bytes", content, len(shown.Body))
		}
	}
}

func itoa(n int) string { return strconv.Itoa(n) }

// What somebody began stays there for a day; who comes back later is told, and can bring the file again.
func TestAFileIsKeptForADay(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	now := time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC)
	s.Now = func() time.Time { return now }
	shown := s.upload("places", "p.csv", "name,address\nTaco Hut,12 Main\n").status(http.StatusOK).says("1 new.")
	again := "/places/import?upload=" + shown.form("post").Get("upload")
	now = now.Add(23 * time.Hour)
	s.upload("places", "other.csv", "name,address\nBurger Hut,13 Main\n").status(http.StatusOK)
	s.get(again).status(http.StatusOK).says("1 new.", "p.csv")
	now = now.Add(2 * time.Hour)
	s.upload("places", "third.csv", "name,address\nPizza Hut,14 Main\n").status(http.StatusOK)
	for _, late := range []*page{s.get(again), shown.form("post").send()} {
		late.status(http.StatusNotFound).says("The file is no longer here: files are kept for a day.", "Nothing was imported; please upload it again.").leads("/places/import")
	}
	if n := s.rows("places"); n != 2 {
		t.Errorf("there are %d places", n)
	}
}

// A site that can only be read shows the dry run of a file that it has, and takes no other one.
func TestASiteThatCanOnlyBeReadImportsNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	shown := s.upload("places", "p.csv", "name,address\nTaco Hut,12 Main\n").status(http.StatusOK).says("1 new.")
	s.Store.ReadOnly = true
	const notice = "This site can only be read at the moment"
	s.get("/places/import").status(http.StatusOK).says(notice)
	s.get("/places/import?upload="+shown.form("post").Get("upload")).status(http.StatusOK).says(notice, "1 new.")
	for _, p := range []*page{s.upload("places", "p.csv", "name,address\nTaco Hut,12 Main\n"), shown.form("post").send()} {
		p.status(http.StatusServiceUnavailable).says(notice, "Nothing was saved; reading still works.")
	}
	s.Store.ReadOnly = false
	shown.form("post").send().status(http.StatusSeeOther)
}

// While somebody's long change is written, files wait for a moment like everything that is to be saved, and
// are then to come again; nothing of them is lost or done twice.
func TestAFileThatComesDuringALongChangeIsToComeAgain(t *testing.T) {
	t.Parallel()
	s := newCrowd(t)
	shown := s.upload("waiters", "w.csv", "name,restaurant_id\nAnn,1\n").status(http.StatusOK).says("1 new.")
	gate := s.holds(t)
	work := s.get("/places/" + demonDogs + "/delete").form("post").send().status(http.StatusSeeOther).Header.Get("Location")
	<-gate.reached
	s.Patience, s.busy = time.Millisecond, true
	s.get("/waiters/import?upload=" + shown.form("post").Get("upload")).status(http.StatusOK).says("1 new.")
	for _, p := range []*page{s.upload("places", "p.csv", "name,address\nTaco Hut,12 Main\n"), shown.form("post").send()} {
		p.status(http.StatusServiceUnavailable).says("Other changes are still being saved. Nothing was done yet; please try again in a moment.")
		if p.Header.Get("Retry-After") == "" {
			t.Errorf("it does not say when to come again: %s", squeezed(p.Find("main")))
		}
	}
	s.Patience, s.busy = 0, false
	gate.letGo()
	s.ends(work)
	shown.form("post").send().status(http.StatusConflict).says("Someone", "deleted the place Demon Dogs", "There is no restaurant with the number 1.")
	s.upload("places", "p.csv", "name,address\nTaco Hut,12 Main\n").status(http.StatusOK).says("1 new.").form("post").send().status(http.StatusSeeOther)
}

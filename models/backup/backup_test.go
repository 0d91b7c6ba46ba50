package backup_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"maitred/models/backup"
)

func TestTheFirstBackupIsMadeAtOnceAndOneEachPeriod(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.adds()
	s.starts()
	s.has("29 12:00")
	s.comes("29 13:00")
	s.adds()
	s.move(t, 59*time.Minute)
	s.has("29 12:00")
	s.move(t, time.Minute)
	s.has("29 13:00", "29 12:00")
	if n := s.inBackup(); n != 2 {
		t.Errorf("in the second backup are %d places", n)
	}
	if info, err := os.Stat(s.Folder); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder's mode is %v, %v", info.Mode(), err)
	}
	state, err := s.State()
	must(t, err)
	f := state.Files[0]
	info, err := os.Stat(filepath.Join(s.Folder, f.Name))
	must(t, err)
	if f.Name != "maitred-20261129-130000.db" || f.Size != info.Size() || f.Read.IsZero() || info.Mode() != 0o600 {
		t.Errorf("the newest is %+v, %v", f, info.Mode())
	}
	if last := s.LastBackup(); !last.Equal(f.At) {
		t.Errorf("the last one is said to be of %v", last)
	}
}

func TestTheNewestBackupsStay(t *testing.T) {
	t.Parallel()
	s := newSite(t).starts()
	for range 5 {
		s.move(t, time.Hour)
	}
	s.has("29 17:00", "29 16:00", "29 15:00")
	s.Keep = 1
	s.restarts()
	s.has("29 17:00")
}

func TestWhenTheNextBackupComesIsReadFromTheFolder(t *testing.T) {
	t.Parallel()
	s := newSite(t).starts()
	s.move(t, 30*time.Minute)
	s.restarts()
	s.has("29 12:00")
	s.comes("29 13:00")
	must(t, s.Close())
	s.clock.mu.Lock()
	s.clock.now = s.clock.now.Add(3 * time.Hour)
	s.clock.mu.Unlock()
	s.open(s.Settings)
	s.starts()
	s.has("29 15:30", "29 12:00")
	s.comes("29 16:30")

	s.jump(t, 50*time.Hour) // as a machine that slept
	s.has("1 17:30", "29 15:30", "29 12:00")
}

func TestABackupThatIsAskedForIsMadeAtOnceAndOnlyOneAtATime(t *testing.T) {
	t.Parallel()
	s := newSite(t).starts()
	s.move(t, 10*time.Minute)
	s.Ask()
	s.Ask()
	s.waits(t)
	s.has("29 12:10", "29 12:00")
	s.comes("29 13:10")
	if state, err := s.State(); err != nil || state.Making != nil {
		t.Errorf("it is said that one is being made: %v, %v", state.Making, err)
	}
	s.Ask() // within the same second
	s.waits(t)
	s.has("29 12:10", "29 12:10", "29 12:00")
}

func TestABackupThatFailsIsTriedAgainAfterPausesThatGrow(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Every = 48 * time.Hour
	s.starts()
	s.move(t, 47*time.Hour)
	away := s.Database + "-away"
	must(t, os.Rename(s.Database, away)) // it stays open, and nobody else finds it
	s.move(t, time.Hour)
	s.has("29 12:00")
	for tries, next := range []string{"1 12:01", "1 12:03", "1 12:07", "1 12:15", "1 12:31", "1 13:03", "1 14:03", "1 15:03"} {
		s.comes(next)
		state, err := s.State()
		must(t, err)
		if state.Failed == nil || state.Failed.Tries != tries+1 {
			t.Fatalf("it is said that %+v, want %d tries", state.Failed, tries+1)
		}
		s.move(t, state.Next.Sub(s.clock.Now()))
	}
	if !strings.Contains(s.log.String(), "no backup could be made") {
		t.Errorf("the log says\n%s", s.log)
	}
	must(t, os.Rename(away, s.Database))
	s.comes("1 16:03")
	s.move(t, time.Hour)
	s.has("1 16:03", "29 12:00")
	s.comes("3 16:03")
	if state, err := s.State(); err != nil || state.Failed != nil {
		t.Errorf("it is still said that %+v, %v", state.Failed, err)
	}
}

func TestWhatIsNoBackupOfThisDatabaseIsLeftAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	others := []string{"maitred-20261101-000000.db.gz", "maitred-2026111-000000.db", "maitred-20261301-000000.db", "other-20261101-000000.db", "maitred-20261101-000000",
		"xmaitred-20261101-000000.db", "maitred-20261101-000000.db-wal", "maitred-20261101-000000.5.db", "notes.txt", "other-20261101-000000.db-unfinished-abcdefgh", "maitred-20261101-000000.db-unfinished-ABC"}
	for _, name := range others {
		s.write(name, "precious")
	}
	must(t, os.Mkdir(filepath.Join(s.Folder, "maitred-20261102-000000.db"), 0o700))
	must(t, os.Symlink("notes.txt", filepath.Join(s.Folder, "maitred-20261103-000000.db")))
	others = append(others, "maitred-20261102-000000.db", "maitred-20261103-000000.db", "lock")
	s.starts()
	for range 4 {
		s.move(t, time.Hour)
	}
	s.has("29 16:00", "29 15:00", "29 14:00")
	for _, name := range others {
		if !slices.Contains(s.listed(), name) {
			t.Errorf("%s is gone", name)
		}
	}
	for _, name := range []string{"", ".", "..", "../maitred.db", "notes.txt", "lock", "maitred-20261102-000000.db", "maitred-20261103-000000.db", "maitred-20991231-000000.db"} {
		if f, _, err := s.Backups.Open(name); err == nil {
			t.Errorf("%q can be opened", name)
			_ = f.Close()
		}
	}
}

func TestTheLastSoundBackupStaysHoweverManyAreDamagedSince(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Keep = 1
	s.starts()
	s.move(t, 30*time.Minute)
	name := "maitred-20261129-121500.db" // as after a disk that failed: newer ones, and none is any good
	s.write(name, "")
	s.write("maitred-20261129-122000.db", "no database, but a text")
	s.restarts()
	s.has("29 12:20!", "29 12:15!", "29 12:00")
	s.comes("29 13:00")
	if last := s.LastBackup(); last.Format("15:04") != "12:00" {
		t.Errorf("the last one is said to be of %v", last)
	}
	if !strings.Contains(s.log.String(), "a backup is damaged and cannot be restored") {
		t.Errorf("the log says\n%s", s.log)
	}
	s.move(t, 30*time.Minute)
	s.has("29 13:00")

	// The only one is damaged: another is made at once when that is seen, and then the damaged one goes.
	s.breaks(0)
	s.restarts()
	if names := strings.Join(s.listed(), " "); names != "lock maitred-20261129-130001.db" || !strings.Contains(s.log.String(), "is damaged") {
		t.Errorf("in the folder is %s, and the log says\n%s", names, s.log)
	}
	s.comes("29 14:00")
}

func TestBackupsAreReadAgainEachDay(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Every, s.Keep = 12*time.Hour, 9
	s.starts()
	s.move(t, 12*time.Hour)
	s.has("30 00:00", "29 12:00")
	info, err := os.Stat(filepath.Join(s.Folder, "maitred-20261129-120000.db"))
	must(t, err)
	s.breaks(1)
	must(t, os.Chtimes(filepath.Join(s.Folder, info.Name()), time.Time{}, info.ModTime())) // bits that fell over change no time
	s.has("30 00:00", "29 12:00")
	s.move(t, 12*time.Hour)
	s.has("30 12:00", "30 00:00", "29 12:00!")
}

func TestABackupFromTheFutureIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Keep = 1
	s.starts()
	sound, err := os.ReadFile(filepath.Join(s.Folder, "maitred-20261129-120000.db"))
	must(t, err)
	s.write("maitred-20990101-000000.db", string(sound)) // of a clock that was wrong
	s.restarts()
	s.comes("29 13:00")
	s.move(t, time.Hour)
	if names := strings.Join(s.listed(), " "); names != "lock maitred-20261129-130000.db maitred-20990101-000000.db" {
		t.Errorf("in the folder is %s", names)
	}
}

func TestWhatAKilledProgramLeftOfABackupIsRemovedAndWhatALivingOneMakesIsNot(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, end := range []string{"", "-lock", "-journal"} {
		s.write("maitred-20261129-110000.db-unfinished-abcdefgh"+end, "half")
	}
	const living = "maitred-20261129-113000.db-unfinished-hgfedcba"
	s.write(living, "half")
	lock := flock.New(filepath.Join(s.Folder, living+"-lock"))
	if taken, err := lock.TryLock(); err != nil || !taken {
		t.Fatal(taken, err)
	}
	s.starts()
	if names := strings.Join(s.listed(), " "); names != "lock "+living+" "+living+"-lock maitred-20261129-120000.db" {
		t.Errorf("in the folder is %s", names)
	}
	must(t, lock.Close())
	s.restarts()
	if names := strings.Join(s.listed(), " "); names != "lock maitred-20261129-120000.db" {
		t.Errorf("in the folder is %s", names)
	}
}

func TestAFolderBelongsToOneProgram(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if _, err := backup.Open(s.Settings); err == nil || !strings.Contains(err.Error(), "the backups of another maitred are in "+s.Folder) {
		t.Errorf("a second one is answered %v", err)
	}
}

func TestSettingsThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good := backup.Settings{Database: filepath.Join(dir, "maitred.db"), Every: time.Minute, Keep: 1}
	for words, change := range map[string]func(*backup.Settings){
		"--backup-every 59s is too often": func(s *backup.Settings) { s.Every = 59 * time.Second },
		"--backup-every -1h0m0s":          func(s *backup.Settings) { s.Every = -time.Hour },
		"--backup-keep 0 keeps nothing":   func(s *backup.Settings) { s.Keep = 0 },
		"the folder of the backups":       func(s *backup.Settings) { s.Folder = filepath.Join(dir, "no", "folder") },
	} {
		settings := good
		change(&settings)
		if _, err := backup.Open(settings); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%+v is answered %v, want %q", settings, err, words)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("%v is left of it, %v", entries, err)
	}
	b, err := backup.Open(good)
	must(t, err)
	must(t, b.Close())
	if b.Folder != good.Database+"-backups" {
		t.Errorf("the usual folder is %s", b.Folder)
	}
}

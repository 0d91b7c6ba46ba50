package change

import (
	"context"
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/store"
)

func TestTheConstantsOfTheHashAreWhatTheirCommentsClaim(t *testing.T) {
	if !big.NewInt(hashPrime).ProbablyPrime(20) || hashPrime >= 1<<31 {
		t.Errorf("%d is no prime below 2^31", hashPrime)
	}
	const summand = (hashPrime - 1) * hashSpan
	if summand >= 1<<39 || summand > math.MaxInt64/(16_000_000) {
		t.Errorf("sixteen million summands of up to %d do not fit into 63 bits", summand)
	}
}

// thing is a record with nothing but a key and a version.
type thing struct {
	bun.BaseModel `bun:"table:things,alias:thing"`

	ID      int64 `bun:",pk,autoincrement"`
	Version int64
}

func (*thing) Describe() graph.Description {
	return graph.Description{Label: "id", Sorts: []graph.Sort{{Name: "id", Path: "id"}}}
}

// hashOf writes rows, by key with their versions, reads them as a plan does and takes them back.
func hashOf(t *testing.T, s *store.Store, rows map[int64]int64) (count, hash int64) {
	t.Helper()
	var r Rows
	done := errors.New("done")
	err := s.Change(context.Background(), func(ctx context.Context, tx bun.Tx) error {
		var things []*thing
		for key, version := range rows {
			things = append(things, &thing{ID: key, Version: version})
		}
		if _, err := tx.NewInsert().Model(&things).Exec(ctx); err != nil {
			return err
		}
		r = Rows{Kind: s.Graph.ByTable("things"), where: expr{sql: "TRUE"}}
		return errors.Join(r.look(ctx, tx), done)
	})
	if !errors.Is(err, done) || r.Count != int64(len(rows)) {
		t.Fatalf("%d rows were read as %d: %v", len(rows), r.Count, err)
	}
	return r.Count, r.hash
}

func things(t *testing.T) *store.Store {
	t.Helper()
	create := func(ctx context.Context, db *bun.DB) error {
		_, err := db.ExecContext(ctx, "CREATE TABLE things (id INTEGER PRIMARY KEY, version INTEGER); CREATE TABLE changes (id INTEGER)")
		return err
	}
	s, err := store.Open(context.Background(), filepath.Join(t.TempDir(), "things.db"), create, thing{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// Rows leave, others enter or are written again, and how many there are stays equal. Whatever
// enters or is written has a version that no row had before.
func TestTheHashNoticesRowsThatLeaveAndEnterWhileTheNumberStaysEqual(t *testing.T) {
	s := things(t)
	random := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		const oldest = 50
		before, after := map[int64]int64{}, map[int64]int64{}
		for len(before) < 1+random.IntN(6) {
			before[1+random.Int64N(1000)] = 1 + random.Int64N(oldest)
		}
		changed := 1 + random.IntN(len(before))
		for key, version := range before {
			if len(after) < len(before)-changed {
				after[key] = version
			}
		}
		for version := int64(oldest + 1); len(after) < len(before); version += random.Int64N(2) {
			after[1+random.Int64N(1000)] = version
		}
		_, was := hashOf(t, s, before)
		if _, is := hashOf(t, s, after); is == was {
			t.Fatalf("%v and %v have the same hash", before, after)
		}
	}
}

func TestTheHashTellsApartWhatSumsDoNot(t *testing.T) {
	s := things(t)
	for _, two := range [][2]map[int64]int64{
		{{1: 5, 2: 9}, {1: 9, 2: 5}},             // versions exchanged
		{{1: 5, 4: 5}, {2: 5, 3: 5}},             // the same sum of keys
		{{1: 1, 2: 2, 3: 3}, {1: 2, 2: 3, 3: 1}}, // the same keys and the same versions
		{{10: 1, 20: 3}, {10: 2, 20: 2}},         // the same sum of versions
		{{1: 1, 2: 9}, {3: 1, 2: 9}},             // a row that is not the newest is another
	} {
		_, a := hashOf(t, s, two[0])
		if _, b := hashOf(t, s, two[1]); a == b {
			t.Errorf("%v and %v have the same hash", two[0], two[1])
		}
	}
}

func TestTheHashBearsTheLargestKeysAndVersions(t *testing.T) {
	s := things(t)
	const most = 1<<32 - 1
	_, a := hashOf(t, s, map[int64]int64{most: most, most - 1: most})
	if _, b := hashOf(t, s, map[int64]int64{most: most - 1, most - 1: most}); a == b || a < 0 || b < 0 {
		t.Errorf("the hashes are %d and %d", a, b)
	}
}

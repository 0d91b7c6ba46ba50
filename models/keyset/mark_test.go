package keyset

import (
	"encoding/base64"
	"math"
	"slices"
	"testing"

	"maitred/models/dialect"
	"maitred/models/problem"
)

func TestAMarkIsReadAsItWasWritten(t *testing.T) {
	for _, m := range []Mark{
		{Value: "demon dogs", Key: 1},
		{Value: "", Key: math.MaxInt64},
		{Value: `"\<&>%_` + "\u2028😀", Key: -1},
		{Value: int64(math.MaxInt64), Key: 7},
		{Value: int64(math.MinInt64), Key: 0},
		{Value: true, Key: 3},
		{Value: false, Key: 3},
		{Value: "demon dogs", Key: 1, Stood: 50},
	} {
		after, err := Parse(m.String(), "", m.Value)
		if err != nil || *after != m {
			t.Errorf("%+v is read as %+v, %v", m, after, err)
		}
		before, err := Parse("", m.String(), m.Value)
		m.Before = true
		if err != nil || *before != m {
			t.Errorf("%+v is read as %+v, %v", m, before, err)
		}
	}
}

func TestWithoutAMarkReadingStartsAtTheBeginning(t *testing.T) {
	if m, err := Parse("", "", ""); m != nil || err != nil {
		t.Errorf("got %+v, %v", m, err)
	}
	if m, err := Parse("", End, ""); err != nil || !m.Before || !m.Edge {
		t.Errorf("the end is %+v, %v", m, err)
	}
}

func TestAMarkThatCannotBeReadIsABadRequest(t *testing.T) {
	of := func(json string) string { return base64.RawURLEncoding.EncodeToString([]byte(json)) }
	for _, g := range []struct {
		after, before string
		sample        any
	}{
		{after: "garbage", sample: ""},
		{after: "%%%", sample: ""},
		{after: End, sample: ""},
		{after: of("not json"), sample: ""},
		{after: of(`["a"]`), sample: ""},
		{after: of(`["a",1,2,3]`), sample: ""},
		{after: of(`["a",1,"2"]`), sample: ""},
		{after: of(`["a",1,-2]`), sample: ""},
		{after: of(`["a",1,0]`), sample: ""},
		{after: of(`["a",1,9223372036854775807]`), sample: ""},
		{after: of(`["a","b"]`), sample: ""},
		{after: of(`["a",1.5]`), sample: ""},
		{after: of(`["a",99999999999999999999]`), sample: ""},
		{after: of(`["a",null]`), sample: ""},
		{after: of(`{"a":1}`), sample: ""},
		{after: of(`[null,1]`), sample: ""},
		{after: of(`[1,1]`), sample: ""},
		{after: of("[\"a\\u0000b\",1]"), sample: ""},
		{after: of(`["a",1]`), sample: int64(0)},
		{after: of(`[null,1]`), sample: int64(0)},
		{after: of(`[1.5,1]`), sample: int64(0)},
		{after: of(`["true",1]`), sample: false},
		{after: of(`[1,1]`), sample: false},
		{after: of(`[null,1]`), sample: false},
		{after: of(`["a",1]`), before: of(`["a",1]`), sample: ""},
		{before: "garbage", sample: ""},
	} {
		m, err := Parse(g.after, g.before, g.sample)
		if m != nil || !problem.Is(err, problem.BadRequest) {
			t.Errorf("after %q, before %q is read as %+v, %v", g.after, g.before, m, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(Mark{Value: "demon", Key: 1}.String(), "")
	f.Add("", Mark{Value: int64(1), Key: 1}.String())
	f.Add("", End)
	f.Add("W251bGwsMV0", "")
	f.Fuzz(func(t *testing.T, after, before string) {
		for _, sample := range []any{"", int64(0), false} {
			m, err := Parse(after, before, sample)
			if err != nil && !problem.Is(err, problem.BadRequest) {
				t.Errorf("after %q, before %q: %v", after, before, err)
			}
			if err != nil || m == nil || m.Edge {
				continue
			}
			again, err := Parse(m.String(), "", sample)
			if err != nil || again.Value != m.Value || again.Key != m.Key {
				t.Errorf("%+v is read again as %+v, %v", m, again, err)
			}
		}
	})
}

func TestAStatementReadsTheSameHoweverManyRowsAreStillMissing(t *testing.T) {
	texts, limits := map[string]bool{}, []int{}
	for ties := range 4 {
		part := 0
		_, err := Read(Order{Value: "p.name_norm", Key: "p.id", SQL: dialect.SQLite{}}, &Mark{Value: "demon", Key: 1}, 10, func(p Part) ([]int, error) {
			order, limit := p.Order()
			texts[order] = true
			limits = append(limits, limit[0].(int))
			if part++; part == 1 {
				return make([]int, ties), nil
			}
			return nil, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(texts) != 1 {
		t.Errorf("the store would keep %d statements: %v", len(texts), texts)
	}
	if want := []int{11, 11, 11, 10, 11, 9, 11, 8}; !slices.Equal(limits, want) {
		t.Errorf("they read %v rows, want %v", limits, want)
	}
}

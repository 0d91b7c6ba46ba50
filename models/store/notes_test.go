package store

import "testing"

// Who began to read a while ago gets a number of that time, or of one before, and never of one to come.
func TestANumberIsKeptForThoseWhoBeganToReadBefore(t *testing.T) {
	s := &Store{notes: new(notes)}
	if n, ok := s.Noted("places", 1<<62); ok {
		t.Fatalf("%v was noted before anything was", n)
	}
	for change := int64(10); change <= 1000; change++ {
		s.Take("places", Note{Number: 2 * change, AsOf: change})
		for _, began := range []int64{change, change - 1, change - 20, change - 90} {
			n, ok := s.Noted("places", began)
			if ok && (n.AsOf > began || n.Number != 2*n.AsOf) {
				t.Fatalf("who began at change %d got %v", began, n)
			}
			if began == change && n.AsOf != change || began >= 10 && change > 300 && (!ok || n.AsOf < began-40) {
				t.Fatalf("who began at change %d, %d before the newest, got %v", began, change-began, n)
			}
		}
	}
	s.Take("places", Note{Number: 7, AsOf: 500})
	if n, _ := s.Noted("places", 1000); n.AsOf != 1000 {
		t.Errorf("what somebody counted who began long ago is taken for the newest: %v", n)
	}
}

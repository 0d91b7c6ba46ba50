package store

import "testing"

func TestAStatementWithoutItsValuesKeepsTheWordsOfTheProgram(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT 1": "SELECT ?",
		"SELECT 'it''s', x'00ff', X'AA', 1.5, 1e9, 0xff, -7 FROM t1":                      "SELECT ?, -? FROM t1",
		`SELECT a1 FROM "odd 7 name's" WHERE n = ?1 AND m IN (?, ?, ?)`:                   `SELECT a1 FROM "odd 7 name's" WHERE n = ?1 AND m IN (?)`,
		"SELECT a\n\t FROM  t WHERE a IN (1,2,3) AND b = 'cut off":                        "SELECT a FROM t WHERE a IN (?) AND b = ?",
		"SELECT *\nFROM places WHERE name_norm >= 'demon' AND name_norm < 'x y' LIMIT 51": "SELECT * FROM places WHERE name_norm >= ? AND name_norm < ? LIMIT ?",
		"INSERT INTO t VALUES (1, 'a'), (2, 'b''')":                                       "INSERT INTO t VALUES (?), (?)",
		"SELECT max'x'": "SELECT max?",
		"":              "",
	} {
		if got := withoutValues(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

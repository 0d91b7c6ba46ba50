package store

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/text"
)

// This file is how a search index is looked at from outside. An entry of it says that a row has a
// trigram, in whichever of its texts.

// noCharacters are what FTS5 takes for the replacement character, beside what is not UTF-8.
var noCharacters = strings.NewReplacer("\ufffe", "\ufffd", "\uffff", "\ufffd")

// Trigrams calls found with each trigram of a normalised text, as the index cuts it.
func Trigrams(norm string, found func(trigram string)) {
	trigramsOf(text.Marked(norm), found)
}

// trigramsOf is Trigrams of a text that is marked already.
func trigramsOf(marked string, found func(trigram string)) {
	s := noCharacters.Replace(marked)
	var starts [3]int // of the last three characters, in turn
	n := 0
	for at := 0; at < len(s); n++ {
		_, size := utf8.DecodeRuneInString(s[at:])
		starts[n%3] = at
		at += size
		if n >= 2 {
			found(s[starts[(n+1)%3]:at])
		}
	}
}

// keyPrime is below 2^31, so that the sums of four billion keys fit into 63 bits.
const keyPrime = 2147483579

// HashOfKey is a summand of an order-free hash of keys. Without the second factor it would be linear:
// {1, 4} and {2, 3} could not be told apart.
func HashOfKey(key int64) int64 {
	return key % keyPrime * 1000000007 % keyPrime * (key%251 + 1) % keyPrime
}

// EntriesByTrigram is the query for each trigram of the kind's search index, how many rows have it,
// and the sum of HashOfKey over those.
func EntriesByTrigram(k *graph.Kind) string {
	if isOnServer(k) {
		return fmt.Sprintf("SELECT term, count(*), sum(rowid %% %[1]d * 1000000007 %% %[1]d * (rowid %% 251 + 1) %% %[1]d)::bigint FROM %[2]s, unnest(tsvector_to_array(%[3]s)) AS term GROUP BY term",
			keyPrime, IndexOf(k), trigrams)
	}
	return fmt.Sprintf("SELECT term, count(*), sum(doc %% %[1]d * 1000000007 %% %[1]d * (doc %% 251 + 1) %% %[1]d) FROM %[2]s GROUP BY term",
		keyPrime, IndexOf(k)+entries)
}

// RowsWith is the query for the keys of the rows that the kind's search index has under a trigram,
// an argument made by AllOf, after one key and up to another.
func RowsWith(k *graph.Kind) string {
	return fmt.Sprintf("SELECT rowid FROM %s WHERE %s AND rowid > ? AND rowid <= ? ORDER BY rowid", IndexOf(k), Matching(k))
}

// LastOf is the query for the key at which a portion ends, of the rows of the kind as of those of its
// index; NULL when it has them all. Its arguments are the key after which it begins and how many rows
// it has, less one.
func LastOf(k *graph.Kind) string {
	rows, key := IndexOf(k)+"_docsize", "id"
	if isOnServer(k) {
		rows, key = IndexOf(k), "rowid"
	}
	return fmt.Sprintf(`SELECT min(key) FROM (
		SELECT * FROM (SELECT %[1]s AS key FROM %[2]s WHERE %[1]s > ?0 ORDER BY %[1]s LIMIT 1 OFFSET ?1) AS r
		UNION ALL SELECT * FROM (SELECT %[4]s FROM %[3]s WHERE %[4]s > ?0 ORDER BY %[4]s LIMIT 1 OFFSET ?1) AS i) AS ends`, k.Key.Name, k.Table, rows, key)
}

// readIndexesAgain lets a connection notice what others wrote to the search indexes. Any query does;
// but the database's own look at them would go by what the connection read last, and take what is
// no more as it was for damage. What cannot be read here cannot be there either.
func readIndexesAgain(ctx context.Context, tx bun.Tx, g *graph.Graph) {
	for _, k := range g.Kinds() {
		if len(k.Searched) > 0 {
			var keys []int64
			_ = tx.NewRaw("SELECT rowid FROM "+IndexOf(k)+" WHERE rowid = 0").Scan(ctx, &keys)
		}
	}
}

package account

import "maitred/models/store"

// What becomes of accounts when a site moves to another database.

// SideOf is the name of the file with the sessions, the tries and the trail beside a database; "" beside that of a
// server, which has them itself.
func SideOf(path string) string {
	if store.IsServer(path) {
		return ""
	}
	return Beside(path).Sessions
}

// SecretOf is the name of the file with the secret that belongs to the records of a database file.
func SecretOf(path string) string { return Beside(path).Secret }

// Passing are the tables that do not move along: everyone signs in anew. Codes of the second step that were used do,
// since each works once.
var Passing = []string{"sessions", "tries"}

package account

// Passing are the tables that do not move along when a site moves to another database: everyone signs in anew. Codes
// of the second step that were used do, since each works once.
var Passing = []string{"sessions", "tries"}

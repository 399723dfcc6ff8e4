package store

import "database/sql"

// dialect is what SQLite and PostgreSQL do not have in common. Everything else is
// written once, in the words of SQLite.
type dialect struct {
	// translate puts a statement into the database's own words.
	translate func(string) string
	// folded is an expression without the difference between A and a, in ASCII.
	folded func(expression string) string
	// lock makes a transaction that has just begun the only one that writes.
	lock func(*sql.Tx) error
	// version reads and setVersion stores how many migrations were applied; 0 for none.
	version    func(queryer) (int, error)
	setVersion func(*sql.Tx, int) error
	// forget takes from the database what is not in its rows any more.
	forget func(*sql.DB) error
	// violates reports a broken UNIQUE or PRIMARY KEY constraint.
	violates func(error) bool
	// unspeakable reports text that the database cannot hold.
	unspeakable func(error) bool
}

// queryer is what *sql.DB and *sql.Tx have in common.
type queryer interface {
	QueryRow(query string, args ...any) *sql.Row
}

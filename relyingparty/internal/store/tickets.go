package store

import (
	"fmt"
	"time"
)

// Ticket is a one-time link that was mailed. Only a hash of its secret is kept.
type Ticket struct {
	Hash    []byte
	UserID  string
	Expires time.Time
	Used    time.Time // zero while unused
}

// InsertTicket stores a new ticket.
func (t *Tx) InsertTicket(k Ticket) error {
	_, err := t.exec(insertTicket, k.Hash, k.UserID, k.Expires.UnixMilli())
	return err
}

// SpendTicket marks a ticket used; ErrNotFound when it is unknown or was used before.
func (t *Tx) SpendTicket(hash []byte, at time.Time) error {
	return t.execOne(updateTicketUsed, at.UnixMilli(), hash)
}

// SpendTicketsOf marks all tickets of an account used.
func (t *Tx) SpendTicketsOf(userID string, at time.Time) error {
	_, err := t.exec(updateTicketsOfUser, at.UnixMilli(), userID)
	return err
}

// SweepTickets deletes tickets that expired before a moment, the oldest first, and at most
// so many.
func (t *Tx) SweepTickets(before time.Time, most int) error {
	_, err := t.exec(deleteExpiredTickets, before.UnixMilli(), most)
	return err
}

// Ticket finds a ticket by the hash of its secret, or ErrNotFound.
func (s *Store) Ticket(hash []byte) (Ticket, error) {
	var (
		k             Ticket
		expires, used int64
	)
	if err := s.row(selectTicket, hash).Scan(&k.Hash, &k.UserID, &expires, &used); err != nil {
		return Ticket{}, s.notFound(fmt.Errorf("store: ticket: %w", err))
	}
	k.Expires, k.Used = fromMillis(expires), fromMillis(used)
	return k, nil
}

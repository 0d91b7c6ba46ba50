package account

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"maitred/models/store"
)

// Event is a line of the trail: who did what to whose account, when and from where. It holds nothing
// that somebody typed but the names of people of this site.
type Event struct {
	ID       int64
	At       time.Time
	UserID   int64 // whom it is about; 0: no one of this site
	Actor    string
	Sentence string // to be read after the actor's name
	Address  string // "" for the command line
	Request  string // its number in the log
}

// How much of the trail is kept.
const (
	keepEvents = 200_000
	keepFor    = 400 * 24 * time.Hour
)

// note writes a line of the trail, and of the log, where people have numbers instead of names. What it tells has been done: that it cannot be
// written down is told to the log, and is no reason to say that it failed.
func (a *Accounts) note(ctx context.Context, by By, user int64, format string, args ...any) {
	sentence := fmt.Sprintf(format, args...)
	by.Name = cmp.Or(by.Name, store.Nobody)
	a.Log.LogAttrs(ctx, slog.LevelInfo, "account", slog.String("id", by.Request), slog.Int64("by", by.ID),
		slog.String("did", strings.ReplaceAll(format, "%s", "…")), slog.Int64("user", user), slog.String("client", addressOf(by)))
	err := a.side.Change(context.WithoutCancel(ctx), func(ctx context.Context, tx bun.Tx) error {
		var id int64
		err := tx.NewRaw("INSERT INTO events (at, user_id, actor, sentence, address, request) VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
			a.Now().UnixMilli(), user, by.Name, sentence, addressOf(by), by.Request).Scan(ctx, &id)
		if err != nil || id%100 != 0 {
			return err
		}
		_, err = tx.NewRaw("DELETE FROM events WHERE id <= ? OR at < ?", id-keepEvents, a.Now().Add(-keepFor).UnixMilli()).Exec(ctx)
		return err
	})
	if err != nil {
		a.Log.Error("the trail was not written", "id", by.Request, "error", err)
	}
}

// Downloaded writes into the trail that somebody took a backup with them, which holds everything.
func (a *Accounts) Downloaded(ctx context.Context, by By, backup string) {
	a.note(ctx, by, 0, "downloaded the backup %s", backup)
}

// Events are lines of the trail, newest first, limit at most: those before the one with this number,
// 0 for the newest; what one person did and what was done to them, nil for all.
func (a *Accounts) Events(ctx context.Context, person *User, before int64, limit int) (events []*Event, err error) {
	if before == 0 {
		before = math.MaxInt64
	}
	query, args := "SELECT id, at, user_id, actor, sentence, address, request FROM events WHERE id < ?", []any{before}
	if person != nil {
		query += " AND (user_id = ? OR actor = ?)"
		args = append(args, person.ID, person.Name)
	}
	err = a.side.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		events, err = readEvents(tx.Tx.QueryContext(ctx, query+" ORDER BY id DESC LIMIT ?", append(args, limit)...))
		return err
	})
	return events, wrap("the trail", err)
}

func readEvents(rows *sql.Rows, err error) (events []*Event, _ error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		e, at := new(Event), int64(0)
		if err := rows.Scan(&e.ID, &at, &e.UserID, &e.Actor, &e.Sentence, &e.Address, &e.Request); err != nil {
			return nil, err
		}
		e.At = time.UnixMilli(at)
		events = append(events, e)
	}
	return events, errors.Join(rows.Err(), rows.Close())
}

// addressOf is from where somebody does something, "" for the command line.
func addressOf(by By) string {
	if !by.Address.IsValid() {
		return ""
	}
	return by.Address.String()
}

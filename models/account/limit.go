package account

import (
	"context"
	"encoding/hex"
	"net/netip"
	"time"

	"github.com/uptrace/bun"
)

// How often someone may try in vain.
const (
	maxTries  = 10              // from one address, for one name, and in one browser …
	tryWindow = 3 * time.Minute // … within this time
	freshTry  = 1               // for a name that has no tries left, from an address that has not tried it yet
)

// try is one attempt to sign in. It is written down before the password is looked at, so that many at
// once are not more than one after another, and taken back when it was right.
type try struct {
	id                    int64
	name, address, device string
}

// limit writes a try down, or refuses it. Errors: *TooMany.
//
// Nobody can keep someone else out. A browser that signed in with this name before is counted by
// itself, whatever is tried from elsewhere, as in OWASP's "device cookies"; so a thief of passwords
// in the same office spoils only new browsers there. And where the name's own tries are used up, each
// address still has one: the right password gets in from a browser that is new here, while somebody
// with a thousand addresses can guess a thousand times in three minutes and not ten thousand times.
func (a *Accounts) limit(ctx context.Context, name, device string, by By) (*try, error) {
	t := &try{name: a.tried(name), address: network(by.Address), device: a.knownDevice(device, name)}
	since := a.Now().Add(-tryWindow).UnixMilli()
	err := a.side.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := a.refuse(ctx, tx, t, since); err != nil {
			return err
		}
		if _, err := tx.NewRaw("DELETE FROM tries WHERE at < ?", since).Exec(ctx); err != nil {
			return err
		}
		return tx.NewRaw("INSERT INTO tries (at, name, address, device) VALUES (?, ?, ?, ?) RETURNING id", a.Now().UnixMilli(), t.name, t.address, t.device).Scan(ctx, &t.id)
	})
	if err != nil {
		return nil, wrap("count a try", err)
	}
	return t, nil
}

func (a *Accounts) refuse(ctx context.Context, tx bun.Tx, t *try, since int64) error {
	count := func(where string, args ...any) (n, oldest int64, err error) {
		err = tx.NewRaw("SELECT count(*), coalesce(min(at), 0) FROM tries WHERE at >= ? AND "+where, append([]any{since}, args...)...).Scan(ctx, &n, &oldest)
		return n, oldest, err
	}
	tooMany := func(oldest int64) error {
		return &TooMany{Wait: max(time.UnixMilli(oldest).Add(tryWindow).Sub(a.Now()), busyWait+time.Second).Round(time.Second)}
	}
	if t.device != "" {
		n, oldest, err := count("device = ?", t.device)
		if err == nil && n >= maxTries {
			return tooMany(oldest)
		}
		return err
	}
	n, oldest, err := count("device = '' AND address = ?", t.address)
	if err != nil {
		return err
	}
	if n >= maxTries {
		return tooMany(oldest)
	}
	if n, oldest, err = count("device = '' AND name = ?", t.name); err != nil || n < maxTries {
		return err
	}
	if n, _, err = count("device = '' AND name = ? AND address = ?", t.name, t.address); err == nil && n >= freshTry {
		return tooMany(oldest)
	}
	return err
}

// forgive takes back the tries of someone who was right in the end: all for this name, from this
// address or browser. What they tried for other names stays.
func (a *Accounts) forgive(ctx context.Context, t *try) error {
	err := a.side.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("DELETE FROM tries WHERE name = ? AND address = ? AND device = ?", t.name, t.address, t.device).Exec(ctx)
		return err
	})
	return wrap("forget tries", err)
}

// takeBack forgets a try that was not looked at. The ones before it stay: whoever keeps the queue full
// must not get new ones.
func (a *Accounts) takeBack(ctx context.Context, t *try) {
	err := a.side.Change(context.WithoutCancel(ctx), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("DELETE FROM tries WHERE id = ?", t.id).Exec(ctx)
		return err
	})
	if err != nil {
		a.Log.Warn("a try was counted that was not looked at", "error", err)
	}
}

// tried is what is kept of a name that was typed: people type passwords there.
func (a *Accounts) tried(name string) string {
	return hex.EncodeToString(a.sealer.mark("name", []byte(nameKey(name))))
}

// network is whose tries are counted together: an address, or for IPv6 the /64 that one customer gets.
func network(a netip.Addr) string {
	a = a.Unmap()
	if a.Is6() {
		if p, err := a.WithZone("").Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

// A device is a browser that signed in once. Its cookie says with which name.
const (
	devicePurpose = "device"
	deviceFor     = 400 * 24 * time.Hour // as long as browsers keep a cookie
)

// newDevice is the cookie of a browser in which a person signed in.
func (a *Accounts) newDevice(name string) string {
	return a.sealer.seal(devicePurpose, []byte(a.tried(name)+" "+newWord()), a.Now().Add(deviceFor))
}

// knownDevice is what a browser's tries for this name are counted under, "" for one that never signed
// in with it.
func (a *Accounts) knownDevice(cookie, name string) string {
	value, ok := a.sealer.open(devicePurpose, cookie, a.Now())
	whose := a.tried(name) + " "
	if !ok || len(value) <= len(whose) || string(value[:len(whose)]) != whose {
		return ""
	}
	return string(value[len(whose):])
}

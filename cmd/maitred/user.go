package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"text/tabwriter"

	"maitred/migrations"
	"maitred/models"
	"maitred/models/account"
	"maitred/models/problem"
	"maitred/models/store"
)

// user are the commands that look after people. They may be used while a server runs, and whoever may
// start them may do what a manager may.
type user struct {
	database

	Add              userAdd        `cmd:"" help:"Add a person. The password is read from standard input."`
	List             userList       `cmd:"" help:"List the people."`
	Role             userRole       `cmd:"" help:"Let a person do more or less, which signs them out."`
	Password         userPassword   `cmd:"" help:"Give a person another password, read from standard input, which signs them out."`
	Link             userLink       `cmd:"" help:"Print the path of a one-time link with which a person chooses a password."`
	Disable          userDisable    `cmd:"" help:"Switch a person off: they are signed out and cannot come in."`
	Enable           userEnable     `cmd:"" help:"Switch a person on again."`
	SignOut          userSignOut    `cmd:"" help:"Sign a person out everywhere."`
	RemoveSecondStep userRemoveStep `cmd:"" help:"Take the second step of a person away, who lost what makes the codes."`
}

// open opens the accounts for one command. Errors are sentences of one line.
func (u *user) open(ctx context.Context, do func(*account.Accounts) error) error {
	records, err := models.OpenBeside(ctx, u.Database, migrations.Apply)
	if err != nil {
		return inOneSentence(err)
	}
	accounts, err := account.Open(ctx, records, u.accounts(), migrations.ApplySessions)
	if err != nil {
		return errors.Join(inOneSentence(err), records.Close())
	}
	return errors.Join(inOneSentence(do(accounts)), accounts.Close(), records.Close())
}

// with does something to the person of a name, in a database that exists, and says what it has done.
func (u *user) with(ctx context.Context, name string, do func(*account.Accounts, *account.User) (said string, err error)) error {
	if err := u.mustExist(); err != nil {
		return err
	}
	return u.open(ctx, func(a *account.Accounts) error {
		person, err := a.Named(ctx, name)
		if problem.Is(err, problem.NotFound) {
			return fmt.Errorf("there is nobody of the name %q. See who there is with: maitred user list", name)
		}
		if err != nil {
			return err
		}
		said, err := do(a, person)
		if err != nil {
			return err
		}
		fmt.Println(said)
		return nil
	})
}

func (u *user) mustExist() error {
	if store.IsServer(u.Database) {
		return nil
	}
	if _, err := os.Stat(u.Database); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s does not exist: name the file of the records with --database", u.Database)
	}
	return nil
}

// inOneSentence is an error as people read it, with what is wrong with each of the things they gave.
func inOneSentence(err error) error {
	var p *problem.Error
	if !errors.As(err, &p) {
		return err
	}
	said := p.Message
	for _, f := range p.Fields {
		said += " " + f.Message
	}
	return errors.New(said)
}

type userAdd struct {
	Name string `arg:"" help:"What they sign in with, and what history calls them."`
	Role string `help:"What they may do: viewer, editor or manager."`
}

// Run adds a person with the password on standard input.
func (cmd *userAdd) Run(ctx context.Context, u *user) error {
	role := account.Role(cmd.Role)
	if !role.Known() {
		return errors.New("nobody was added: say with --role what they may do, viewer, editor or manager")
	}
	password, err := readPassword(ctx, os.Stdin, os.Stderr)
	if err != nil {
		return err
	}
	return u.open(ctx, func(a *account.Accounts) error {
		added, err := a.Add(ctx, account.Shell, cmd.Name, password, role)
		if err != nil {
			return err
		}
		fmt.Printf("%s can sign in, as %s.\n", added.Name, added.Role)
		return nil
	})
}

type userList struct{}

// Run lists all people.
func (cmd *userList) Run(ctx context.Context, u *user) error {
	if err := u.mustExist(); err != nil {
		return err
	}
	return u.open(ctx, func(a *account.Accounts) error {
		people, err := a.Users(ctx)
		if err != nil {
			return err
		}
		seen, err := a.LastSeen(ctx)
		if err != nil {
			return err
		}
		if len(people) == 0 {
			fmt.Println("There is nobody yet. Add someone with: maitred user add NAME --role manager")
			return nil
		}
		table := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', 0)
		fmt.Fprintln(table, "NAME\tROLE\tCOMES IN\tLAST SEEN (UTC)")
		for _, p := range people {
			last := "never"
			if at, ok := seen[p.ID]; ok {
				last = at.UTC().Format("2006-01-02 15:04")
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", p.Name, p.Role, p.ComesIn(), last)
		}
		return table.Flush()
	})
}

type userRole struct {
	Name string `arg:"" help:"Whose role."`
	Role string `arg:"" help:"What they may do from now on: viewer, editor or manager."`
}

// Run changes what a person may do.
func (cmd *userRole) Run(ctx context.Context, u *user) error {
	return u.with(ctx, cmd.Name, func(a *account.Accounts, p *account.User) (string, error) {
		err := a.SetRole(ctx, account.Shell, p.ID, account.Role(cmd.Role))
		return p.Name + " is now " + cmd.Role + ".", err
	})
}

type userPassword struct {
	Name string `arg:"" help:"Whose password."`
}

// Run gives a person the password on standard input.
func (cmd *userPassword) Run(ctx context.Context, u *user) error {
	return u.with(ctx, cmd.Name, func(a *account.Accounts, p *account.User) (string, error) {
		password, err := readPassword(ctx, os.Stdin, os.Stderr)
		if err != nil {
			return "", err
		}
		return p.Name + " has a new password and is signed out everywhere.", a.GivePassword(ctx, account.Shell, p.ID, password)
	})
}

type userLink struct {
	Name string `arg:"" help:"Whom the link is for."`
}

// Run prints the path of a link, which is to be put behind the address of the site.
func (cmd *userLink) Run(ctx context.Context, u *user) error {
	return u.with(ctx, cmd.Name, func(a *account.Accounts, p *account.User) (string, error) {
		_, word, err := a.NewLink(ctx, account.Shell, p.ID)
		return "/welcome?link=" + word, err
	})
}

type userDisable struct {
	Name string `arg:"" help:"Who is switched off."`
}

// Run switches a person off.
func (cmd *userDisable) Run(ctx context.Context, u *user) error {
	return u.with(ctx, cmd.Name, func(a *account.Accounts, p *account.User) (string, error) {
		return p.Name + " is switched off and signed out everywhere.", a.SetDisabled(ctx, account.Shell, p.ID, true)
	})
}

type userEnable struct {
	Name string `arg:"" help:"Who is switched on again."`
}

// Run switches a person on again.
func (cmd *userEnable) Run(ctx context.Context, u *user) error {
	return u.with(ctx, cmd.Name, func(a *account.Accounts, p *account.User) (string, error) {
		return p.Name + " may come in again.", a.SetDisabled(ctx, account.Shell, p.ID, false)
	})
}

type userSignOut struct {
	Name string `arg:"" help:"Who is signed out."`
}

// Run signs a person out everywhere.
func (cmd *userSignOut) Run(ctx context.Context, u *user) error {
	return u.with(ctx, cmd.Name, func(a *account.Accounts, p *account.User) (string, error) {
		return p.Name + " is signed out everywhere.", a.EndSessions(ctx, account.Shell, p.ID)
	})
}

type userRemoveStep struct {
	Name string `arg:"" help:"Whose second step."`
}

// Run takes the second step of a person away.
func (cmd *userRemoveStep) Run(ctx context.Context, u *user) error {
	return u.with(ctx, cmd.Name, func(a *account.Accounts, p *account.User) (string, error) {
		return p.Name + " has no second step.", a.RemoveStep(ctx, account.Shell, p.ID)
	})
}

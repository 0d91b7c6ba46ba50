// Package account is who may come in and what they may do: people with a name, a password, a role
// and, if they like, a second step; their sessions; and the trail of what happened to all of these.
//
// People, their recovery codes and the links that invite them stand in the database of the records,
// because they are worth as much and are saved along with them. Sessions, tries and the trail are
// written all the time, also while a long change holds that database's only writer, and so have a
// file of their own; losing it means that everyone signs in once more.
package account

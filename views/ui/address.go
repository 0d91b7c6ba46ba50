package ui

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"
)

// Address is a page with its query. Its methods return changed copies.
type Address struct {
	Path  string
	Query url.Values
}

// With sets one name of the query.
func (a Address) With(name, value string) Address {
	q := url.Values{name: {value}}
	for n, vs := range a.Query {
		if n != name {
			q[n] = vs
		}
	}
	return Address{a.Path, q}
}

// Without removes names from the query.
func (a Address) Without(names ...string) Address {
	q := url.Values{}
	for n, vs := range a.Query {
		q[n] = vs
	}
	for _, n := range names {
		delete(q, n)
	}
	return Address{a.Path, q}
}

// URL is the address as text.
func (a Address) URL() templ.SafeURL {
	if len(a.Query) == 0 {
		return templ.SafeURL(a.Path)
	}
	return templ.SafeURL(a.Path + "?" + a.Query.Encode())
}

// Hidden lists the query, in the order of its names, for hidden fields of a GET form, which drops the query of its
// own address.
func (a Address) Hidden() []Param {
	var params []Param
	for _, n := range slices.Sorted(maps.Keys(a.Query)) {
		for _, v := range a.Query[n] {
			params = append(params, Param{n, v})
		}
	}
	return params
}

// Param is a name with a value.
type Param struct{ Name, Value string }

// Clean makes a text fit for a page whatever was sent: what is not UTF-8, and NUL, cannot be
// shown.
func Clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
}

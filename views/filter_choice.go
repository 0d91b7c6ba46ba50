package views

import (
	"slices"
	"strings"

	"maitred/models/graph"
	"maitred/models/lookup"
	"maitred/views/ui"
)

// Takes is what kind of answer a choice of the form needs.
type Takes string

// What a condition can be about, as the form sees it.
const (
	TakesText    Takes = "text"
	TakesYesNo   Takes = "yes or no"
	TakesNumber  Takes = "number"
	TakesRecord  Takes = "record"
	TakesWhether Takes = "whether" // there is a related record
)

// Choice is one thing that a condition can be about.
type Choice struct {
	What    string // in the words of lookups: "place__name", "restaurant__isnull"
	Label   string // "Place's name", "Has a restaurant"
	Takes   Takes
	Record  *graph.Kind // whose records can be chosen
	Below   bool        // it speaks of a row that may be missing, or of one of several
	plain   bool        // the text has no form without case and accents
	yes, no string      // what yes and no say
}

// ChoiceGroup is the choices about one kind of record.
type ChoiceGroup struct {
	Label   string
	Choices []Choice
}

// reach is over how many relations the form asks; an address can ask further.
const reach = 2

// Choices are what the form can ask of a kind: of its own columns, and of records related to it,
// never back along the relation that leads to them.
func Choices(k *graph.Kind) []ChoiceGroup {
	var groups []ChoiceGroup
	collect(&groups, walker{kind: k}, reach)
	return groups
}

// walker is somewhere on the way from a kind along relations.
type walker struct {
	kind    *graph.Kind
	path    []string
	came    *graph.Relation
	subject string // "restaurant's place", "a waiter"; "" at the beginning
	below   bool
}

func collect(groups *[]ChoiceGroup, w walker, reach int) {
	label := w.kind.Singular()
	switch {
	case w.came != nil && w.came.Many:
		label = w.kind.Plural()
	case w.came != nil:
		label = w.subject
	}
	*groups = append(*groups, ChoiceGroup{Title(label), w.choices()})
	if reach == 0 {
		return
	}
	for _, r := range slices.Concat(w.kind.Parents, w.kind.Children) {
		if w.came != nil && r == w.came.Counterpart() {
			continue
		}
		next := walker{kind: r.To, path: append(slices.Clone(w.path), r.Name), came: r, below: w.below || !r.Parent}
		if next.subject = possess(w.subject, words(r.Name)); r.Many {
			next.subject = aOne(r.To)
		}
		collect(groups, next, reach-1)
	}
}

// choices are those about the records at this point of the way.
func (w walker) choices() (all []Choice) {
	add := func(c Choice, word, label string) {
		c.What = strings.Join(append(slices.Clone(w.path), word), "__")
		c.What = strings.TrimSuffix(c.What, "__")
		c.Label, c.Below = Title(label), w.below
		all = append(all, c)
	}
	if w.came != nil {
		label := "the " + w.subject + " itself"
		if w.came.Many {
			label = "a certain " + w.kind.Singular()
		}
		add(Choice{Takes: TakesRecord, Record: w.kind}, "", label)
	}
	for _, c := range w.kind.Columns {
		switch {
		case c.Inside || c == w.kind.Key || w.kind.ParentBy(c) != nil:
		case c.Type == graph.Text:
			add(Choice{Takes: TakesText, plain: c.Norm == nil}, c.Name, possess(w.subject, c.Words()))
		case c.Type == graph.Boolean:
			yes, _ := verb(c, false)
			no, _ := verb(c, true)
			add(Choice{Takes: TakesYesNo, yes: yes, no: no}, c.Name, does(w.subject, yes))
		default:
			add(Choice{Takes: TakesNumber}, c.Name, possess(w.subject, c.Words()))
		}
	}
	for _, r := range w.kind.Children {
		if w.came != nil && r == w.came.Counterpart() {
			continue
		}
		yes, no := "has "+aOne(r.To), "has no "+r.To.Singular()
		if r.Many {
			yes, no = "has "+r.To.Plural(), "has no "+r.To.Plural()
		} else if r.Column == r.To.Key {
			no = "is free: " + no
		}
		add(Choice{Takes: TakesWhether, yes: yes, no: no}, r.Name+"__isnull", does(w.subject, yes))
		if r.Many {
			add(Choice{Takes: TakesNumber}, r.Name+"__count", possess(w.subject, "number of "+r.To.Plural()))
		}
	}
	return all
}

func does(subject, verb string) string { return strings.TrimSpace(subject + " " + verb) }

// ChoiceOf finds a choice by its word; ok says whether the form has it.
func ChoiceOf(k *graph.Kind, what string) (Choice, bool) {
	for _, g := range Choices(k) {
		for _, c := range g.Choices {
			if c.What == what {
				return c, true
			}
		}
	}
	return Choice{}, false
}

// Hows are the comparisons that a choice offers, the first being the usual one; with one there is
// nothing to choose.
func (c Choice) Hows() []ui.Option {
	switch {
	case c.Takes == TakesText && c.plain:
		return []ui.Option{{Value: "contains", Label: "contains"}, {Value: "startswith", Label: "starts with"}, {Value: "exact", Label: "is"}, {Value: "endswith", Label: "ends with"}}
	case c.Takes == TakesText:
		return []ui.Option{{Value: "icontains", Label: "contains"}, {Value: "istartswith", Label: "starts with"}, {Value: "iexact", Label: "is"}, {Value: "iendswith", Label: "ends with"}}
	case c.Takes == TakesNumber:
		return []ui.Option{{Value: "exact", Label: "exactly"}, {Value: "gte", Label: "at least"}, {Value: "lte", Label: "at most"}, {Value: "gt", Label: "more than"}, {Value: "lt", Label: "fewer than"}}
	case c.Takes == TakesWhether:
		return []ui.Option{{Value: "isnull"}}
	}
	return []ui.Option{{Value: "exact"}}
}

// MayIgnoreCase says that a text can be compared with and without case and accents.
func (c Choice) MayIgnoreCase() bool { return c.Takes == TakesText && !c.plain }

// Knows says that the choice can be asked how.
func (c Choice) Knows(how string) bool {
	return slices.ContainsFunc(c.Hows(), func(o ui.Option) bool { return o.Value == how })
}

// Condition is the name in the address of the condition that the form makes.
func (c Choice) Condition(f FilterForm) string {
	name, how := c.What, f.How
	if f.Exact && c.MayIgnoreCase() {
		how = strings.TrimPrefix(how, "i")
	}
	if how != "exact" && c.Takes != TakesWhether {
		name += "__" + how
	}
	if f.Not {
		return "exclude__" + name
	}
	return name
}

// FilterForm is what stands in the form.
type FilterForm struct {
	What, How, Value string
	Not, Exact       bool
}

// For reads a plain operator of a text as the form says it: by its box.
func (f FilterForm) For(c Choice) FilterForm {
	if c.MayIgnoreCase() && !c.Knows(f.How) && c.Knows("i"+f.How) {
		f.How, f.Exact = "i"+f.How, true
	}
	return f
}

// FilledFrom is the form that makes this condition; ok is false where the form cannot say it.
func FilledFrom(k *graph.Kind, c lookup.Condition) (f FilterForm, ok bool) {
	choice, ok := choiceFor(k, c)
	f = FilterForm{What: choice.What, How: c.Operator, Value: c.Value, Not: c.Exclude}.For(choice)
	if yes, isYesNo := c.Values[0].(bool); isYesNo {
		if f.Not && !choice.Below { // one or the other
			f.Not, yes = false, !yes
		}
		f.Value = "false"
		if yes {
			f.Value = "true"
		}
	}
	return f, ok
}

// choiceFor is the choice that a condition is about; ok is false where the form cannot say it.
func choiceFor(k *graph.Kind, c lookup.Condition) (Choice, bool) {
	if len(c.Values) != 1 {
		return Choice{}, false
	}
	way := c.Path
	var last string
	record, by := c.Record()
	switch down := lastDown(way); {
	case c.Operator == "isnull" && down < 0:
		return Choice{}, false
	case c.Operator == "isnull":
		way, last = way[:down+1], "isnull"
	case c.Count != nil:
		last = c.Count.Name + "__count"
	case by != nil:
		last = by.Name
	case record == nil:
		last = c.Column.Name
	}
	parts := make([]string, 0, len(way)+1)
	for _, r := range way {
		parts = append(parts, r.Name)
	}
	if last != "" {
		parts = append(parts, last)
	}
	choice, ok := ChoiceOf(k, strings.Join(parts, "__"))
	return choice, ok && choice.Knows(FilterForm{How: c.Operator}.For(choice).How)
}

package views

import (
	"slices"
	"strings"

	"maitred/models/graph"
	"maitred/models/lookup"
)

// comparisons are the words for the operators on texts and numbers, and for their opposites. Those
// that mind case and accents read like those that do not.
var comparisons = map[string][2]string{
	"exact": {"is ", "is not "}, "in": {"is one of ", "is not one of "},
	"contains": {"contains ", "does not contain "}, "startswith": {"starts with ", "does not start with "}, "endswith": {"ends with ", "does not end with "},
	"gt": {"is more than ", "is not more than "}, "gte": {"is at least ", "is not at least "},
	"lt": {"is less than ", "is not less than "}, "lte": {"is at most ", "is not at most "},
}

// compared is a column compared with values: "starts with “Demon”", or its opposite.
func compared(c lookup.Condition, not bool) Phrase {
	op := c.Operator
	if plain, ok := strings.CutPrefix(op, "i"); ok && comparisons[plain] != [2]string{} {
		op = plain
	}
	n := 0
	if not {
		n = 1
	}
	return say(comparisons[op][n]).then(operands(c))
}

// operands are what a condition compares with: texts in quotes, numbers without.
func operands(c lookup.Condition) Phrase { return listed(c, " and ") }

func listed(c lookup.Condition, last string) Phrase {
	var parts []Phrase
	for _, v := range c.Values[:min(len(c.Values), shownValues)] {
		switch v := v.(type) {
		case string:
			parts = append(parts, value(v))
		case int64:
			parts = append(parts, say(graph.Number(v)))
		}
	}
	return enumerated(parts, len(c.Values), last)
}

// missing says whether a column that is always filled in is not: a question that an address may ask.
func missing(c lookup.Condition, not bool) (one, many Phrase) {
	if (c.Values[0] == true) == not {
		return say("is not missing"), say("are not missing")
	}
	return say("is missing"), say("are missing")
}

// howMany is a number of related rows and its opposite: "at least 3 waiters", "fewer than 3 waiters".
// Both follow "has" and "with"; nothing is "no waiters".
func howMany(c lookup.Condition, not bool) Phrase {
	k, op := c.Count.To, c.Operator
	if op == "in" {
		return say(unless(!not, "not ")).then(listed(c, " or "), say(" "+k.Plural()))
	}
	n := c.Values[0].(int64)
	if not {
		op = opposites[op]
	}
	switch {
	case n == 0 && op == "exact" && c.Count.Many:
		return say("no " + k.Plural())
	case n == 0 && op == "not" && c.Count.Many:
		return say(k.Plural())
	}
	return say(amounts[op] + " " + k.Counted(n))
}

var opposites = map[string]string{"exact": "not", "gt": "lte", "gte": "lt", "lt": "gte", "lte": "gt"}

var amounts = map[string]string{
	"exact": "exactly", "not": "not exactly", "gt": "more than", "gte": "at least", "lt": "fewer than", "lte": "at most",
}

// isThere reads a number of related rows of which there is one or none as whether there is one.
func isThere(c lookup.Condition, not bool) (there, ok bool) {
	if c.Count.Many || c.Operator == "in" {
		return false, false
	}
	op, n := c.Operator, c.Values[0].(int64)
	switch {
	case op == "exact" && n == 1, op == "gt" && n == 0, op == "gte" && n == 1:
		return !not, true
	case op == "exact" && n == 0, op == "lt" && n == 1, op == "lte" && n == 0:
		return not, true
	}
	return false, false
}

// verb is the yes-or-no question of a column as what a record does, one of them and several, or does
// not: "serves pizza", "serve pizza", "is open", "are open".
func verb(c *graph.Column, not bool) (one, many string) {
	first, rest, more := strings.Cut(c.Words(), " ")
	switch {
	case first == "is" && more:
		return "is " + unless(!not, "not ") + rest, "are " + unless(!not, "not ") + rest
	case first == "can" && more:
		return "can" + unless(!not, "not") + " " + rest, "can" + unless(!not, "not") + " " + rest
	case !more || !strings.HasSuffix(first, "s") || strings.HasSuffix(first, "ss"):
		return "is " + unless(!not, "not ") + c.Words(), "are " + unless(!not, "not ") + c.Words()
	}
	bare := several(first) + " " + rest
	if not {
		return "does not " + bare, "do not " + bare
	}
	return c.Words(), bare
}

// several is a verb as it follows several: "serves" is "serve", "watches" is "watch".
func several(verb string) string {
	if verb == "has" {
		return "have"
	}
	if stem, ok := strings.CutSuffix(verb, "ies"); ok {
		return stem + "y"
	}
	for _, end := range []string{"ches", "shes", "sses", "xes", "oes"} {
		if strings.HasSuffix(verb, end) {
			return strings.TrimSuffix(verb, "es")
		}
	}
	return strings.TrimSuffix(verb, "s")
}

// answered is a yes-or-no condition: one and several that do or do not.
func answered(c lookup.Condition, not bool) (one, many Phrase) {
	yes, no := slices.Contains(c.Values, any(true)), slices.Contains(c.Values, any(false))
	if yes && no {
		o, m := verb(c.Column, false)
		if not {
			return say("neither " + o + " nor does not"), say("neither " + m + " nor do not")
		}
		return say(o + " or does not"), say(m + " or do not")
	}
	o, m := verb(c.Column, yes == not)
	return say(o), say(m)
}

// unanswered says whether nothing is known of a yes-or-no question: as impossible as what is missing.
func unanswered(c lookup.Condition, not bool) (one, many Phrase) {
	o, m := verb(c.Column, false)
	if (c.Values[0] == true) == not {
		return say("says whether it " + o), say("say whether they " + m)
	}
	return say("does not say whether it " + o), say("do not say whether they " + m)
}

// unless is the text, or nothing where the condition holds.
func unless(condition bool, text string) string {
	if condition {
		return ""
	}
	return text
}

// possess is what belongs to a subject: "restaurant's place"; "" is the record itself.
func possess(subject, what string) string {
	switch {
	case subject == "":
		return what
	case strings.HasSuffix(subject, "s"):
		return subject + "' " + what
	}
	return subject + "'s " + what
}

package kind

import (
	"net/url"
	"slices"
)

// Canonical is what an address asks of a list, written in one way only, whatever the order of its
// words: the search, the order and the conditions. Which page of the list it is about is left out.
func Canonical(address url.Values) string {
	asked := url.Values{}
	for name, values := range address {
		if name != "q" && name != "sort" && slices.Contains(reserved, name) {
			continue
		}
		if name == "q" || name == "sort" { // only the first of them counts, and empty it asks nothing
			if values = values[:min(len(values), 1)]; values == nil || values[0] == "" {
				continue
			}
		}
		asked[name] = slices.Sorted(slices.Values(values))
	}
	return asked.Encode()
}

package handlers

import "net/http"

// crossOrigin refuses writes that come from another site, by what browsers say of themselves:
// Sec-Fetch-Site or, where that is missing, an Origin that is not the host of the request. No header
// of htmx has a say in it, and no token: a request without either header is no browser's.
//
// Browsers leave out Sec-Fetch-Site where they speak plain HTTP to another machine, and with the
// policy no-referrer their Origin is "null" even for a form of our own. That is why such a page has
// another policy (referrers).
var crossOrigin = http.NewCrossOriginProtection()

package sheet

import (
	"fmt"
	"math"
	"time"
)

// lastDay is the number of 9999-12-31, the last day that spreadsheets know.
const lastDay = 2_958_465

// show is a moment, counted in days, as ISO 8601 has it, with those parts that the format shows: "2024-02-29",
// "2024-02-29 18:30", "18:30:05". Times that count on beyond a day do so here. False if there is no such day.
func (c clock) show(n float64, from1904 bool) (string, bool) {
	if n < 0 || n >= lastDay+1 || c.date && n < 1 && !from1904 && !c.time {
		return "", false
	}
	seconds := int64(math.Round(n * 86_400))
	if c.elapsed || c.time && (!c.date || n < 1 && !from1904) {
		if !c.elapsed {
			seconds %= 86_400
		}
		return c.time24(seconds), true
	}
	day, seconds := seconds/86_400, seconds%86_400
	date := dayOf(day, from1904)
	if c.time {
		return date + " " + c.time24(seconds), true
	}
	return date, true
}

func (c clock) time24(seconds int64) string {
	text := fmt.Sprintf("%02d:%02d", seconds/3600, seconds/60%60)
	if c.seconds {
		text += fmt.Sprintf(":%02d", seconds%60)
	}
	return text
}

// dayOf is the date of the day with this number. There is a 29 February 1900 in spreadsheets, which is day
// 60, because there was one in Lotus 1-2-3.
func dayOf(day int64, from1904 bool) string {
	first := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case from1904:
		first = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case day == 60:
		return "1900-02-29"
	case day < 60:
		day++
	}
	return first.AddDate(0, 0, int(day)).Format(time.DateOnly)
}

// isoDate is a moment that a cell holds as ISO 8601, as show would show it; else the text itself.
func isoDate(value string) string {
	for _, layout := range []string{"2006-01-02T15:04:05.999999999", "2006-01-02T15:04:05.999999999Z07:00", "2006-01-02T15:04"} {
		t, err := time.Parse(layout, value)
		if err != nil {
			continue
		}
		if t.Equal(t.Truncate(24 * time.Hour)) {
			return t.Format(time.DateOnly)
		}
		return t.Format(time.DateTime)
	}
	return value
}

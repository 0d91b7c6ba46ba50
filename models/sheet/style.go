package sheet

import (
	"encoding/xml"
	"fmt"
	"strconv"
)

// readStyles reads how the numbers of cells are shown, by the number of their style.
func (w *workbook) readStyles(name string) error {
	p, err := w.archive.open(name, smallToken)
	if err != nil {
		return err
	}
	codes := map[int]string{}
	var styles []int // the number of the format of each
	err = p.each(func(e xml.StartElement) error {
		switch {
		case p.within("styleSheet", "numFmts", "numFmt"):
			id, err := strconv.Atoi(attribute(e, "numFmtId"))
			if err != nil {
				return fmt.Errorf("%w: a format has the number %q", errDamaged, attribute(e, "numFmtId"))
			}
			codes[id] = unescape(attribute(e, "formatCode"))
		case p.within("styleSheet", "cellXfs", "xf"):
			id, _ := strconv.Atoi(attribute(e, "numFmtId")) // General if it does not say
			styles = append(styles, id)
		}
		if len(codes) > maxParts || len(styles) > maxParts {
			return errUnpacksTooLarge
		}
		return nil
	})
	if err != nil {
		return err
	}
	parsed := map[int]*format{}
	for _, id := range styles {
		if parsed[id] == nil {
			code, ok := codes[id]
			if !ok {
				code = builtIn(id)
			}
			parsed[id] = parseFormat(code)
		}
		w.formats = append(w.formats, parsed[id])
	}
	return nil
}

// builtIn is the format that has this number without being declared (ECMA-376 part 1, 18.8.30). Those for
// dates in East Asia differ by country; they are dates in all.
func builtIn(id int) string {
	switch {
	case id >= 27 && id <= 31, id >= 34 && id <= 36, id >= 50 && id <= 58:
		return "yyyy-mm-dd"
	case id == 32:
		return "h:mm"
	case id == 33:
		return "h:mm:ss"
	}
	return builtIns[id]
}

var builtIns = map[int]string{
	1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00",
	5: "$#,##0_);($#,##0)", 6: "$#,##0_);($#,##0)", 7: "$#,##0.00_);($#,##0.00)", 8: "$#,##0.00_);($#,##0.00)",
	9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
	14: "m/d/yy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "m/d/yy h:mm",
	37: "#,##0_);(#,##0)", 38: "#,##0_);(#,##0)", 39: "#,##0.00_);(#,##0.00)", 40: "#,##0.00_);(#,##0.00)",
	41: `_(* #,##0_);_(* (#,##0);_(* "-"_)`, 42: `_($* #,##0_);_($* (#,##0);_($* "-"_)`,
	43: `_(* #,##0.00_);_(* (#,##0.00);_(* "-"??_)`, 44: `_($* #,##0.00_);_($* (#,##0.00);_($* "-"??_)`,
	45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
}

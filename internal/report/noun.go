package report

import "strconv"

// or fills an empty Noun, so that a report without words of its own still
// reads well.
func (n Noun) or(one, many string) Noun {
	if n.One == "" || n.Many == "" {
		return Noun{one, many}
	}
	return Noun{oneLine(n.One), oneLine(n.Many)}
}

// count returns "1 journey", "12 journeys".
func (n Noun) count(k int) string {
	if k == 1 {
		return "1 " + n.One
	}
	return strconv.Itoa(k) + " " + n.Many
}

func (r *Report) subject() Noun { return r.Subject.or("entry", "entries") }
func (r *Report) variant() Noun { return r.Variant.or("variant", "variants") }

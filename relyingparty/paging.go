package relyingparty

import (
	"net/http"
	"strconv"
)

// pageRequest is which part of a list is wanted.
type pageRequest struct {
	number, size int
	totals       bool
}

func (p pageRequest) start() int { return p.number * p.size }

// Sizes of a part of a list.
const (
	pageSize    = 50
	maxPageSize = 100
	maxPaged    = 1000 // how far pages reach; further on, checkpoints do
)

// readPage reads page, per_page and include_totals.
func (v *visit) readPage() (p pageRequest, err error) {
	if p.number, err = v.queryNumber("page", 0, 0, maxPaged); err != nil {
		return p, err
	}
	if p.size, err = v.queryNumber("per_page", pageSize, 1, maxPageSize); err != nil {
		return p, err
	}
	if p.start()+p.size > maxPaged {
		return p, badRequest("You can only page through the first %d results.", maxPaged)
	}
	switch v.r.URL.Query().Get("include_totals") {
	case "true":
		p.totals = true
	case "", "false":
	default:
		return p, badRequest("include_totals must be true or false")
	}
	return p, nil
}

// answerPage answers with a part of a list; rows is a slice.
func (v *visit) answerPage(p pageRequest, name string, total int, rows any) error {
	if !p.totals {
		return v.answer(http.StatusOK, rows)
	}
	return v.answer(http.StatusOK, map[string]any{
		"start": p.start(), "limit": p.size, "total": total, name: rows,
	})
}

// queryNumber reads a number of the query within bounds.
func (v *visit) queryNumber(name string, otherwise, least, most int) (int, error) {
	text := v.r.URL.Query().Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0, badRequest("%s must be a number from %d to %d", name, least, most)
	}
	return n, nil
}

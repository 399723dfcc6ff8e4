package profile

// Source is where a fact is from: a repository, path and commit, or a document and
// its section.
type Source string

// Fact is one thing known of a product, and who says so. The zero Fact is unknown:
// there is no fact without a source.
type Fact[T any] struct {
	value  T
	source Source
}

// Known is a fact. It panics without a source.
func Known[T any](value T, source Source) Fact[T] {
	if source == "" {
		panic("profile: a fact without a source")
	}
	return Fact[T]{value, source}
}

// Value returns what is known, and whether anything is.
func (f Fact[T]) Value() (T, bool) { return f.value, f.source != "" }

// Source is who says so, "" where nothing is known.
func (f Fact[T]) Source() Source { return f.source }

// or returns the value, or another where it is unknown.
func (f Fact[T]) or(neutral T) T {
	if f.source == "" {
		return neutral
	}
	return f.value
}

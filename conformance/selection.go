package conformance

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"path"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/internal/nearest"
)

// Selection says which cases of a suite are run.
type Selection struct {
	// Match are patterns of IDs, in which "*" stands for anything but a slash and a
	// pattern that ends before a slash for all below it; none = all.
	Match []string
	// Level is the least binding level that is judged; 0 = Must.
	Level Level
	// Shard of Shards, counted from 1, so that several machines share a suite. Which
	// shard a case is in depends on its ID alone. 0 = all.
	Shard, Shards int
}

// Select returns the cases that s picks, by ID, and the twins without which these
// would prove nothing. A pattern that fits no case is an error that names the
// nearest ID.
func Select(suite []Case, s Selection) ([]Case, error) {
	if s.Shards < 0 || s.Shard < 0 || s.Shard > s.Shards || s.Shards > 0 && s.Shard == 0 {
		return nil, fmt.Errorf("there is no shard %d of %d", s.Shard, s.Shards)
	}
	chosen := map[string]bool{}
	for _, pattern := range s.patterns() {
		fits := 0
		for i := range suite {
			fit, err := matches(pattern, suite[i].ID)
			if err != nil {
				return nil, fmt.Errorf("pattern %q: %w", pattern, err)
			}
			if !fit {
				continue
			}
			fits++
			if suite[i].Level.binds(s.Level) && s.holds(suite[i].ID) {
				chosen[suite[i].ID] = true
			}
		}
		if fits == 0 {
			return nil, unknownCase(pattern, suite)
		}
	}
	addTwins(suite, chosen)
	var out []Case
	for i := range suite {
		if chosen[suite[i].ID] {
			out = append(out, suite[i])
		}
	}
	slices.SortFunc(out, func(a, b Case) int { return cmp.Compare(a.ID, b.ID) })
	return out, nil
}

func (s *Selection) patterns() []string {
	if len(s.Match) == 0 {
		return []string{"*"}
	}
	return s.Match
}

// holds reports whether the shard has a case.
func (s *Selection) holds(id string) bool {
	if s.Shards <= 1 {
		return true
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // never fails
	return int(h.Sum32()%uint32(s.Shards)) == s.Shard-1
}

// matches compares as many parts of the ID as the pattern has.
func matches(pattern, id string) (bool, error) {
	parts := strings.Split(id, "/")
	return path.Match(pattern, strings.Join(parts[:min(len(parts), strings.Count(pattern, "/")+1)], "/"))
}

// addTwins adds the twins of what is chosen, and theirs.
func addTwins(suite []Case, chosen map[string]bool) {
	twins := map[string]string{}
	for i := range suite {
		twins[suite[i].ID] = suite[i].Twin
	}
	for i := range suite {
		for id := suite[i].ID; chosen[id] && twins[id] != "" && !chosen[twins[id]]; id = twins[id] {
			chosen[twins[id]] = true
		}
	}
}

func unknownCase(pattern string, suite []Case) error {
	var ids []string
	for i := range suite {
		ids = append(ids, suite[i].Section(), suite[i].ID)
	}
	if meant := nearest.Name(pattern, ids); meant != "" {
		return fmt.Errorf("no case fits %q; did you mean %q?", pattern, meant)
	}
	return fmt.Errorf("no case fits %q; `passkeylab cases` lists them", pattern)
}

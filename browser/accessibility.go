package browser

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
)

// Described is a part of a page as a screen reader is told of it.
type Described struct {
	Role        string // in Chromium's words, which are ARIA's where ARIA has one
	Name        string
	Description string
	Focusable   bool
}

// Accessibility lists the parts of the page that assistive technology is told of, in
// no particular order.
func (t *Tab) Accessibility(ctx context.Context) ([]Described, error) {
	tree, err := cdp.Call(ctx, t.target, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		return nil, fmt.Errorf("accessibility tree: %w", err)
	}
	var parts []Described
	for _, node := range tree.Nodes {
		if node.Ignored {
			continue
		}
		d := Described{Role: axText(node.Role), Name: axText(node.Name), Description: axText(node.Description)}
		for _, p := range node.Properties {
			if p.Name == accessibility.PropertyNameFocusable {
				d.Focusable = string(p.Value.Value) == "true"
			}
		}
		parts = append(parts, d)
	}
	return parts, nil
}

// axText is a value of the tree that is a text; others are empty.
func axText(v *accessibility.Value) (text string) {
	if v == nil || json.Unmarshal(v.Value, &text) != nil {
		return ""
	}
	return text
}

package wire

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// find returns the first node, in document order, that fits.
func find(root *html.Node, fits func(*html.Node) bool) *html.Node {
	if root == nil {
		return nil
	}
	for n := range root.Descendants() {
		if fits(n) {
			return n
		}
	}
	return nil
}

func isElement(name string) func(*html.Node) bool {
	return func(n *html.Node) bool { return n.Type == html.ElementNode && n.Data == name }
}

// enclosing returns the nearest ancestor of that name, or nil.
func enclosing(n *html.Node, name string) *html.Node {
	for a := range n.Ancestors() {
		if isElement(name)(a) {
			return a
		}
	}
	return nil
}

func attribute(n *html.Node, name string) string {
	value, _ := lookup(n, name)
	return value
}

func lookup(n *html.Node, name string) (string, bool) {
	if n == nil {
		return "", false
	}
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// hidden reports whether the element or one around it has the hidden attribute,
// other than the parts that the page's script reveals.
func hidden(n *html.Node) bool {
	for ; n != nil; n = n.Parent {
		_, concealed := lookup(n, "hidden")
		_, passkeys := lookup(n, "data-passkeys")
		_, prf := lookup(n, "data-prf")
		if concealed && !passkeys && !prf {
			return true
		}
	}
	return false
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data + " ")
		}
	}
	return b.String()
}

func without(attributes []html.Attribute, name string) []html.Attribute {
	return slices.DeleteFunc(attributes, func(a html.Attribute) bool { return a.Key == name })
}

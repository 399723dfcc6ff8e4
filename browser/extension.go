package browser

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/extensions"
)

//go:embed extension
var extensionFiles embed.FS

// extension is the extension of the proxy link in one browser.
type extension struct {
	mu sync.Mutex
	id string // empty until it is loaded
}

// load installs the extension if that has not happened yet.
func (e *extension) load(ctx context.Context, b *Browser) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.id != "" {
		return nil
	}
	files, err := fs.Sub(extensionFiles, "extension")
	if err != nil {
		return fmt.Errorf("embedded extension: %w", err)
	}
	dir := filepath.Join(b.scratch.Path, "extension")
	if err := os.CopyFS(dir, files); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("write the extension of the proxy link: %w", err)
	}
	inContexts := true
	loaded, err := cdp.Call(ctx, b.chromium, extensions.LoadUnpacked,
		extensions.LoadUnpackedParams{Path: dir, EnableInIncognito: &inContexts})
	if err != nil {
		return fmt.Errorf("this browser loads no extension, use link %q instead: %w", LinkBridge, err)
	}
	e.id = loaded.ID
	return nil
}

// worker is the address of the extension's worker.
func (e *extension) worker() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return "chrome-extension://" + e.id + "/worker.js"
}

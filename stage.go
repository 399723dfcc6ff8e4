package passkeylab

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/browser"
	"github.com/passkeylab/passkeylab/internal/labcert"
)

// StageOptions says what a Stage may use.
type StageOptions struct {
	// Headed shows every page in a window, not only those whose journey needs
	// to see the browser's own popups.
	Headed bool
	// Display is the X display for windows, such as ":0"; "" starts an Xvfb.
	Display string
	// Executable is the Chromium to start; "" searches the PATH.
	Executable string
}

// Stage is what labs share: browsers that are already running, and the
// certificate their sites are served under. It starts nothing until a lab
// needs it. It is safe for concurrent use.
type Stage struct {
	options StageOptions

	mu       sync.Mutex
	cert     *certificate
	browsers map[bool]*launch // by whether it has windows
	free     map[seatKind][]*seat
	desks    []*desk                     // on links usb and hybrid, one for each seat
	makers   map[int]*attestation.Makers // by the year from which they are there
	door     *door                       // nil until there is a browser
}

// launch is a browser that was started, or the reason why it was not.
type launch struct {
	browser *browser.Browser
	err     error
}

type certificate struct{ *labcert.Certificate }

func (c *certificate) serverConfig() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{c.TLS}, MinVersion: tls.VersionTLS12}
}

// NewStage returns an empty stage. Close it when the last lab has ended.
func NewStage(o StageOptions) *Stage {
	return &Stage{options: o, browsers: map[bool]*launch{}, free: map[seatKind][]*seat{}, makers: map[int]*attestation.Makers{}}
}

// Close ends the browsers.
func (s *Stage) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, l := range s.browsers {
		if l.browser != nil {
			errs = append(errs, l.browser.Close())
		}
	}
	for _, c := range s.desks {
		errs = append(errs, c.close())
	}
	if s.door != nil {
		s.door.server.Close()
		s.door = nil
	}
	s.browsers, s.free, s.desks = map[bool]*launch{}, map[seatKind][]*seat{}, nil // seats end with their browser
	return errors.Join(errs...)
}

// certificate returns the one certificate of the stage.
func (s *Stage) certificate() (*certificate, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lockedCertificate()
}

func (s *Stage) lockedCertificate() (*certificate, error) {
	if s.cert == nil {
		// The browser checks certificates against real time.
		made, err := labcert.New(time.Now(), "*.test", "*.acme.test")
		if err != nil {
			return nil, err
		}
		s.cert = &certificate{made}
	}
	return s.cert, nil
}

// Sizes in pixels. Everything is painted without a graphics card, so size is
// time. A page off screen has room for the tallest of ours, the login page; a
// window on a display also for what is around the page, and for a popup below
// its field.
const (
	pageWidth   = 640
	windowWidth = 800
	height      = 720
)

// browser returns the running browser, with windows or without, and starts it
// at first use, or again when it has ended by itself. A start that failed is not
// tried again.
func (s *Stage) browser(ctx context.Context, windows bool) (*browser.Browser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	windows = windows || s.options.Headed
	if l, ok := s.browsers[windows]; ok {
		if l.browser == nil || l.browser.Ended() == nil {
			return l.browser, l.err
		}
		_ = l.browser.Close() // which removes what it left behind
		delete(s.browsers, windows)
	}
	options, err := s.lockedOptions(windows)
	if err != nil {
		return nil, err
	}
	l := new(launch)
	l.browser, l.err = browser.Launch(ctx, options)
	if ctx.Err() == nil { // a start that was called off says nothing about the next
		s.browsers[windows] = l
	}
	return l.browser, l.err
}

// browserOptions are those of a browser that shows the lab's sites.
func (s *Stage) browserOptions(windows bool) (browser.Options, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lockedOptions(windows)
}

func (s *Stage) lockedOptions(windows bool) (browser.Options, error) {
	cert, err := s.lockedCertificate()
	if err != nil {
		return browser.Options{}, err
	}
	door := s.lockedDoor(cert)
	width := pageWidth
	if windows {
		width = windowWidth
	}
	return browser.Options{
		Executable: s.options.Executable,
		Headed:     windows,
		Display:    s.options.Display,
		HostRules:  fmt.Sprintf("MAP *.test:443 %s, MAP *.test 127.0.0.1", door.address()),
		SPKIHashes: []string{cert.SPKI},
		Width:      width,
		Height:     height,
	}, nil
}

// lockedDoor is what browsers find at the default port.
func (s *Stage) lockedDoor(c *certificate) *door {
	if s.door == nil {
		s.door = openDoor(c)
	}
	return s.door
}

// openedDoor is the door for labs, whose browser may start later.
func (s *Stage) openedDoor() (*door, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.lockedCertificate()
	if err != nil {
		return nil, err
	}
	return s.lockedDoor(c), nil
}

// quiet is where servers of a lab complain about broken connections, which
// browsers cause all the time by leaving.
func (s *Stage) quiet() *log.Logger { return log.New(io.Discard, "", 0) }

package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"strings"
	"time"

	"github.com/passkeylab/passkeylab/internal/report"
)

// sample returns a report of the size and kind that a real run gives: a
// matrix with every verdict in it, screenshots, transcripts and logs.
func sample() *report.Report {
	r := &report.Report{
		Title: "Passkey journeys", Tool: "passkeylab", Version: "0.1.0", Commit: "3f9c2d1b7a40",
		Subject:  report.Noun{One: "journey", Many: "journeys"},
		Variant:  report.Noun{One: "link", Many: "links"},
		Started:  time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC),
		Duration: 41_370 * time.Millisecond,
		Seed:     18_364_758_544_493_064_720,
		Machine: map[string]string{
			"System": "Debian GNU/Linux 12, linux/amd64, 2 cores", "Chromium": "156.0.8078.79", "Go": "1.26.8", "Display": "none, Xvfb stands in",
		},
		Variants: []string{"proxy", "cdp", "bridge", "wire"},
	}
	for i, s := range sampleStories {
		for j, link := range r.Variants {
			r.Entries = append(r.Entries, sampleEntry(s.id, s.story, link, i*4+j))
		}
	}
	return r
}

var sampleStories = []struct{ id, story string }{
	{"signup/with-passkey", "A visitor signs up with an email address and creates a passkey."},
	{"signup/without-passkey", "A visitor skips the passkey and signs up with a password."},
	{"signup/cancel-then-retry", "The prompt is cancelled once; the second try creates the passkey."},
	{"signup/email-taken", "An address that already has an account is refused politely."},
	{"login/autofill-second-account", "Two accounts are offered in the focused field; picking the second logs in as it."},
	{"login/autofill-none", "With no passkey on the device the page stays usable."},
	{"login/button", "One passkey, one press of the button, logged in."},
	{"login/button-declined", "The user declines; the page says so and offers another try."},
	{"recovery/lost-device", "The phone is lost: password in, new passkey, and a copy of the old one is refused."},
	{"fault/counter-backwards", "A signature counter that runs backwards is refused with a log line."},
}

func sampleEntry(id, story, link string, n int) report.Entry {
	e := report.Entry{
		ID: id, Variant: link, Story: story, Verdict: report.Pass,
		Duration: time.Duration(212+n*37%611) * time.Millisecond, Seed: uint64(n)*0x9e3779b97f4a7c15 + 41,
		Repeat: fmt.Sprintf("passkeylab run %s --link %s --seed %d", id, link, uint64(n)*0x9e3779b97f4a7c15+41),
	}
	autofill := strings.HasPrefix(id, "login/autofill")
	switch {
	case autofill && (link == "proxy" || link == "wire"):
		e.Verdict, e.Duration = report.NotApplicable, 0
		e.Reason = "this link cannot carry a conditional request; cdp and bridge can"
		return e
	case autofill && link == "cdp":
		e.Verdict, e.Duration = report.Skipped, 0
		e.Reason = "the autofill popup needs a display and there is none; install Xvfb: apt-get install xvfb"
		return e
	case id == "signup/email-taken" && link == "bridge":
		e.Verdict, e.Duration = report.Error, 8*time.Second
		e.Reason = "the browser went away: websocket closed by the peer (1006)"
	case id == "fault/counter-backwards" && link == "cdp":
		e.Verdict = report.Fail
		e.Reason = "the site accepted a counter that ran backwards"
		e.Expected = "the page refuses the login\ntenant log: f  “signature counter went from 7 to 3”"
		e.Seen = "the page shows “Welcome back, alice@example.com”\ntenant log: s  “Successful login”"
	}
	e.Steps = sampleSteps(e.Verdict == report.Fail, link != "wire")
	e.Transcript = sampleTranscript()
	e.Log = sampleLog(e.Verdict == report.Fail)
	return e
}

func sampleSteps(failed, pictured bool) []report.Step {
	texts := []string{
		"open the login page on alice's phone", "focus the email field", "press “Continue with a passkey”",
		"touch the sensor when asked", "land on the account page as alice@example.com", "find one login in the tenant log",
	}
	steps := make([]report.Step, 0, len(texts))
	for i, text := range texts {
		s := report.Step{At: time.Duration(i*61+4) * time.Millisecond, Text: text, Failed: failed && i == 4}
		if pictured && i != 3 && i != 5 {
			s.Screenshot, s.ScreenshotType = drawing(i, s.Failed), "image/png"
		}
		steps = append(steps, s)
		if s.Failed {
			break
		}
	}
	return steps
}

func sampleTranscript() []report.Message {
	return []report.Message{
		{
			At: 128 * time.Millisecond, From: "page", To: "client", Layer: "WebAuthn", Name: "navigator.credentials.get",
			Bytes: []byte(`{"challenge":"q83vEjRWeJA","rpId":"login.example.test","userVerification":"preferred"}`),
			Decoded: "challenge         q83vEjRWeJA\nrpId              login.example.test\n" +
				"userVerification  preferred\nallowCredentials  none: any passkey of this site",
		},
		{
			At: 131 * time.Millisecond, From: "client", To: "alice's phone", Layer: "CTAP", Name: "authenticatorGetAssertion",
			Bytes:   append([]byte{0x02, 0xa3, 0x01, 0x72}, "login.example.test\x02\x58\x20\xab\xcd\xef\x12\x34\x56\x78\x90\xab\xcd\xef\x12\x34\x56\x78\x90\xab\xcd\xef\x12\x34\x56\x78\x90\xab\xcd\xef\x12\x34\x56\x78\x90\x05\xa1\x62uv\xf5"...),
			Decoded: "0x01 rpId            \"login.example.test\"\n0x02 clientDataHash  h'abcdef1234567890…' (32 bytes)\n0x05 options         {\"uv\": true}",
		},
		{
			At: 176 * time.Millisecond, From: "alice's phone", To: "client", Layer: "CTAP", Name: "authenticatorGetAssertion",
			Status: "CTAP2_OK", Bytes: bytes.Repeat([]byte{0xa5, 0x01, 0xa2, 0x62, 0x69, 0x64, 0x50, 0x9c}, 26),
			Decoded: "0x01 credential  {\"id\": h'9c1f…', \"type\": \"public-key\"}\n0x02 authData    rpIdHash ok, flags UP UV BE BS, signCount 3\n0x03 signature   h'3045…' (71 bytes, ES256)\n0x04 user        {\"id\": h'61…'}",
		},
	}
}

func sampleLog(failed bool) []report.LogLine {
	lines := []report.LogLine{
		{At: 96 * time.Millisecond, Code: "passkey_challenge_started", Description: "Passkey challenge started", Details: json.RawMessage(`{"purpose":"login"}`)},
		{At: 204 * time.Millisecond, Code: "s", Description: "Successful login", User: "alice@example.com", Details: json.RawMessage(`{"prompts":[{"name":"passkey","performed_amr":["phr"]}]}`)},
	}
	if failed {
		lines = append(lines, report.LogLine{At: 240 * time.Millisecond, Code: "s", Description: "Successful login", User: "alice@example.com"})
	}
	return lines
}

// drawing returns a PNG with the outlines of a login page.
func drawing(step int, failed bool) []byte {
	img := image.NewRGBA(image.Rect(0, 0, 640, 400))
	box := func(x, y, w, h int, c color.Color) {
		draw.Draw(img, image.Rect(x, y, x+w, y+h), image.NewUniform(c), image.Point{}, draw.Src)
	}
	accent := color.RGBA{0x2f, 0x5f, 0xd0, 0xff}
	if failed {
		accent = color.RGBA{0xb9, 0x2c, 0x2c, 0xff}
	}
	box(0, 0, 640, 400, color.RGBA{0xee, 0xf1, 0xf6, 0xff})
	box(180, 50, 280, 300, color.White)
	box(210, 80, 150, 18, color.RGBA{0x22, 0x2a, 0x35, 0xff})
	box(210, 112, 210, 8, color.RGBA{0xb4, 0xbc, 0xc8, 0xff})
	box(210, 150+step*6, 220, 36, color.RGBA{0xdd, 0xe2, 0xea, 0xff})
	box(210, 220+step*6, 220, 38, accent)
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return nil
	}
	return out.Bytes()
}

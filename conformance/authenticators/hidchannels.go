package authenticators

import (
	"fmt"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/ctaphid"
)

// hidCases are those of CTAPHID (§11.2).
func hidCases() (cases []testCase) {
	for _, family := range []func() []testCase{
		hidChannelCases, hidPingCases, hidAnswerCases, hidLengthCases, hidSequenceCases, hidCommandCases,
		hidTransactionCases, hidTimeoutCases, hidKeepaliveCases, hidCancelCases, hidCapabilityCases, hidLockCases,
	} {
		cases = append(cases, family()...)
	}
	return cases
}

// What most twins are.
const (
	hidOpens  = "hid/init/plain"
	hidEchoes = "hid/ping/57-bytes"
)

// hidChannelCases are those of CTAPHID_INIT and of channels (§11.2.3, §11.2.9.1.3).
func hidChannelCases() []testCase {
	cases := []testCase{
		{
			ID: hidOpens, Spec: at("11.2.9.1.3", ""), Level: conformance.Must, Needs: overHID(),
			Doc:     "CTAPHID_INIT on the broadcast channel is answered there, with the same nonce and at least 17 bytes.",
			Catches: []string{"hid/init-silent", "hid/init-off-broadcast", "hid/nonce-wrong", "hid/init-short"},
			Run:     onLine(func(l *line) { l.initialize(ctaphid.Broadcast, l.draw(8)) }),
		},
		{
			ID: "hid/init/length", Spec: at("11.2.9.1.3", ""), Level: conformance.Should, Needs: overHID(),
			Doc:     "The answer to CTAPHID_INIT has 17 bytes and no more: there are clients that take no other.",
			Catches: []string{"hid/init-long"},
			Run: onLine(func(l *line) {
				if h := l.greet(); h.length != 17 {
					l.Differ("17 bytes", fmt.Sprintf("%d bytes", h.length), "the answer has another length")
				}
			}),
		},
		{
			ID: "hid/init/reserved-channel", Spec: at("11.2.3", ""), Level: conformance.MustNot, Needs: overHID(),
			Doc:     "Neither channel 0 nor the broadcast channel is given out.",
			Catches: []string{"hid/channel-zero", "hid/channel-broadcast"},
			Run: onLine(func(l *line) {
				for range 4 {
					l.greet()
				}
			}),
		},
		{
			ID: "hid/init/unique-channel", Spec: at("11.2.3", ""), Level: conformance.Must, Needs: overHID(),
			Doc:     "Each CTAPHID_INIT on the broadcast channel gives out another channel.",
			Catches: []string{"hid/channel-shared"},
			Run: onLine(func(l *line) {
				seen := map[uint32]bool{}
				for range 8 {
					channel := l.allocate()
					if seen[channel] {
						l.Fatalf("channel %08x is given out twice", channel)
					}
					seen[channel] = true
				}
			}),
		},
		{
			ID: "hid/init/same-nonce", Spec: at("11.2.9.1.3", ""), Level: conformance.Must, Needs: overHID(), Twin: "hid/init/unique-channel",
			Doc:     "Two that happen to draw the same nonce are given channels of their own.",
			Catches: []string{"hid/channel-by-nonce"},
			Run: onLine(func(l *line) {
				nonce := l.draw(8)
				one, other := l.initialize(ctaphid.Broadcast, nonce), l.initialize(ctaphid.Broadcast, nonce)
				if one.channel == other.channel {
					l.Errorf("both are given channel %08x", one.channel)
				}
			}),
		},
		{
			ID: "hid/init/channels-work", Spec: at("11.2.3", ""), Level: conformance.Must, Needs: overHID(),
			Doc:     "Channels that were given out can be used in any order.",
			Catches: []string{"hid/other-channel"},
			Run: onLine(func(l *line) {
				one, other := l.two()
				third := l.allocate()
				l.alive(third, one, other, one)
			}),
		},
		{
			ID: "hid/init/protocol-version", Spec: at("11.2.9.1.3", ""), Level: conformance.Must, Needs: overHID(),
			Doc:     "The version of the protocol is 2.",
			Catches: []string{"hid/protocol-version"},
			Run: onLine(func(l *line) {
				if h := l.greet(); h.protocol != 2 {
					l.Differ("2", fmt.Sprint(h.protocol), "another version")
				}
			}),
		},
		{
			ID: "hid/init/same-each-time", Spec: at("11.2.9.1.3", ""), Level: conformance.Must, Needs: overHID(),
			Doc:     "Versions and capabilities are the same in every answer to CTAPHID_INIT.",
			Catches: []string{"hid/capabilities-vary"},
			Run: onLine(func(l *line) {
				first := l.greet()
				second, own := l.greet(), l.initialize(first.channel, l.draw(8))
				for _, h := range []hello{second, own} {
					h.channel = first.channel
					if h != first {
						l.Differ(fmt.Sprint(first), fmt.Sprint(h), "an answer tells something else")
					}
				}
			}),
		},
		{
			ID: "hid/init/resynchronises", Spec: at("11.2.5.3", ""), Level: conformance.Must, Needs: overHID(), Twin: hidOpens,
			Doc:     "CTAPHID_INIT on a channel that was given out is answered on it, and tells the same channel.",
			Catches: []string{"hid/init-no-resync", "hid/init-new-channel", "hid/resync-on-broadcast"},
			Run: onChannel(func(l *line, channel uint32) {
				if h := l.initialize(channel, l.draw(8)); h.channel != channel {
					l.Differ(fmt.Sprintf("%08x", channel), fmt.Sprintf("%08x", h.channel), "another channel is told")
				}
				l.alive(channel)
			}),
		},
		{
			ID: "hid/init/on-strange-channel", Spec: at("11.2.3", ""), Level: conformance.Should, Needs: overHID(), Twin: hidOpens,
			Doc:     "CTAPHID_INIT on a channel that was not given out is refused with ERR_INVALID_CHANNEL, or answered; there is no silence.",
			Catches: []string{"hid/errors-silent", "hid/error-other"},
			Run: onChannel(func(l *line, channel uint32) {
				strange, nonce := l.strange(channel), l.draw(8)
				l.say(strange, ctaphid.Init, nonce)
				p := l.next("ERR_INVALID_CHANNEL or the answer to CTAPHID_INIT")
				if p.Channel != strange || p.Command != ctaphid.Init && !isError(p, ctaphid.ErrChannel) {
					l.Differ(fmt.Sprintf("channel %08x, ERR_INVALID_CHANNEL or CTAPHID_INIT", strange), p.String(), "something else came")
				}
			}),
		},
		{
			ID: "hid/init/on-channel-zero", Spec: at("11.2.3", ""), Level: conformance.Must, Needs: overHID(), Twin: hidOpens,
			Doc:     "CTAPHID_INIT on channel 0 is refused with ERR_INVALID_CHANNEL.",
			Catches: []string{"hid/errors-silent", "hid/error-without-code"},
			Run: onChannel(func(l *line, channel uint32) {
				l.say(0, ctaphid.Init, l.draw(8))
				l.fails(0, ctaphid.ErrChannel)
				l.alive(channel)
			}),
		},
	}
	for _, n := range []int{0, 7, 9, 64} {
		cases = append(cases, testCase{
			ID: fmt.Sprintf("hid/init/%d-bytes", n), Spec: at("11.2.9.1.3", ""), Level: conformance.Must, Needs: overHID(), Twin: hidOpens,
			Doc:     fmt.Sprintf("CTAPHID_INIT with %d bytes in place of 8 is refused with ERR_INVALID_LEN.", n),
			Catches: []string{"hid/init-length-unchecked"},
			Run: onChannel(func(l *line, channel uint32) {
				l.say(channel, ctaphid.Init, l.draw(n))
				l.fails(channel, ctaphid.ErrLength)
				l.alive(channel)
			}),
		})
	}
	return append(cases, wrongChannelCases()...)
}

func isError(p ctaphid.Packet, code byte) bool {
	return p.Initial && p.Command == ctaphid.Error && p.Length == 1 && p.Data[0] == code
}

// wrongChannelCases are of channels that carry nothing.
func wrongChannelCases() (cases []testCase) {
	for _, c := range []struct {
		name, what string
		channel    func(l *line, known uint32) uint32
	}{
		{"strange", "a channel that was not given out", func(l *line, known uint32) uint32 { return l.strange(known) }},
		{"zero", "channel 0", func(*line, uint32) uint32 { return 0 }},
		{"broadcast", "the broadcast channel", func(*line, uint32) uint32 { return ctaphid.Broadcast }},
	} {
		for name, message := range map[string]struct {
			command byte
			payload func(*line) []byte
		}{
			"ping": {ctaphid.Ping, func(l *line) []byte { return l.draw(20) }},
			"cbor": {ctaphid.CBOR, func(*line) []byte { return getInfoRequest().bytes() }},
		} {
			cases = append(cases, testCase{
				ID: "hid/channel/" + c.name + "/" + name, Spec: at("11.2.3", ""), Level: conformance.Must, Needs: overHID(), Twin: hidEchoes,
				Doc:     fmt.Sprintf("%s on %s is refused there with ERR_INVALID_CHANNEL.", ctaphid.CommandName(message.command), c.what),
				Catches: []string{"hid/any-channel", "hid/error-other"},
				Run: onChannel(func(l *line, known uint32) {
					channel := c.channel(l, known)
					l.say(channel, message.command, message.payload(l))
					l.fails(channel, ctaphid.ErrChannel)
					l.alive(known)
				}),
			})
		}
	}
	return cases
}

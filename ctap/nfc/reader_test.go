package nfc_test

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/nfc"
)

// turn is what a reader sends and hears back.
type turn struct{ want, response string }

// talk holds a reader to a dialogue, in which commands that are to be sent after a
// pause have "…" before them, and cancelling ones "x". It returns how it ended.
func talk(t *testing.T, r *nfc.Reader, command []byte, turns ...turn) (nfc.Step, error) {
	t.Helper()
	step := nfc.Step{Next: command}
	for i, turn := range turns {
		switch mark, _, _ := strings.Cut(turn.want, " "); {
		case mark == "…" || mark == "x":
			require.True(t, step.Wait, "turn %d", i)
			require.Nil(t, step.Next)
			step.Next = r.Poll()
			if mark == "x" {
				step.Next = r.Cancel()
			}
			turn.want = turn.want[len(mark):]
		default:
			require.False(t, step.Wait, "turn %d", i)
		}
		require.Equal(t, strings.ToLower(tight(turn.want)), hex.EncodeToString(step.Next), "turn %d", i)
		var err error
		if step, err = r.Response(unhex(t, turn.response)); step.Done {
			require.Equal(t, len(turns)-1, i, "it ended early")
			return step, err
		}
		require.NoError(t, err)
	}
	t.Fatal("it has not ended")
	return step, nil
}

func newReader(t testing.TB, config nfc.ReaderConfig) *nfc.Reader {
	t.Helper()
	r, err := nfc.NewReader(config)
	require.NoError(t, err)
	return r
}

func send(t *testing.T, r *nfc.Reader, request string) []byte {
	t.Helper()
	command, err := r.Send(unhex(t, request))
	require.NoError(t, err)
	return command
}

func TestReaderSelects(t *testing.T) {
	t.Parallel()
	for answer, version := range map[string]string{
		"5532465f5632 9000": "U2F_V2", "4649444f5f325f30 9000": "FIDO_2_0", "4649444f5f325f31 9000": "FIDO_2_1",
		"6a82": "", "9000": "", "4142 9000": "",
	} {
		r := newReader(t, nfc.ReaderConfig{Extended: true})
		step, err := talk(t, r, r.Select(), turn{selectFIDO, answer})
		assert.Equal(t, version == "", err != nil, answer)
		assert.Equal(t, version, r.Version())
		assert.Equal(t, version, string(step.Payload))
	}
	r := newReader(t, nfc.ReaderConfig{})
	step, err := talk(t, r, r.Select(), turn{selectFIDO, "6108"}, turn{"00c0000008", "4649444f5f325f30 9000"})
	require.NoError(t, err, "a card of T=0")
	assert.Equal(t, "FIDO_2_0", string(step.Payload))
	_, err = talk(t, r, r.End(), turn{"80 12 01 00 00", "9000"})
	require.NoError(t, err)
	_, err = talk(t, r, r.End(), turn{"80 12 01 00 00", "6d00"})
	require.ErrorIs(t, err, nfc.InstructionNotSupported)
}

// The dialogues of a request of two bytes.
func TestReaderDialogues(t *testing.T) {
	t.Parallel()
	const short, extended, held = "80108000020401 00", "801080000000020401 0000", "80100000020401 00"
	for name, c := range map[string]struct {
		config nfc.ReaderConfig
		turns  []turn
		want   string
	}{
		"short":                           {nfc.ReaderConfig{}, []turn{{short, "00a0 9000"}}, "00a0"},
		"extended":                        {nfc.ReaderConfig{Extended: true}, []turn{{extended, "00a0 9000"}}, "00a0"},
		"a CTAP error":                    {nfc.ReaderConfig{}, []turn{{short, "2e 9000"}}, "2e"},
		"in parts":                        {nfc.ReaderConfig{}, []turn{{short, "00 6100"}, {more, "a0 6101"}, {"00c0000001", "01 9000"}}, "00a001"},
		"in parts, extended":              {nfc.ReaderConfig{Extended: true}, []turn{{extended, "00 6102"}, {"00c00000000002", "a001 9000"}}, "00a001"},
		"parts by the card's own class":   {nfc.ReaderConfig{}, []turn{{short, "00 6102"}, {"00c0000002", "6e00"}, {"80c0000002", "a0 6101"}, {"80c0000001", "01 9000"}}, "00a001"},
		"another length":                  {nfc.ReaderConfig{}, []turn{{short, "6c03"}, {"80108000020401 03", "00a001 9000"}}, "00a001"},
		"another length of a part":        {nfc.ReaderConfig{}, []turn{{short, "00 6104"}, {"00c0000004", "6c02"}, {"00c0000002", "a001 9000"}}, "00a001"},
		"asked again":                     {nfc.ReaderConfig{}, []turn{{short, "01 9100"}, {"… 8011000000", "02 9100"}, {"… 8011000000", "00a0 9000"}}, "00a0"},
		"asked again, the answer parted":  {nfc.ReaderConfig{}, []turn{{short, "01 9100"}, {"… 8011000000", "00 6101"}, {"00c0000001", "a0 9000"}}, "00a0"},
		"asked again, extended":           {nfc.ReaderConfig{Extended: true}, []turn{{extended, "01 9100"}, {"… 80110000000000", "00a0 9000"}}, "00a0"},
		"cancelled":                       {nfc.ReaderConfig{}, []turn{{short, "02 9100"}, {"x 8011110000", "2d 9000"}}, "2d"},
		"cancelled, it needs time":        {nfc.ReaderConfig{}, []turn{{short, "02 9100"}, {"x 8011110000", "01 9100"}, {"… 8011000000", "2d 9000"}}, "2d"},
		"held":                            {nfc.ReaderConfig{Hold: true}, []turn{{held, "00a0 9000"}}, "00a0"},
		"no extended lengths after all":   {nfc.ReaderConfig{Extended: true}, []turn{{extended, "6700"}, {short, "00a0 9000"}}, "00a0"},
		"a status that says nothing":      {nfc.ReaderConfig{}, []turn{{short, "9100"}, {"… 8011000000", "00 9000"}}, "00"},
		"refused":                         {nfc.ReaderConfig{}, []turn{{short, "6985"}}, ""},
		"refused in both forms":           {nfc.ReaderConfig{Extended: true}, []turn{{extended, "6700"}, {short, "6700"}}, ""},
		"refused while fetched":           {nfc.ReaderConfig{}, []turn{{short, "00 6101"}, {"00c0000001", "6985"}}, ""},
		"no status":                       {nfc.ReaderConfig{}, []turn{{short, "9000"}}, ""},
		"no status word":                  {nfc.ReaderConfig{}, []turn{{short, "90"}}, ""},
		"another length for ever":         {nfc.ReaderConfig{}, []turn{{short, "6c03"}, {"80108000020401 03", "6c03"}}, ""},
		"promises without end":            {nfc.ReaderConfig{}, []turn{{short, "6100"}, {more, "6100"}}, ""},
		"every class of GET RESPONSE bad": {nfc.ReaderConfig{}, []turn{{short, "00 6102"}, {"00c0000002", "6d00"}, {"80c0000002", "6d00"}}, ""},
		"more than is taken":              {nfc.ReaderConfig{MaxResponse: 3}, []turn{{short, "0001 6102"}, {"00c0000002", "0203 9000"}}, ""},
		"asked again too often":           {nfc.ReaderConfig{MaxPolls: 2}, []turn{{short, "9100"}, {"… 8011000000", "9100"}, {"… 8011000000", "9100"}}, ""},
		"held, but not by this card":      {nfc.ReaderConfig{Hold: true}, []turn{{held, "01 9100"}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newReader(t, c.config)
			step, err := talk(t, r, send(t, r, "0401"), c.turns...)
			assert.Equal(t, c.want == "", err != nil, "%v", err)
			assert.Equal(t, c.want, hex.EncodeToString(step.Payload))
			step, err = r.Response([]byte{0x90, 0})
			require.NoError(t, err)
			assert.Zero(t, step, "it ended")
			assert.Nil(t, r.Poll())
		})
	}
}

// What a card does not know is not tried again the next time.
func TestReaderLearns(t *testing.T) {
	t.Parallel()
	r := newReader(t, nfc.ReaderConfig{Extended: true})
	_, err := talk(t, r, send(t, r, "04"), turn{"80108000000001040000", "6700"}, turn{getInfo, "00 9000"})
	require.NoError(t, err)
	_, err = talk(t, r, send(t, r, "04"), turn{getInfo, "00 6101"}, turn{"00c0000001", "6d00"}, turn{"80c0000001", "00 9000"})
	require.NoError(t, err)
	_, err = talk(t, r, send(t, r, "04"), turn{getInfo, "00 6101"}, turn{"80c0000001", "00 9000"})
	require.NoError(t, err)

	long := hex.EncodeToString(pattern(256))
	r = newReader(t, nfc.ReaderConfig{Fragment: 250})
	_, err = talk(t, r, send(t, r, long), turn{"90108000fa" + long[:500], "6884"}, turn{"80108000000100" + long + "0000", "00 9000"})
	require.NoError(t, err, "no chains")
	_, err = talk(t, r, send(t, r, "04"), turn{"80108000000001040000", "00 9000"})
	require.NoError(t, err)
}

func TestReaderU2F(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		say      string
		extended bool
		turns    []turn
		want     string
	}{
		"extended into short":  {"00030000000000", false, []turn{{"0003000000", "5532465f5632 9000"}}, "5532465f56329000"},
		"short into extended":  {"0003000000", true, []turn{{"00030000000000", "5532465f5632 9000"}}, "5532465f56329000"},
		"a refusal is no fail": {"0003000000", false, []turn{{"0003000000", "6985"}}, "6985"},
		"in parts":             {"0003000000", false, []turn{{"0003000000", "55 6101"}, {"00c0000001", "32 9000"}}, "55329000"},
		"9100 is no keepalive": {"0003000000", false, []turn{{"0003000000", "9100"}}, "9100"},
	} {
		r := newReader(t, nfc.ReaderConfig{Extended: c.extended})
		command, err := r.SendAPDU(unhex(t, c.say))
		require.NoError(t, err)
		step, err := talk(t, r, command, c.turns...)
		require.NoError(t, err, name)
		assert.Equal(t, c.want, hex.EncodeToString(step.Payload), name)
	}
	r := newReader(t, nfc.ReaderConfig{})
	for _, wrong := range []string{"", "000300", "0003000005aa", "8003000000", "1003000000"} {
		_, err := r.SendAPDU(unhex(t, wrong))
		assert.Error(t, err, wrong)
	}
}

func TestReaderRefuses(t *testing.T) {
	t.Parallel()
	for _, config := range []nfc.ReaderConfig{{Fragment: -1}, {Fragment: 256}, {MaxResponse: -1}, {MaxPolls: -1}} {
		_, err := nfc.NewReader(config)
		require.Error(t, err)
	}
	r := newReader(t, nfc.ReaderConfig{})
	for _, n := range []int{0, 65536} {
		_, err := r.Send(make([]byte, n))
		require.Error(t, err)
	}
	r.Select()
	r.Abandon()
	step, err := r.Response([]byte{0x90, 0})
	require.NoError(t, err)
	assert.Zero(t, step)
	assert.Equal(t, "status word 6A86, incorrect P1 or P2", nfc.IncorrectParameters.Error())
	assert.Equal(t, "status word 6123", nfc.Status(0x6123).Error())
}

// exchange runs an exchange between a reader and a card whose device answers with
// n bytes, at once or after a poll.
func exchange(t *testing.T, r *rig, reader *nfc.Reader, command []byte, late bool, n int) []byte {
	t.Helper()
	for {
		out := r.Card.Command(r.now, command)
		if out.Request != nil {
			r.request = out.Request
		}
		if out.Response == nil && late {
			r.now = r.now.Add(100 * ms)
			out, late = r.Tick(r.now), false
		}
		if out.Response == nil {
			out = r.Answer(r.request.ID, pattern(n))
		}
		step, err := reader.Response(out.Response)
		require.NoError(t, err)
		if step.Done {
			return step.Payload
		}
		if command = step.Next; step.Wait {
			command = reader.Poll()
		}
	}
}

// Reader and card understand each other at every length and in every form.
func TestReaderAgainstCard(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 1))
		config := nfc.ReaderConfig{Extended: random.IntN(2) == 0, Fragment: 1 + random.IntN(255)}
		late := random.IntN(2) == 0
		config.Hold = !late && random.IntN(2) == 0
		sent, answered := 1+random.IntN(7609), 1+random.IntN(7609)
		if random.IntN(2) == 0 {
			sent, answered = 1+random.IntN(600), 1+random.IntN(600)
		}
		t.Run(fmt.Sprintf("%+v late %t: %d and %d bytes", config, late, sent, answered), func(t *testing.T) {
			t.Parallel()
			r, reader := newRig(t, nfc.CardConfig{}), newReader(t, config)
			require.Equal(t, nfc.VersionCTAP, string(exchange(t, r, reader, reader.Select(), false, 0)))
			command, err := reader.Send(pattern(sent))
			require.NoError(t, err)
			require.Equal(t, pattern(answered), exchange(t, r, reader, command, late, answered))
			require.Equal(t, pattern(sent), r.request.Payload)
			require.Empty(t, exchange(t, r, reader, reader.End(), false, 0))
		})
	}
}

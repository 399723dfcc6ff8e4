package hybrid_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap"
	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/transport/hybrid"
)

var contactID = []byte("alice's phone at the service")

// linkable is a phone that offers links, at a service that knows it.
func linkable(t *testing.T) *rig {
	t.Helper()
	r := newRig(t, func(p *hybrid.PhoneConfig, c *hybrid.ComputerConfig) {
		p.Reach = &hybrid.Reach{Owner: protocol.Owner{1}, ContactID: contactID, Name: "Alice's phone"}
		c.Linking = true
	})
	r.passkey(t)
	r.service.contacts = map[string]func(hybrid.Call){}
	r.reachable(t, contactID)
	return r
}

// reachable has the service hand calls to the phone.
func (r *rig) reachable(t *testing.T, id []byte) {
	ctx := bounded(t)
	r.service.contacts[string(id)] = func(call hybrid.Call) { _ = r.phone.Answer(ctx, call) }
}

// link has the phone and the computer linked.
func (r *rig) link(t *testing.T) *hybrid.Link {
	t.Helper()
	remote, phone, err := r.meet(t, bounded(t))
	require.NoError(t, err)
	_, err = ctap.Call(t.Context(), remote, assertion())
	require.NoError(t, err)
	link := remote.Link()
	require.NotNil(t, link)
	require.NoError(t, remote.Close())
	require.NoError(t, <-phone)
	return link
}

func TestLinks(t *testing.T) {
	t.Parallel()
	for _, silent := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			r := linkable(t)
			r.service.silent = silent
			link := r.link(t)
			assert.Equal(t, "Alice's phone", link.Linking.Name)
			assert.Equal(t, contactID, link.Linking.ContactID)
			assert.Equal(t, []*hybrid.Link{link}, r.computer.Links())
			assert.Contains(t, r.kinds(), hybrid.StepLinking)

			for range 2 {
				remote, err := r.computer.Call(bounded(t), link, protocol.HintAssertion)
				require.NoError(t, err)
				_, err = ctap.Call(t.Context(), remote, assertion())
				require.NoError(t, err)
				assert.Nil(t, remote.Link(), "a link leads to no other")
				require.NoError(t, remote.Close())
			}
			again := r.link(t)
			assert.Equal(t, []*hybrid.Link{again}, r.computer.Links(), "one of each phone is enough")
			r.computer.Forget(again)
			assert.Empty(t, r.computer.Links())
		})
	}
}

// Links are offered to those alone who can use them, and from outside nobody can
// tell.
func TestLinksAreOffered(t *testing.T) {
	t.Parallel()
	for told, offered := range map[protocol.Told]bool{protocol.ToldYes: true, protocol.ToldNo: false, protocol.Untold: false} {
		synctest.Test(t, func(t *testing.T) {
			r := linkable(t)
			_, conn, update, phone := r.byHandComputer(t, told)
			assert.Equal(t, offered, update.Linking != nil)
			require.NoError(t, conn.Close(protocol.CloseNormal))
			require.Error(t, <-phone)
		})
	}
	synctest.Test(t, func(t *testing.T) {
		r := linkable(t)
		r.phone.Relink(nil)
		_, conn, update, phone := r.byHandComputer(t, protocol.ToldYes)
		assert.Nil(t, update.Linking)
		require.NoError(t, conn.Close(protocol.CloseNormal))
		require.Error(t, <-phone)
	})
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t) // and without Reach there is nothing to offer
		r.phone.Relink(contactID)
		_, conn, update, phone := r.byHandComputer(t, protocol.ToldYes)
		assert.Nil(t, update.Linking)
		require.NoError(t, conn.Close(protocol.CloseNormal))
		require.Error(t, <-phone)
	})
}

// A phone that has got another contact ID is linked with nobody. Once the service
// has forgotten the old one, computers forget it too.
func TestUnlinking(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := linkable(t)
		link := r.link(t)
		r.phone.Relink([]byte("new"))
		require.ErrorIs(t, r.phone.Answer(t.Context(), hybrid.Call{ContactID: contactID, Contact: new(protocol.Contact)}), hybrid.ErrUnlinked)
		waiting, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := r.computer.Call(waiting, link, "")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Len(t, r.computer.Links(), 1, "that nobody comes is no reason to forget")

		delete(r.service.contacts, string(contactID))
		_, err = r.computer.Call(bounded(t), link, "")
		requireSays(t, err, "410 Gone")
		require.ErrorIs(t, err, hybrid.ErrUnlinked)
		assert.Empty(t, r.computer.Links())

		r.reachable(t, []byte("new"))
		renewed := r.link(t)
		remote, err := r.computer.Call(bounded(t), renewed, "")
		require.NoError(t, err)
		require.NoError(t, remote.Close())
	})
}

// A link is worth nothing to who has only a part of it.
func TestWrongLinks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(*hybrid.Link)
		says  string
	}{
		"another secret":  {func(l *hybrid.Link) { l.Linking.Secret[0] ^= 1 }, "waiting for the advert"},
		"another link ID": {func(l *hybrid.Link) { l.Linking.LinkID[0] ^= 1 }, "waiting for the advert"},
		"another's key": {func(l *hybrid.Link) {
			identity, err := protocol.Owner{9}.Identity()
			require.NoError(t, err)
			l.Linking.Key = identity.PublicKey()
		}, "the handshake"},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := linkable(t)
			link := r.link(t)
			c.spoil(link)
			_, err := r.computer.Call(bounded(t), link, "")
			requireSays(t, err, c.says)
			assert.Len(t, r.computer.Links(), 1, name)
		})
	}
}

// Linking information of somebody else ends the transaction and costs no link.
func TestLinksAreSigned(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := linkable(t)
		link := r.link(t)
		forged := link.Linking
		forged.Secret = [32]byte{}
		for _, hello := range []*protocol.Hello{{Info: []byte{0xa0}, Linking: &forged}, {Info: []byte{0xa0}}} {
			code, err := r.computer.Show("")
			require.NoError(t, err)
			go func() {
				s, conn := r.byHandPhone(t, code.Text())
				put(t, s, conn, hello.Encode())
				if hello.Linking == nil {
					putFrame(t, s, conn, protocol.FrameUpdate, protocol.Update{Linking: &forged}.Encode())
				}
			}()
			remote, err := code.Connect(bounded(t))
			if err == nil {
				synctest.Wait()
				_, err = ctap.Call(t.Context(), remote, assertion())
				require.NoError(t, remote.Close())
			}
			require.ErrorIs(t, err, protocol.ErrSignature)
			assert.Equal(t, []*hybrid.Link{link}, r.computer.Links())
		}
	})
}

// A service that signals does so with a zero.
func TestSignals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := linkable(t)
		link := r.link(t)
		r.service.signal = []byte{1}
		_, err := r.computer.Call(bounded(t), link, "")
		requireSays(t, err, "instead of a zero")
		assert.ErrorIs(t, err, hybrid.ErrRules)
	})
}

package relyingparty

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony/ceremonytest"
)

func synced(t testing.TB) *ceremonytest.Device {
	d := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
	d.Flags = ceremonytest.FlagUP | ceremonytest.FlagUV | ceremonytest.FlagBE | ceremonytest.FlagBS
	return d
}

func TestBackupPolicy(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		policy ceremony.BackupPolicy
		flags  byte
		want   ceremony.Reason
	}{
		{ceremony.BackupAny, 0, ""},
		{ceremony.BackupAny, ceremonytest.FlagBE | ceremonytest.FlagBS, ""},
		{ceremony.BackupDeviceBound, 0, ""},
		{ceremony.BackupDeviceBound, ceremonytest.FlagBE, ceremony.ReasonMayBeSynced},
		{ceremony.BackupDeviceBound, ceremonytest.FlagBE | ceremonytest.FlagBS, ceremony.ReasonMayBeSynced},
		{ceremony.BackupEligible, 0, ceremony.ReasonDeviceBound},
		{ceremony.BackupEligible, ceremonytest.FlagBE, ""},
		{ceremony.BackupEligible, ceremonytest.FlagBE | ceremonytest.FlagBS, ""},
	} {
		s, _ := newSite(t)
		b := visitSite(t, s)
		d := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
		d.Flags |= test.flags
		b.startSignUp("alice@example.com")
		setPolicy(t, s, func(p *Policy) { p.Backup = test.policy })
		made := b.register(d)
		if test.want != "" {
			assert.Equal(t, test.want, made.refusal(t).Reason, test)
			assert.Equal(t, test.want, lastEvent(t, s).Details.Error.Reason)
			setPolicy(t, s, func(p *Policy) { p.Backup = ceremony.BackupAny })
			made = b.register(d)
		}
		require.Equal(t, "home", b.follow(made).screen(), test)
		b.logOut()
		setPolicy(t, s, func(p *Policy) { p.Backup = test.policy })
		in := b.logInWith(d)
		if test.want == "" {
			assert.Equal(t, http.StatusOK, in.status, test)
		} else {
			assert.Equal(t, test.want, in.refusal(t).Reason, "and so it is when it is used: %v", test)
		}
	}
}

func setPolicy(t testing.TB, s *Site, edit func(*Policy)) {
	t.Helper()
	p := s.Policy()
	edit(&p)
	require.NoError(t, s.SetPolicy(p))
}

func TestBackupHistory(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t)
	b := visitSite(t, s)
	d := synced(t)
	d.Flags &^= ceremonytest.FlagBS
	b.startSignUp("alice@example.com")
	b.follow(b.register(d))
	logIn := func(backedUp bool) {
		clock.advance(24 * time.Hour)
		d.Flags &^= ceremonytest.FlagBS
		if backedUp {
			d.Flags |= ceremonytest.FlagBS
		}
		b.open(pathHome)
		b.logOut()
		require.Equal(t, "home", b.follow(b.logInWith(d)).screen())
	}
	badge := func() string { b.open(pathAccount); return b.page.attribute("data-backup") }

	assert.Equal(t, "eligible", badge())
	logIn(false)
	logIn(true)
	assert.Equal(t, "synced", badge())
	assert.Contains(t, b.page.body, "since 3 January 2030")
	assert.Empty(t, lastEvent(t, s).Details.Warning)
	logIn(true)
	logIn(false)
	lost := lastEvent(t, s)
	assert.Equal(t, EventLogin, lost.Type)
	assert.Equal(t, ceremony.ReasonBackupLost, lost.Details.Warning)
	assert.False(t, *lost.Details.Authenticator.BackedUp)
	assert.Equal(t, "eligible", badge())
	assert.Contains(t, b.page.body, "since 5 January 2030")

	all, err := s.BackupHistory("alice@example.com")
	require.NoError(t, err)
	id := b.page.attribute("data-passkey-id")
	start := newClock().Now()
	assert.Equal(t, map[string][]BackupChange{id: {{start.Add(48 * time.Hour), true}, {start.Add(96 * time.Hour), false}}}, all)
	_, err = s.BackupHistory("nobody@example.com")
	assert.ErrorIs(t, err, ErrNoSuchUser)
}

func TestBackupLossCanBeRefused(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withPolicy(func(p *Policy) { p.BackupLoss = ceremony.BackupLossRefuse }))
	b := visitSite(t, s)
	d := synced(t)
	b.startSignUp("alice@example.com")
	b.follow(b.register(d))
	b.logOut()
	d.Flags &^= ceremonytest.FlagBS
	assert.Equal(t, ceremony.ReasonBackupLost, b.logInWith(d).refusal(t).Reason)
	u, err := s.User("alice@example.com")
	require.NoError(t, err)
	assert.True(t, u.Passkeys[0].BackedUp, "a refused login changes nothing")
	d.Flags &^= ceremonytest.FlagBE
	assert.Equal(t, ceremony.ReasonBackupState, b.logInWith(d).refusal(t).Reason, "eligibility is for life, whatever policy says")
	d.Flags |= ceremonytest.FlagBE | ceremonytest.FlagBS
	require.Equal(t, http.StatusOK, b.logInWith(d).status)
}

func TestBackupHistoryIsBounded(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t)
	b := visitSite(t, s)
	d := synced(t)
	b.startSignUp("alice@example.com")
	b.follow(b.register(d))
	for range 60 {
		clock.advance(time.Minute)
		d.Flags ^= ceremonytest.FlagBS
		b.open(pathHome)
		b.logOut()
		require.Equal(t, http.StatusOK, b.logInWith(d).status)
	}
	all, err := s.BackupHistory("alice@example.com")
	require.NoError(t, err)
	for _, changes := range all {
		assert.Len(t, changes, 50)
		assert.Equal(t, clock.Now(), changes[49].At, "the latest stay")
	}
	b.open(pathAccount)
	b.submit("/account/passkeys/remove", "id", b.page.attribute("data-passkey-id"))
	all, err = s.BackupHistory("alice@example.com")
	require.NoError(t, err)
	assert.Empty(t, all, "it goes with the passkey")
}

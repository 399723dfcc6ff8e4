package authenticator_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
)

func TestScriptedUserActs(t *testing.T) {
	t.Parallel()
	touch, verify := authenticator.Prompt{Kind: authenticator.ConfirmUse}, authenticator.Prompt{Kind: authenticator.ConfirmUse, Verify: true}
	u := new(authenticator.ScriptedUser)
	answer := func(p authenticator.Prompt) (authenticator.Gesture, error) { return u.Answer(t.Context(), p) }

	g, err := answer(touch)
	require.NoError(t, err)
	assert.Equal(t, authenticator.Gesture{Present: true}, g)
	g, err = answer(verify)
	require.NoError(t, err)
	assert.Equal(t, authenticator.Gesture{Present: true, Verified: true}, g)

	u.Then(authenticator.Decline, authenticator.TimeOut)
	_, err = answer(touch)
	assert.ErrorIs(t, err, authenticator.ErrDeclined)
	_, err = answer(touch)
	assert.ErrorIs(t, err, authenticator.ErrTimedOut)
	_, err = answer(touch)
	assert.NoError(t, err, "the queue is used up")

	u.Always(authenticator.Decline)
	u.Then(authenticator.Approve)
	_, err = answer(touch)
	assert.NoError(t, err, "the queue goes first")
	for range 2 {
		_, err = answer(touch)
		assert.ErrorIs(t, err, authenticator.ErrDeclined)
	}

	u.Always(authenticator.Approve)
	u.WrongFinger(1)
	g, _ = answer(touch)
	assert.True(t, g.Present, "a touch needs no finger in particular")
	g, _ = answer(verify)
	assert.Equal(t, authenticator.Gesture{Present: true}, g)
	g, _ = answer(verify)
	assert.True(t, g.Verified)
	assert.Len(t, u.Asked(), 11)
}

func TestScriptedUserIgnoresUntilThePlatformGivesUp(t *testing.T) {
	t.Parallel()
	u := new(authenticator.ScriptedUser)
	u.Always(authenticator.Ignore)
	_, err := u.Answer(contextDone(t), authenticator.Prompt{})
	assert.ErrorIs(t, err, context.Canceled)
	late, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	_, err = u.Answer(late, authenticator.Prompt{})
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	u.Always(authenticator.Approve)
	_, err = u.Answer(contextDone(t), authenticator.Prompt{})
	assert.ErrorIs(t, err, context.Canceled, "nobody is there to see the approval")
}

func TestScriptedUserPicks(t *testing.T) {
	t.Parallel()
	p := authenticator.Prompt{Kind: authenticator.ChooseAccount, Accounts: []ctap.UserEntity{
		{ID: []byte{1}, Name: "one"}, {ID: []byte{2}, Name: "two"},
	}}
	u := new(authenticator.ScriptedUser)
	choice := func() int {
		g, err := u.Answer(t.Context(), p)
		require.NoError(t, err)
		return g.Choice
	}
	assert.Equal(t, 0, choice())
	u.Pick("two")
	assert.Equal(t, 1, choice())
	assert.Equal(t, 1, choice(), "it stands")
	u.PickHandle([]byte{1})
	assert.Equal(t, 0, choice())
	u.Pick("three")
	_, err := u.Answer(t.Context(), p)
	require.ErrorIs(t, err, authenticator.ErrDeclined)
	assert.ErrorContains(t, err, `"three" is not among the accounts offered`)
	u.PickHandle([]byte{3})
	_, err = u.Answer(t.Context(), p)
	assert.ErrorContains(t, err, "user handle 03 is not among")
	_, err = u.Answer(t.Context(), authenticator.Prompt{Kind: authenticator.ConfirmUse})
	assert.NoError(t, err, "nothing to pick from is no reason to decline")
}

func TestAwaitAsked(t *testing.T) {
	t.Parallel()
	u := new(authenticator.ScriptedUser)
	assert.ErrorIs(t, u.AwaitAsked(contextDone(t), 1), context.Canceled)
	done := make(chan error)
	go func() { done <- u.AwaitAsked(t.Context(), 2) }()
	for range 2 {
		_, err := u.Answer(t.Context(), authenticator.Prompt{Kind: authenticator.ConfirmNew})
		require.NoError(t, err)
	}
	assert.NoError(t, <-done)
	assert.NoError(t, u.AwaitAsked(contextDone(t), 1), "that was long ago")
}

func TestScriptedUserForgetsInTheEnd(t *testing.T) {
	t.Parallel()
	u := new(authenticator.ScriptedUser)
	for i := range 10_000 {
		_, err := u.Answer(t.Context(), authenticator.Prompt{Kind: authenticator.PromptKind(i)})
		require.NoError(t, err)
	}
	asked := u.Asked()
	assert.GreaterOrEqual(t, len(asked), 100)
	assert.LessOrEqual(t, len(asked), 200)
	assert.Equal(t, authenticator.PromptKind(9999), asked[len(asked)-1].Kind)
	assert.NoError(t, u.AwaitAsked(t.Context(), 10_000))
}

func TestPromptKindsHaveNames(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for kind := authenticator.ConfirmNew; kind <= authenticator.SelectDevice; kind++ {
		assert.NotEmpty(t, kind.String())
		assert.False(t, seen[kind.String()])
		seen[kind.String()] = true
	}
}

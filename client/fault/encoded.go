package fault

import (
	"context"

	"github.com/fxamacker/cbor/v2"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/canon"
)

// members are those of a map in a message. Keys that are positive integers are
// uint64.
type members = map[any]any

func readMembers(raw []byte) (members, bool) {
	var m members
	_, err := cbor.UnmarshalFirst(raw, &m)
	return m, err == nil && m != nil
}

// written is a value in canonical form. The values here all have one.
func written(v any) []byte {
	out, err := canon.Marshal(v)
	if err != nil {
		return nil
	}
	return out
}

func inner(m members, key any) members {
	v, _ := m[key].(members)
	return v
}

// innerOf is the same, made where it is missing.
func innerOf(m members, key any) members {
	v := inner(m, key)
	if v == nil {
		v = members{}
		m[key] = v
	}
	return v
}

// key is the key of a member that has a number.
func key(n uint64) any { return n }

// onRequests changes the bytes of every request that has parameters, and all others
// by way of bare.
func onRequests(change func(raw []byte) []byte) func(Exchange) Exchange {
	return func(next Exchange) Exchange {
		return func(ctx context.Context, request []byte) ([]byte, error) {
			if len(request) > 1 {
				request = append([]byte{request[0]}, change(request[1:])...)
			}
			return next(ctx, request)
		}
	}
}

// onRequest changes the parameters of requests for a command. Those by which the
// client only looks for credentials stay as they are.
func onRequest(command ctap.Command, change func(members)) func(Exchange) Exchange {
	return func(next Exchange) Exchange {
		return func(ctx context.Context, request []byte) ([]byte, error) {
			if m, ok := parametersOf(command, request); ok && !silent(command, m) {
				change(m)
				request = append([]byte{byte(command)}, written(m)...)
			}
			return next(ctx, request)
		}
	}
}

func parametersOf(command ctap.Command, request []byte) (members, bool) {
	if len(request) < 2 || ctap.Command(request[0]) != command {
		return nil, false
	}
	return readMembers(request[1:])
}

// silent reports whether a getAssertion asks for no user presence.
func silent(command ctap.Command, m members) bool {
	up, given := inner(m, key(5))["up"].(bool)
	return command == ctap.CommandGetAssertion && given && !up
}

// both joins changes of messages.
func both(all ...func(Exchange) Exchange) func(Exchange) Exchange {
	return func(next Exchange) Exchange {
		for _, f := range all {
			next = f(next)
		}
		return next
	}
}

// onAnswers changes the answers to a command; request are its parameters, nil where
// it has none.
func onAnswers(command ctap.Command, change func(request members, answer []byte) []byte) func(Exchange) Exchange {
	return func(next Exchange) Exchange {
		return func(ctx context.Context, request []byte) ([]byte, error) {
			answer, err := next(ctx, request)
			if err != nil || len(request) == 0 || ctap.Command(request[0]) != command {
				return answer, err
			}
			m, _ := parametersOf(command, request)
			if silent(command, m) {
				return answer, nil
			}
			return change(m, answer), nil
		}
	}
}

// onMembers changes the members of successful answers to a command.
func onMembers(command ctap.Command, change func(request, answer members)) func(Exchange) Exchange {
	return onAnswers(command, func(request members, answer []byte) []byte {
		if len(answer) < 2 || ctap.Status(answer[0]) != ctap.OK {
			return answer
		}
		m, ok := readMembers(answer[1:])
		if !ok {
			return answer
		}
		change(request, m)
		return append([]byte{0}, written(m)...)
	})
}

// onStatus gives another answer where the status is one of these.
func onStatus(command ctap.Command, instead ctap.Status, when ...ctap.Status) func(Exchange) Exchange {
	return onAnswers(command, func(_ members, answer []byte) []byte {
		for _, s := range when {
			if len(answer) > 0 && ctap.Status(answer[0]) == s {
				return []byte{byte(instead)}
			}
		}
		return answer
	})
}

// refused gives an error where a successful answer has something about it.
func refused(command ctap.Command, something func(answer members) bool) func(Exchange) Exchange {
	return onAnswers(command, func(_ members, answer []byte) []byte {
		if len(answer) > 1 && answer[0] == 0 {
			if m, ok := readMembers(answer[1:]); ok && something(m) {
				return []byte{byte(ctap.InvalidCBOR)}
			}
		}
		return answer
	})
}

// again sends a request several times while the answer has one of some statuses.
func again(times int, matches func(command ctap.Command, m members) bool, when ...ctap.Status) func(Exchange) Exchange {
	return func(next Exchange) Exchange {
		return func(ctx context.Context, request []byte) ([]byte, error) {
			answer, err := next(ctx, request)
			for range times {
				m, _ := parametersOf(ctap.Command(request[0]), request)
				if err != nil || len(answer) == 0 || !matches(ctap.Command(request[0]), m) || !among(ctap.Status(answer[0]), when) {
					break
				}
				answer, err = next(ctx, request)
			}
			return answer, err
		}
	}
}

func among(s ctap.Status, all []ctap.Status) bool {
	for _, one := range all {
		if one == s {
			return true
		}
	}
	return len(all) == 0
}

// subCommand is the subcommand of a clientPIN request.
func subCommand(m members) ctap.SubCommand {
	n, _ := m[key(2)].(uint64)
	return ctap.SubCommand(n)
}

// onPIN changes the parameters of a subcommand of clientPIN; 0 is any.
func onPIN(sub ctap.SubCommand, change func(members)) func(Exchange) Exchange {
	return onRequest(ctap.CommandClientPIN, func(m members) {
		if sub == 0 || subCommand(m) == sub {
			change(m)
		}
	})
}

// onPINAnswer changes the answers to a subcommand.
func onPINAnswer(sub ctap.SubCommand, change func(answer []byte) []byte) func(Exchange) Exchange {
	return onAnswers(ctap.CommandClientPIN, func(request members, answer []byte) []byte {
		if subCommand(request) != sub {
			return answer
		}
		return change(answer)
	})
}

package ctap

// ResetRequest is authenticatorReset (CTAP 2.3 §6.6): back to the factory
// state. It has no parameters and returns no data.
type ResetRequest struct{}

// Command returns CommandReset.
func (*ResetRequest) Command() Command { return CommandReset }

func (*ResetRequest) answer() *Empty { return new(Empty) }

package ctap

// GetNextAssertionRequest is authenticatorGetNextAssertion (CTAP 2.3 §6.3). It
// has no parameters.
type GetNextAssertionRequest struct{}

// Command returns CommandGetNextAssertion.
func (*GetNextAssertionRequest) Command() Command { return CommandGetNextAssertion }

func (*GetNextAssertionRequest) answer() *GetAssertionResponse { return new(GetAssertionResponse) }

package ctap

// SelectionRequest is authenticatorSelection (CTAP 2.3 §6.9): it asks for a
// touch, so that the user picks one authenticator of several. It has no
// parameters and returns no data.
type SelectionRequest struct{}

// Command returns CommandSelection.
func (*SelectionRequest) Command() Command { return CommandSelection }

func (*SelectionRequest) answer() *Empty { return new(Empty) }

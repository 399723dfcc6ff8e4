package webauthn

// DOMException is the error a page sees when a ceremony fails: a name from the
// Web IDL list that WebAuthn Level 3 §5.1.3 and §5.1.4 allow, and a message
// for people. Links hand name and message to the page unchanged; Cause is for
// transcripts and logs and must never reach it (§14.5).
type DOMException struct {
	Name    string
	Message string
	Cause   error
}

// Names of the exceptions that create() and get() may throw.
const (
	AbortError        = "AbortError"        // the page's AbortSignal fired
	ConstraintError   = "ConstraintError"   // required residentKey or userVerification cannot be had
	EncodingError     = "EncodingError"     // options JSON with malformed base64url (§5.1.8)
	InvalidStateError = "InvalidStateError" // an excluded credential answered, after consent
	NotAllowedError   = "NotAllowedError"   // declined, timed out, nothing fitting; deliberately vague (§14.5)
	NotSupportedError = "NotSupportedError" // no usable algorithm or extension input
	OperationError    = "OperationError"    // another request is pending in this frame
	SecurityError     = "SecurityError"     // RP ID and origin do not belong together
	SyntaxError       = "SyntaxError"       // an extension input that is not spelled as it must be
	TypeError         = "TypeError"         // options of the wrong shape, user.id of a wrong length
)

// Error gives name and message as browsers print them.
func (e *DOMException) Error() string { return e.Name + ": " + e.Message }

// Unwrap returns the cause, if one is known.
func (e *DOMException) Unwrap() error { return e.Cause }

// Is reports whether target is a DOMException of the same name, so that
// errors.Is works against a bare &DOMException{Name: …}.
func (e *DOMException) Is(target error) bool {
	t, ok := target.(*DOMException)
	return ok && t.Name == e.Name && (t.Message == "" || t.Message == e.Message)
}

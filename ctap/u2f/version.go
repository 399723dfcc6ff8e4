package u2f

import "errors"

// V2 is the only version there is. CTAP2 lists it as "U2F_V2" in getInfo.
const V2 = "U2F_V2"

// VersionRequest asks for the version of U2F (§6.1).
type VersionRequest struct{}

// Instruction implements [Request].
func (*VersionRequest) Instruction() Instruction { return InstructionVersion }
func (*VersionRequest) answer() *VersionResponse { return new(VersionResponse) }

func (*VersionRequest) arguments() (byte, []byte, error) { return 0, nil, nil }

func (*VersionRequest) read(_ byte, data []byte) error {
	if len(data) != 0 {
		return Errorf(WrongLength, "U2F_VERSION with %d bytes of data, it has none", len(data))
	}
	return nil
}

// VersionResponse is the version, in ASCII.
type VersionResponse struct{ Version string }

// Append implements [Response].
func (r *VersionResponse) Append(out []byte) []byte { return append(out, r.Version...) }

func (r *VersionResponse) read(data []byte) error {
	if len(data) == 0 {
		return errors.New("the version is empty")
	}
	r.Version = string(data)
	return nil
}

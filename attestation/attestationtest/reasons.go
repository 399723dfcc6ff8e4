package attestationtest

// Why verifiers let defects pass.
const (
	looksAtWhatItNeeds = "It reads the members that it needs and does not look at others."
	x509DoesNotMind    = "It has crypto/x509 follow the path, which a certificate too many does not disturb."
	noExtension        = "It knows no such extension."
	noCritical         = "It does not ask which extensions are critical."
	noAAGUID           = "It does not read the extension."
	noRequirements     = "It does not hold certificates to §8.2.1."
	signaturesAlone    = "Of the path it verifies signatures, and not this."
	anyStringType      = "It compares the text, whatever its string type."
	countsLetters      = "It counts the letters."
	notWhetherItSaysSo = "It asks whether the certificate is an authority's, not whether it says so."

	descriptionAsInSpec = "It looks at no more of the description than the steps of §8.4, which leave out the root of trust."
	leavesRest          = "It reads a structure and leaves what follows alone."
	cutsShort           = "It takes as many bytes as there are where it should have more."
	readsRAndS          = "It reads r and s, and not what follows them."
	anyAlternativeName  = "It asks whether there is an alternative name."
)

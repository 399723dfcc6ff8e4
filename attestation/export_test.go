package attestation

// For tests that compare with what a TPM computes.
var QualifiedName = qualifiedName

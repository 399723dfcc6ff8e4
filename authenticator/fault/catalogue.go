package fault

import (
	"cmp"
	"slices"
)

// groups make the faults of one kind each, anew whenever they are asked.
var groups = []func() []Fault{
	signatureFaults, resignedFaults, nonceFaults, rpIDHashFaults, flagFaults, authDataFaults, coseFaults, objectFaults, attestationFaults, counterFaults,
	userFaults, createFaults, replacingFaults, unharmedFaults, unaskedFaults, enterpriseFaults, assertFaults,
	pinFaults, tokenFaults, tokenScopeFaults, pinPolicyFaults, credProtectFaults, secretFaults, blobFaults, managementFaults, updateKeptFaults, configFaults, bioFaults,
	storeFaults, resetFaults, statusFaults, lenientFaults, strictFaults, cborFaults, infoFaults,
	hidFaults, nfcFaults, u2fFaults, quirkFaults, clientDataFaults,
}

// catalogue is every fault, sorted by ID.
func catalogue() (all []Fault) {
	for _, group := range groups {
		all = append(all, group()...)
	}
	slices.SortFunc(all, func(a, b Fault) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

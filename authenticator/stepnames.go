package authenticator

import (
	"cmp"
	"slices"
)

// Steps lists every step that a seam can be around, by section and each once.
func Steps() []Step {
	all := slices.Concat(
		stepsOf("6.1.2", makeCredentialSteps), stepsOf("6.2.2", getAssertionSteps), stepsOf("6.3", nextAssertionSteps),
		stepsOfAll(pinSubcommands), stepsOf("6.6", resetSteps), stepsOfAll(bioSubcommands), stepsOf(modality.section, modality.steps),
		stepsOfAll(credentialSubcommands), stepsOf("6.9", selectionSteps),
		stepsOf("6.10.2", largeBlobsSteps), stepsOf("6.10.2", blobGetSteps), stepsOf("6.10.2", blobSetSteps),
		stepsOf("6.11", configSteps), stepsOfAll(configSubcommands),
		stepsOf("12.7", hmacSecretSteps), stepsOf("12.8", hmacSecretSteps),
		stepsOf("U2F 4", registerU2FSteps), stepsOf("U2F 5", authenticateU2FSteps),
	)
	slices.SortFunc(all, func(a, b Step) int { return cmp.Or(cmp.Compare(a.Section, b.Section), cmp.Compare(a.Number, b.Number)) })
	return slices.Compact(all)
}

func stepsOf[Op any](section string, steps []step[Op]) []Step {
	names := make([]Step, len(steps))
	for i := range steps {
		names[i] = Step{section, steps[i].number}
	}
	return names
}

func stepsOfAll[Sub comparable, Op any](all map[Sub]subcommand[Op]) (names []Step) {
	for _, sub := range all {
		names = append(names, stepsOf(sub.section, sub.steps)...)
	}
	return names
}

package subject

// NotJudged are faults of a device that no case can tell, by ID, with the reason.
func NotJudged() map[string]string {
	return map[string]string{
		"bio/poor-is-learned":            "no bench can give a finger that is there and poor",
		"counter/jumps":                  "a counter may rise by as much as it likes",
		"counter/little-endian":          "the first 255 counts rise all the same",
		"flags/be-always":                "nothing that a device answers says that its credentials never leave it",
		"info/algorithm-omitted":         "a device need not list all that it can",
		"info/list-limit-missing":        "a device need not announce its limit",
		"info/option-unknown":            "platforms have to ignore it, so it breaks nothing",
		"info/platform-claimed":          "nothing that a device answers says whether it is plugged in",
		"info/transport-claimed":         "one transport does not tell of the others",
		"info/transports-missing":        "the member is optional",
		"info/u2f-omitted":               "a device need not list all that it can",
		"info/version-omitted":           "a device need not list all that it can",
		"quirk/user-missing-when-listed": "texts and devices disagree on the user of a credential that was listed",
		"signature/high-s":               "verifiers have to accept it",
		"status/timeout":                 "how long a device waits for its user is for the device to say, and longer than a case",
		"user/account-not-asked":         "no bench sees the display of a device",
		"user/wrong-account":             "no bench sees the display of a device",
	}
}

// NotOfDevices are groups of faults that are not of what a device does with a command,
// with where they are seen.
func NotOfDevices() map[string]string {
	return map[string]string{
		"attestation": "they are of statements, which relying parties verify against their makers: see the cases of relying parties",
		"clientdata":  "they are of clients",
	}
}

package main

// Reasons that serve for several places.
const (
	faster    = "it only saves work: without it the same comes out more slowly"
	twice     = "another line does the same, or makes the same impossible"
	unsaid    = "a device need not announce it, and one that does not has not got it"
	seamName  = "it only names an occasion for faults"
	listens   = "it only tells an observer, which there is none of"
	ofModel   = "it follows from the model, which was looked at before there was a device"
	spare     = "it only says how much room to make"
	either    = "the text leaves open which of two answers is right, and the judge takes both"
	ordinary  = "what it looks for does not happen: no bench breaks the store, chance or a key"
	noDisplay = "no bench sees the display of a device"
	toldUser  = "it only says what the user is asked, which no bench reads"
	tick      = "it moves a limit by less than a judge could measure"
	nonce     = "any nonce that nobody can guess will do; that ours are those of RFC 6979 is held to its vectors"
	rare      = "it looks for what happens once in 2^128 times or less"
	inside    = "it is a word between two parts of the device, and any other would do"
	quantity  = "how much a device can hold is its own affair"
)

// ofAuthenticator answers for the mutants of package authenticator that no case
// notices. The first that covers a mutant counts.
var ofAuthenticator = []explanation{
	{file: "assert.go", function: "Authenticator.countSignature", why: "counters may start and rise by what they like, and need not count at all"},
	{file: "attest.go", function: "makeCredential.attestationFormat", why: "the list of formats was looked at with the model, and is never empty"},
	{file: "attest.go", function: "Authenticator.sign", why: spare},
	{file: "attest.go", why: "whether a device attests for an enterprise is for it to say where it may"},
	{file: "attesters.go", why: ofModel},
	{file: "authenticator.go", function: "New", why: spare},
	{file: "authenticator.go", function: "Authenticator.Exchange", why: listens},
	{file: "authenticator.go", function: "Authenticator.decode", why: "what has no command is refused a line later, and so is a command that the device has not got"},
	{file: "authenticator.go", function: "Authenticator.inTurn", why: listens},
	{file: "authenticator.go", function: "Authenticator.PowerCycle", why: "the bench cuts the power between requests, so that there is nothing to end, and what was remembered is of no consequence"},
	{file: "bioenrollment.go", why: twice},
	{file: "clientpin.go", function: "hasBuiltInUV", why: ofModel},
	{file: "clientpin.go", function: "hasProtocol", why: ofModel},
	{file: "clientpin.go", function: "hasTokenByPIN", why: ofModel},
	{file: "clientpin.go", function: "hasTokenByUV", why: ofModel},
	{file: "clientpin.go", function: "clientPIN.tellPINRetries", why: "powerCycleState may be left out, and told as false; nothing says what it is when no attempt is left"},
	{file: "clientpin.go", function: "clientPIN.decapsulate", why: "a point that is not on the curve is refused a step later as well; with which status is not said in one voice"},
	{file: "clientpin.go", function: "clientPIN.checkPIN", why: "which method verified the user is told by extension uvm alone, and of built-in verification"},
	{file: "collect.go", why: ordinary},
	{file: "commands.go", why: ofModel},
	{file: "credblob.go", why: "blobs are stored with discoverable credentials and others alike on these models"},
	{file: "credential.go", function: "Credential.flags", why: "whether a passkey can be backed up is for the device to say, and the store says neither"},
	{file: "credentialenumeration.go", why: ordinary},
	{file: "credentialmanagement.go", function: "Model.hasCredMgmt", why: ofModel},
	{file: "credentialmanagement.go", function: "credentialManagement.tellMetadata", why: quantity},
	{file: "credentialmanagement.go", why: either},
	{file: "credentialupdate.go", why: "a credential is known by its ID; what else is wrong with a description of one is not said to matter"},
	{file: "credprotect.go", why: "a level that there is none of is refused, ignored or taken for another, each by some device that is certified"},
	{file: "credrandom.go", why: "there are two secrets, and which of them is for whom nobody can tell"},
	{file: "ecdsakeys.go", why: rare},
	{file: "enrolment.go", why: quantity},
	{file: "enterprise.go", why: either},
	{file: "extension.go", why: ordinary},
	{file: "getassertion.go", function: "getAssertion.choose", why: noDisplay},
	{file: "getassertion.go", function: "getAssertion.askForAccount", why: noDisplay},
	{file: "getassertion.go", function: "getAssertion.verifyUser", why: "a sequence that outlives its token is ended by the commands that would end the token"},
	{file: "getassertion.go", why: twice},
	{file: "getinfo.go", function: "Model.versions", why: unsaid},
	{file: "getinfo.go", why: unsaid},
	{file: "getnextassertion.go", why: tick},
	{file: "hmacsecret.go", why: either},
	{file: "hmacsecretmc.go", why: ordinary},
	{file: "identity.go", why: unsaid},
	{file: "keep.go", function: "makeCredential.keep", why: "a counter need not rise with a new credential, and a key that is not remembered is parsed again"},
	{file: "keep.go", function: "makeCredential.place", why: quantity},
	{file: "keep.go", function: "Authenticator.ensureSecret", why: "the secret is drawn again in the same way, from the same chance"},
	{file: "keep.go", why: inside},
	{file: "keycache.go", why: faster},
	{file: "keys.go", why: ofModel},
	{file: "keyseed.go", why: inside},
	{file: "largeblobextension.go", why: "what else is in a request for one blob is not said to matter"},
	{file: "largeblobs.go", why: either},
	{file: "largeblobswrite.go", why: twice},
	{file: "locate.go", why: twice},
	{file: "makecredential.go", function: "makeCredential.verifyUser", why: toldUser},
	{file: "makecredential.go", function: "makeCredential.testPresence", why: toldUser},
	{file: "makecredential.go", function: "makeCredential.refuseExcluded", why: toldUser},
	{file: "makecredential.go", function: "makeCredential.generateKey", why: "a key that a fault exchanged is parsed, and so is any other"},
	{file: "makecredential.go", why: either},
	{file: "memorystore.go", why: "it keeps what is asked of it in other places as well"},
	{file: "minpinlength.go", why: twice},
	{file: "model.go", why: ofModel},
	{file: "p256sign.go", why: rare},
	{file: "pincomplexitypolicy.go", why: twice},
	{file: "pinretries.go", why: ordinary},
	{file: "pintoken.go", function: "clientPIN.prompt", why: toldUser},
	{file: "pintoken.go", function: "clientPIN.checkPermissionsByPIN", why: ofModel},
	{file: "pintoken.go", function: "clientPIN.checkPermissionsByUV", why: ofModel},
	{file: "pintoken.go", function: "clientPIN.checkPermissions", why: ofModel},
	{file: "pintoken.go", why: "how often a device tries before it says that a finger is not the right one is its own affair"},
	{file: "pinuvauth.go", operator: "other constant", why: seamName},
	{file: "pinuvauth.go", why: twice},
	{file: "power.go", why: "the bench cuts the power between requests, so that there is no prompt to end"},
	{file: "reset.go", operator: "other constant", text: "TokenErased", why: seamName},
	{file: "reset.go", function: "Authenticator.checkResetWindow", why: tick},
	{file: "reset.go", why: faster},
	{file: "rfc6979.go", why: nonce},
	{file: "session.go", why: twice},
	{file: "setminpinlength.go", operator: "other constant", why: seamName},
	{file: "setminpinlength.go", function: "config.commitPINPolicy", why: "whether a change that is forced ends the persistent token is not said in one voice"},
	{file: "setminpinlength.go", why: twice},
	{file: "setpin.go", operator: "other constant", text: "TokenPINChanged", why: seamName},
	{file: "setpin.go", function: "clientPIN.storePIN", why: "the PIN that was right has given the attempts back already"},
	{file: "setpin.go", why: either},
	{file: "standing.go", why: ofModel},
	{file: "status.go", why: ordinary},
	{file: "steps.go", why: listens},
	{file: "store.go", why: ordinary},
	{file: "templates.go", function: "BioFeatures.listFits", why: ofModel},
	{file: "templates.go", why: either},
	{file: "token.go", operator: "other constant", why: seamName},
	{file: "token.go", operator: "boundary moved", why: tick},
	{file: "token.go", function: "initialLimit", why: "the longest time is a limit, and NFC is not what these trials come by"},
	{file: "token.go", function: "token.begin", why: inside},
	{file: "token.go", function: "token.spend", why: twice},
	{file: "token.go", why: twice},
	{file: "u2f.go", function: "Authenticator.dispatchU2F", why: "nothing says that a U2F command ends a sequence of CTAP2"},
	{file: "u2f.go", why: listens},
	{file: "u2fattestation.go", why: "what else stands in the certificate of a U2F key is its maker's affair"},
	{file: "u2fauthenticate.go", why: toldUser},
	{file: "u2fregister.go", operator: "other constant", why: toldUser},
	{file: "u2fregister.go", why: "a counter need not rise with a new key, and a key that is not remembered is parsed again"},
	{file: "uvm.go", why: "which method verified the user is for the device to know"},
	{file: "verification.go", function: "Authenticator.ask", why: "the bench cuts the power between requests"},
	{file: "verification.go", function: "Authenticator.presenceForCredential", why: ofModel},
	{file: "verification.go", why: "how often a device tries before it says that a finger is not the right one is its own affair"},
	{file: "wrap.go", why: "what a credential ID that is not ours lacks, its seal shows too"},
}

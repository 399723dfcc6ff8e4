package main

// Reasons that serve for several places of the relying party.
const (
	ofTenant  = "what a tenant may choose besides, which the interface has no word for; the tests of the relying party hold it"
	onlyWords = "a refusal is a refusal: which words it has is for people, and the tests of the relying party hold them"
	strangers = "an answer that cannot be read belongs to no credential, and is refused by whoever asks for one"
	noKey     = "what is no key of the one kind is none of the other either, and is refused a line later"
	aHint     = "it is a hint, which may be left out"
	forGood   = "it says how careful the metadata are to be, and either way what the judge sends is refused or let in for another reason"
)

// ofRelyingParty answers for the mutants of its ceremonies that no case notices.
// The first that covers a mutant counts.
var ofRelyingParty = []explanation{
	{file: "backuppolicy.go", why: ofTenant},
	{file: "ceremonies.go", function: "Ceremonies.BeginRegistration", why: "handles are drawn by the interface itself, and have 32 bytes"},
	{file: "ceremonies.go", function: "Ceremonies.acceptedOrigins", why: "a list of one origin says the same as none beside it"},
	{file: "clientdata.go", why: "what is not read cannot be skipped either, so that client data with a topOrigin are malformed; none of these servers is framed by another origin, and all refuse them anyway"},
	{file: "modelprovider.go", function: "modelCheck.makes", why: "all checks are made by these servers, and the one that failed is looked for among them"},
	{file: "modelprovider.go", function: "modelCheck.find", why: "metadata that cannot be read have no entry"},
	{file: "modelprovider.go", function: "modelCheck.ValidateStatusReports", operator: "statement left out", text: "c.reports = reports", why: onlyWords},
	{file: "modelprovider.go", why: forGood},
	{file: "modelverdict.go", function: "modelCheck.explain", why: onlyWords},
	{file: "modelverdict.go", function: "modelCheck.name", why: onlyWords},
	{file: "modelverdict.go", function: "modelCheck.statuses", why: onlyWords},
	{file: "modelverdict.go", function: "modelCheck.admit", why: ofTenant},
	{file: "modelverdict.go", function: "modelCheck.admitIssuer", why: forGood},
	{file: "modelverdict.go", function: "modelCheck.admitHardware", operator: "statement left out", why: "the first words of several that do not fit stay, and refuse as well"},
	{file: "modelverdict.go", function: "modelCheck.admitHardware", why: ofTenant},
	{file: "modelverdict.go", function: "inHardware", why: "the models of the judge say hardware and a secure element, or software, and nothing between"},
	{file: "modelverdict.go", function: "modelCheck.admitClaim", why: "whether a model was claimed or attested, its status counts"},
	{file: "modelverdict.go", function: "Ceremonies.checkLogin", why: "a model that is denied is refused before its entry is looked at"},
	{file: "options.go", operator: "boundary moved", why: "an empty list may be there or left out"},
	{file: "options.go", function: "appendTimeout", why: "it is the base in which a number is written, and 11 writes a timeout as good as any"},
	{file: "options.go", function: "appendDescriptors", why: aHint},
	{file: "options.go", function: "appendHints", why: aHint},
	{file: "options.go", operator: "statement left out", text: "out = appendHints(out, r.Hints)", why: aHint},
	{file: "options.go", why: spare},
	{file: "otherkeys.go", function: "readOtherKey", why: noKey},
	{file: "otherkeys.go", function: "readEd448", why: "a point of another length is on no other curve, and one on another curve has another length"},
	{file: "otherkeys.go", why: "a statement that somebody else's key should have signed is refused as one that its own key did not sign"},
	{file: "publickey.go", function: "checkRSA", why: tick},
	{file: "publickey.go", function: "checkEdwards", why: "a point of no bytes has no last one, and is refused for that"},
	{file: "publickey.go", function: "readPublicKey", why: noKey},
	{file: "responsejson.go", function: "readTransports", why: "how many transports fit into the first list is its own affair"},
	{file: "responsejson.go", function: "responseJSON.decode", why: "a line break that is skipped leaves a byte too many behind what was decoded, which is refused as well, and so is what is taken for nothing"},
	{file: "responses.go", why: strangers},
	{file: "statement.go", function: "checkNames", why: twice},
	{file: "statement.go", function: "checkStatement", why: "certificates of other formats fit it as well, where theirs are right"},
	{file: "statement.go", function: "checkModelExtension", why: "what cannot be read has nothing left"},
	{file: "statementdetails.go", function: "endsBelowRoot", why: "a chain of one certificate that has issued itself is self-signed, and trusted by nobody"},
	{file: "statementdetails.go", function: "Verification.packedLeaf", text: "there && v.strict.attestation != AttestationEnterprise", why: "enterprise attestation is not what these servers ask for"},
	{file: "statementdetails.go", function: "Verification.packedLeaf", why: "version 3 is written as 2, and no certificate that is read has a version below"},
	{file: "statementdetails.go", function: "attributesOfName", why: "nothing in DER is one byte long"},
	{file: "statementdetails.go", function: "tpmName", why: "an extension that is not there is not critical"},
	{file: "statementdetails.go", function: "bootedSafely", text: "!boot.Locked || boot.State != verifiedBoot", why: "a phone whose boot loader is unlocked says so twice"},
	{file: "statementdetails.go", function: "bootedSafely", why: "nothing in DER is one byte long, and the fields of a key description are all of one class"},
	{file: "strictness.go", function: "isCanonical", why: "what cannot be read is not written again"},
	{file: "strictness.go", function: "rawPublicKey", why: "authenticator data that end there have no key, and are refused for it before"},
	{file: "strictness.go", function: "Verification.knownMembers", why: "keys of members are texts in all that gets here"},
	{file: "strictness.go", function: "Verification.attested", why: "options without attestation have it as none"},
	{file: "strictness.go", function: "Verification.solicited", why: "outputs of one byte are an empty map, in which there is nothing unasked"},
	{file: "verification.go", why: seamName},
	{file: "verifylogin.go", function: "Ceremonies.FinishLogin", operator: "statement left out", why: ofTenant},
	{file: "verifylogin.go", function: "Ceremonies.FinishLogin", why: strangers},
	{file: "verifylogin.go", function: "Verification.allowed", why: "the interface looks for the credential among those of the user, and finds none that is not allowed"},
	{file: "verifylogin.go", function: "Verification.owner", why: "the interface looks for the owner among the credentials of the user, and finds nobody else"},
	{file: "verifylogin.go", function: "Verification.userHandle", why: "where handles are required, no credentials are allowed by name"},
	{file: "verifylogin.go", function: "Verification.counter", why: "whoever keeps the counter refuses one that has not grown as well, since two logins can be under way at once"},
	{file: "verifylogin.go", function: "verifySignature", why: "a signature that cannot be read is not valid either"},
	{file: "verifyregistration.go", function: "Ceremonies.Unregistered", why: seamName},
	{file: "verifyregistration.go", why: onlyWords},
}

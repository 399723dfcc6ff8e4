package socket

// rebootReport is the datagram upon which a device is to lose its power and get
// it back: the dialect of Solo's simulator and of the suites that were written
// for it, which go on with the channel that they have. It is sent as a report, though it is none: nothing of CTAPHID begins a
// message on a channel with this number but by chance, and then not with these
// 64 bytes.
const rebootReport = "" +
	"\xac\x10\x52\xca\x95\xe5\x69\xde\x69\xe0\x2e\xbf\xf3\x33\x48\x5f" +
	"\x13\xf9\xb2\xda\x34\xc5\xa8\xa3\x40\x52\x66\x97\xa9\xab\x2e\x0b" +
	"\x39\x4d\x8d\x04\x97\x3c\x13\x40\x05\xbe\x1a\x01\x40\xbf\xf6\x04" +
	"\x5b\xb2\x6e\xb7\x7a\x73\xea\xa4\x78\x13\xf6\xb4\x9a\x72\x50\xdc"

package blob

// Parse is how a payload is read once it is known who signed it.
var Parse = parse

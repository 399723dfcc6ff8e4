package fault

import (
	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/canon"
)

// onExtras makes a seam of a change to what extensions keep with a credential.
func onExtras(change func(*authenticator.Extras)) authenticator.Seams {
	return keepingCredentials(func(c *authenticator.Credential) {
		if c.Extras != nil {
			change(c.Extras)
		}
	})
}

func blobFaults() []Fault {
	const kept = "CTAP 2.3 §12.2"
	const array = "CTAP 2.3 §6.10.2"
	return []Fault{
		{
			ID: "credblob/lost", Spec: kept,
			Doc:   "A credBlob is said to be kept and is not.",
			Seams: onExtras(func(e *authenticator.Extras) { e.CredBlob = nil }),
		}, {
			ID: "credblob/cut", Spec: kept,
			Doc:   "Of a credBlob, the first 16 bytes are kept.",
			Seams: onExtras(func(e *authenticator.Extras) { e.CredBlob = e.CredBlob[:min(16, len(e.CredBlob))] }),
		}, {
			ID: "credblob/denied", Spec: kept,
			Doc:   "A credBlob is said not to be kept, though it is.",
			Seams: onAuthData(inRegistrations(withOutput(ctap.ExtensionCredBlob, canon.AppendBool(nil, false)).AuthData)),
		}, {
			ID: "credblob/untold", Spec: kept,
			Doc:   "A sign-in that asks for the credBlob gets none.",
			Seams: onAuthDataWithout(ctap.ExtensionCredBlob, false),
		}, {
			ID: "largeblob/key-changes", Spec: "CTAP 2.3 §12.3",
			Doc: "The largeBlobKey of a credential at sign-in is another one than at registration.",
			Seams: onAssertion(func(r *ctap.GetAssertionResponse) {
				if len(r.LargeBlobKey) > 0 {
					r.LargeBlobKey = append([]byte{r.LargeBlobKey[0] ^ 1}, r.LargeBlobKey[1:]...)
				}
			}),
		}, {
			ID: "largeblob/key-missing", Spec: "CTAP 2.3 §12.3",
			Doc:   "A new credential that was asked for a largeBlobKey has none.",
			Seams: onNewCredential(func(r *ctap.MakeCredentialResponse) { r.LargeBlobKey = nil }),
		}, {
			ID: "largeblob/key-short", Spec: "CTAP 2.3 §12.3",
			Doc:   "The largeBlobKey of a new credential has 31 bytes.",
			Seams: onNewCredential(func(r *ctap.MakeCredentialResponse) { r.LargeBlobKey = r.LargeBlobKey[:min(31, len(r.LargeBlobKey))] }),
		}, {
			ID: "largeblob/hash-unchecked", Spec: array + " (the hash of the whole array)",
			Doc:   "An array of large blobs is kept also where its hash is wrong.",
			Seams: ending(ctap.IntegrityFailure, nil, at("6.10.2", "5.9")),
		}, {
			ID: "largeblob/token-unchecked", Spec: array + " (pinUvAuthParam)",
			Doc:   "Anybody may write large blobs.",
			Seams: skipping(at("6.10.2", "5.5")),
		}, {
			ID: "largeblob/not-kept", Spec: array + " (replace the array)",
			Doc: "Writing large blobs succeeds and changes nothing.",
			Seams: authenticator.Seams{Keep: func(c authenticator.Change) authenticator.Change {
				c.LargeBlobs = nil
				return c
			}},
		}, {
			ID: "largeblob/cut", Spec: array + " (replace the array)",
			Doc: "The last byte of an array of large blobs is lost.",
			Seams: authenticator.Seams{Keep: func(c authenticator.Change) authenticator.Change {
				if n := len(c.LargeBlobs); n > 0 {
					c.LargeBlobs = c.LargeBlobs[:n-1]
				}
				return c
			}},
		}, {
			ID: "largeblob/fragment-unlimited", Spec: array + " (maxFragmentLength)",
			Doc:   "A fragment may be longer than maxFragmentLength.",
			Seams: unchecked(at("6.10.2", "5.1")),
		}, {
			ID: "largeblob/read-unlimited", Spec: array + " (maxFragmentLength)",
			Doc:   "More than maxFragmentLength may be asked for.",
			Seams: unchecked(at("6.10.2", "4.3")),
		}, {
			ID: "largeblob/empty-at-first", Spec: "CTAP 2.3 §6.10",
			Doc: "An array of large blobs that nobody has written is empty, without the hash that belongs to it.",
			Seams: authenticator.Seams{Result: answering(func(r *ctap.LargeBlobsResponse) {
				if len(r.Config) == initialArray {
					r.Config = []byte{}
				}
			})},
		}, {
			ID: "largeblob/sequence-lost", Spec: array + " (expectedNextOffset)",
			Doc: "A write is forgotten after its first fragment, so that no longer array can be written.",
			Seams: authenticator.Seams{Request: asking(func(r *ctap.LargeBlobsRequest) {
				if r.Set != nil && r.Offset != nil && *r.Offset > 0 {
					wrong := *r.Offset + 1
					r.Offset = &wrong
				}
			})},
		},
	}
}

// initialArray is the size of an array that nobody has written, in bytes.
const initialArray = 17

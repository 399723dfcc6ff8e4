#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <fido/credman.h>

#include "client.h"

int do_cred_metadata(fido_dev_t *dev)
{
	fido_credman_metadata_t *metadata = fido_credman_metadata_new();
	int r;

	if (metadata == NULL)
		return FIDO_ERR_INTERNAL;
	if ((r = fido_credman_get_dev_metadata(dev, metadata, argument("pin"))) == FIDO_OK) {
		tell("existing", "%ju", (uintmax_t)fido_credman_rk_existing(metadata));
		tell("remaining", "%ju", (uintmax_t)fido_credman_rk_remaining(metadata));
	}
	fido_credman_metadata_free(&metadata);
	return r;
}

int do_cred_rps(fido_dev_t *dev)
{
	fido_credman_rp_t *rps = fido_credman_rp_new();
	int r;

	if (rps == NULL)
		return FIDO_ERR_INTERNAL;
	if ((r = fido_credman_get_dev_rp(dev, rps, argument("pin"))) == FIDO_OK) {
		tell("rps", "%zu", fido_credman_rp_count(rps));
		for (size_t i = 0; i < fido_credman_rp_count(rps); i++) {
			tell(numbered("rp", i), "%s", fido_credman_rp_id(rps, i));
			tell_bytes(numbered("hash", i), fido_credman_rp_id_hash_ptr(rps, i), fido_credman_rp_id_hash_len(rps, i));
		}
	}
	fido_credman_rp_free(&rps);
	return r;
}

int do_cred_list(fido_dev_t *dev)
{
	fido_credman_rk_t *list = fido_credman_rk_new();
	int r;

	if (list == NULL)
		return FIDO_ERR_INTERNAL;
	if ((r = fido_credman_get_dev_rk(dev, required("rp"), list, argument("pin"))) == FIDO_OK) {
		tell("credentials", "%zu", fido_credman_rk_count(list));
		for (size_t i = 0; i < fido_credman_rk_count(list); i++) {
			const fido_cred_t *cred = fido_credman_rk(list, i);

			tell_bytes(numbered("id", i), fido_cred_id_ptr(cred), fido_cred_id_len(cred));
			tell(numbered("user", i), "%.*s", (int)fido_cred_user_id_len(cred), (const char *)fido_cred_user_id_ptr(cred));
			tell(numbered("name", i), "%s", fido_cred_user_name(cred));
			tell_bytes(numbered("key", i), fido_cred_pubkey_ptr(cred), fido_cred_pubkey_len(cred));
			tell(numbered("protect", i), "%d", fido_cred_prot(cred));
			if (fido_cred_largeblob_key_len(cred) > 0)
				tell_bytes(numbered("blobkey", i), fido_cred_largeblob_key_ptr(cred), fido_cred_largeblob_key_len(cred));
		}
	}
	fido_credman_rk_free(&list);
	return r;
}

int do_cred_delete(fido_dev_t *dev)
{
	size_t len;
	unsigned char *id = bytes_of(required("id"), &len);

	return fido_credman_del_dev_rk(dev, id, len, argument("pin"));
}

int do_cred_rename(fido_dev_t *dev)
{
	const char *user = required("user"), *name = required("name");
	fido_cred_t *cred = fido_cred_new();
	size_t len;
	unsigned char *id = bytes_of(required("id"), &len);
	int r;

	if (cred == NULL)
		return FIDO_ERR_INTERNAL;
	if ((r = fido_cred_set_id(cred, id, len)) == FIDO_OK &&
	    (r = fido_cred_set_user(cred, (const unsigned char *)user, strlen(user), name, name, NULL)) == FIDO_OK)
		r = fido_credman_set_dev_rk(dev, cred, argument("pin"));
	fido_cred_free(&cred);
	return r;
}

int do_blob_set(fido_dev_t *dev)
{
	const char *text = required("text");
	size_t len;
	unsigned char *key = bytes_of(required("key"), &len);

	return fido_dev_largeblob_set(dev, key, len, (const unsigned char *)text, strlen(text), argument("pin"));
}

int do_blob_get(fido_dev_t *dev)
{
	size_t len, size;
	unsigned char *key = bytes_of(required("key"), &len), *text = NULL;
	int r = fido_dev_largeblob_get(dev, key, len, &text, &size);

	if (r == FIDO_OK)
		tell("text", "%.*s", (int)size, (const char *)text);
	free(text);
	return r;
}

int do_blob_remove(fido_dev_t *dev)
{
	size_t len;
	unsigned char *key = bytes_of(required("key"), &len);

	return fido_dev_largeblob_remove(dev, key, len, argument("pin"));
}

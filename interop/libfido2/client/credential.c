#include <stdlib.h>
#include <string.h>

#include <fido/eddsa.h>
#include <fido/es256.h>

#include "client.h"

static const unsigned char client_data[] = "what the client has to say";

static int algorithm(void)
{
	const char *name = argument("alg");

	return name != NULL && strcmp(name, "eddsa") == 0 ? COSE_EDDSA : COSE_ES256;
}

/* extensions are those that were asked for, for a credential or an assertion. */
static int extensions(void)
{
	int wanted = 0;

	if (flag("hmac") || argument("salt") != NULL)
		wanted |= FIDO_EXT_HMAC_SECRET;
	if (argument("protect") != NULL)
		wanted |= FIDO_EXT_CRED_PROTECT;
	if (flag("blobkey"))
		wanted |= FIDO_EXT_LARGEBLOB_KEY;
	if (argument("blob") != NULL)
		wanted |= FIDO_EXT_CRED_BLOB;
	if (flag("minpin"))
		wanted |= FIDO_EXT_MINPINLEN;
	return wanted;
}

static int ask_for_credential(fido_cred_t *cred)
{
	const char *rp = required("rp"), *user = required("user");
	int r;

	if ((r = fido_cred_set_type(cred, algorithm())) != FIDO_OK ||
	    (r = fido_cred_set_clientdata(cred, client_data, sizeof(client_data))) != FIDO_OK ||
	    (r = fido_cred_set_rp(cred, rp, rp)) != FIDO_OK ||
	    (r = fido_cred_set_user(cred, (const unsigned char *)user, strlen(user), user, user, NULL)) != FIDO_OK ||
	    (r = fido_cred_set_rk(cred, option("rk"))) != FIDO_OK ||
	    (r = fido_cred_set_uv(cred, option("uv"))) != FIDO_OK ||
	    (r = fido_cred_set_extensions(cred, extensions())) != FIDO_OK)
		return r;
	if (argument("protect") != NULL && (r = fido_cred_set_prot(cred, atoi(argument("protect")))) != FIDO_OK)
		return r;
	if (argument("blob") != NULL &&
	    (r = fido_cred_set_blob(cred, (const unsigned char *)argument("blob"), strlen(argument("blob")))) != FIDO_OK)
		return r;
	if (flag("minpin") && (r = fido_cred_set_pin_minlen(cred, 4)) != FIDO_OK)
		return r;
	if (argument("exclude") != NULL) {
		size_t len;
		unsigned char *id = bytes_of(argument("exclude"), &len);

		r = fido_cred_exclude(cred, id, len);
	}
	return r;
}

static void tell_credential(const fido_cred_t *cred)
{
	tell("format", "%s", fido_cred_fmt(cred));
	tell_bytes("id", fido_cred_id_ptr(cred), fido_cred_id_len(cred));
	tell_bytes("key", fido_cred_pubkey_ptr(cred), fido_cred_pubkey_len(cred));
	tell_bytes("aaguid", fido_cred_aaguid_ptr(cred), fido_cred_aaguid_len(cred));
	tell("flags", "%02x", fido_cred_flags(cred));
	tell("count", "%u", fido_cred_sigcount(cred));
	tell("protect", "%d", fido_cred_prot(cred));
	if (fido_cred_largeblob_key_len(cred) > 0)
		tell_bytes("blobkey", fido_cred_largeblob_key_ptr(cred), fido_cred_largeblob_key_len(cred));
	if (flag("minpin"))
		tell("minpin", "%zu", fido_cred_pin_minlen(cred));
}

int do_register(fido_dev_t *dev)
{
	fido_cred_t *cred = fido_cred_new();
	int r;

	if (cred == NULL)
		return FIDO_ERR_INTERNAL;
	if ((r = ask_for_credential(cred)) == FIDO_OK && (r = fido_dev_make_cred(dev, cred, argument("pin"))) == FIDO_OK) {
		r = fido_cred_x5c_ptr(cred) != NULL ? fido_cred_verify(cred) : fido_cred_verify_self(cred);
		tell_credential(cred);
	}
	fido_cred_free(&cred);
	return r;
}

static int ask_for_assertion(fido_assert_t *assert)
{
	size_t len;
	unsigned char *bytes;
	int r;

	if ((r = fido_assert_set_clientdata(assert, client_data, sizeof(client_data))) != FIDO_OK ||
	    (r = fido_assert_set_rp(assert, required("rp"))) != FIDO_OK ||
	    (r = fido_assert_set_up(assert, option("up"))) != FIDO_OK ||
	    (r = fido_assert_set_uv(assert, option("uv"))) != FIDO_OK ||
	    (r = fido_assert_set_extensions(assert, extensions())) != FIDO_OK)
		return r;
	if (argument("id") != NULL) {
		bytes = bytes_of(argument("id"), &len);
		if ((r = fido_assert_allow_cred(assert, bytes, len)) != FIDO_OK)
			return r;
	}
	if (argument("salt") != NULL) {
		bytes = bytes_of(argument("salt"), &len);
		r = fido_assert_set_hmac_salt(assert, bytes, len);
	}
	return r;
}

/* verify checks a signature with the key that was given. */
static int verify(const fido_assert_t *assert, size_t i)
{
	size_t len;
	unsigned char *key = bytes_of(required("key"), &len);
	es256_pk_t *es256 = es256_pk_new();
	eddsa_pk_t *eddsa = eddsa_pk_new();
	int r = FIDO_ERR_INTERNAL;

	if (es256 != NULL && eddsa != NULL) {
		if (algorithm() == COSE_EDDSA)
			r = eddsa_pk_from_ptr(eddsa, key, len);
		else
			r = es256_pk_from_ptr(es256, key, len);
		if (r == FIDO_OK)
			r = fido_assert_verify(assert, i, algorithm(), algorithm() == COSE_EDDSA ? (void *)eddsa : (void *)es256);
	}
	es256_pk_free(&es256);
	eddsa_pk_free(&eddsa);
	return r;
}

static void tell_assertion(const fido_assert_t *assert, size_t i)
{
	if (fido_assert_id_len(assert, i) > 0)
		tell_bytes(numbered("id", i), fido_assert_id_ptr(assert, i), fido_assert_id_len(assert, i));
	if (fido_assert_user_id_len(assert, i) > 0)
		tell(numbered("user", i), "%.*s", (int)fido_assert_user_id_len(assert, i), (const char *)fido_assert_user_id_ptr(assert, i));
	if (fido_assert_user_name(assert, i) != NULL)
		tell(numbered("name", i), "%s", fido_assert_user_name(assert, i));
	tell(numbered("flags", i), "%02x", fido_assert_flags(assert, i));
	tell(numbered("count", i), "%u", fido_assert_sigcount(assert, i));
	if (fido_assert_hmac_secret_len(assert, i) > 0)
		tell_bytes(numbered("secret", i), fido_assert_hmac_secret_ptr(assert, i), fido_assert_hmac_secret_len(assert, i));
	if (fido_assert_largeblob_key_len(assert, i) > 0)
		tell_bytes(numbered("blobkey", i), fido_assert_largeblob_key_ptr(assert, i), fido_assert_largeblob_key_len(assert, i));
	if (fido_assert_blob_len(assert, i) > 0)
		tell(numbered("blob", i), "%.*s", (int)fido_assert_blob_len(assert, i), (const char *)fido_assert_blob_ptr(assert, i));
}

int do_assert(fido_dev_t *dev)
{
	fido_assert_t *assert = fido_assert_new();
	int r;

	if (assert == NULL)
		return FIDO_ERR_INTERNAL;
	if ((r = ask_for_assertion(assert)) == FIDO_OK && (r = fido_dev_get_assert(dev, assert, argument("pin"))) == FIDO_OK) {
		tell("assertions", "%zu", fido_assert_count(assert));
		for (size_t i = 0; i < fido_assert_count(assert); i++)
			tell_assertion(assert, i);
		if (argument("key") != NULL)
			r = verify(assert, 0);
	}
	fido_assert_free(&assert);
	return r;
}

/*
 * The words of a program that `passkeylab conform client` judges libfido2 by:
 * docs/aiming-at-your-client.md. What the library offers its callers for looking at
 * what they get is used as its manual says.
 */
#include <stdlib.h>
#include <string.h>

#include <fido/es256.h>

#include "client.h"

enum { patience = 5000 }; /* ms without a word of the device */

static bool is(const char *name, const char *value)
{
	const char *given = argument(name);

	return given != NULL && strcmp(given, value) == 0;
}

/* pin is what the user types, who is asked where verification is required. */
static const char *pin(void) { return is("userVerification", "required") ? argument("pin") : NULL; }

/* verification is left to the PIN where there is one. */
static fido_opt_t verification(void)
{
	return is("userVerification", "required") && argument("pin") == NULL ? FIDO_OPT_TRUE : FIDO_OPT_OMIT;
}

/* each calls f with every ID of a list. */
static int each(void *what, int (*f)(void *, const unsigned char *, size_t))
{
	const char *list = argument("list");
	int r = FIDO_OK;

	while (list != NULL && *list != '\0' && r == FIDO_OK) {
		size_t n = strcspn(list, ","), len;
		char *one = strndup(list, n);

		if (one == NULL)
			return FIDO_ERR_INTERNAL;
		unsigned char *id = bytes_of(one, &len);
		r = f(what, id, len);
		free(id);
		free(one);
		list += n + (list[n] == ',');
	}
	return r;
}

static int exclude(void *cred, const unsigned char *id, size_t len) { return fido_cred_exclude(cred, id, len); }
static int allow(void *assert, const unsigned char *id, size_t len) { return fido_assert_allow_cred(assert, id, len); }

/* verify does what the library's manual asks of callers, but for packed statements
 * with certificates: these are not the judge's affair, which makes some up. */
static int verify(const fido_cred_t *cred)
{
	const char *fmt = fido_cred_fmt(cred);

	if (fmt == NULL || strcmp(fmt, "fido-u2f") == 0)
		return fido_cred_verify(cred);
	return fido_cred_x5c_ptr(cred) == NULL ? fido_cred_verify_self(cred) : FIDO_OK;
}

static int create(fido_dev_t *dev)
{
	fido_cred_t *cred = fido_cred_new();
	size_t data_len, user_len;
	unsigned char *data = bytes_of(required("clientData"), &data_len), *user = bytes_of(required("user"), &user_len);
	int r;

	if (cred == NULL)
		return FIDO_ERR_INTERNAL;
	if ((r = fido_cred_set_type(cred, atoi(required("algorithms")))) != FIDO_OK ||
	    (r = fido_cred_set_clientdata(cred, data, data_len)) != FIDO_OK ||
	    (r = fido_cred_set_rp(cred, required("rp"), argument("rpName"))) != FIDO_OK ||
	    (r = fido_cred_set_user(cred, user, user_len, argument("userName"), argument("displayName"), NULL)) != FIDO_OK ||
	    (r = fido_cred_set_rk(cred, is("residentKey", "required") ? FIDO_OPT_TRUE : FIDO_OPT_OMIT)) != FIDO_OK ||
	    (r = fido_cred_set_uv(cred, verification())) != FIDO_OK ||
	    (r = each(cred, exclude)) != FIDO_OK ||
	    (r = fido_dev_make_cred(dev, cred, pin())) != FIDO_OK)
		goto out;
	if ((r = verify(cred)) != FIDO_OK)
		goto out;
	tell_bytes("credentialId", fido_cred_id_ptr(cred), fido_cred_id_len(cred));
	tell_bytes("authData", fido_cred_authdata_raw_ptr(cred), fido_cred_authdata_raw_len(cred));
	tell("format", "%s", fido_cred_fmt(cred));
out:
	fido_cred_free(&cred);
	return r;
}

/* signed_by verifies an assertion with the key that the caller has on record. */
static int signed_by(const fido_assert_t *assert, size_t i)
{
	size_t len;
	unsigned char *point = bytes_of(required("publicKey"), &len);
	es256_pk_t *key = es256_pk_new();
	int r = FIDO_ERR_INTERNAL;

	if (key != NULL && len == 65 && (r = es256_pk_from_ptr(key, point + 1, len - 1)) == FIDO_OK)
		r = fido_assert_verify(assert, i, COSE_ES256, key);
	es256_pk_free(&key);
	free(point);
	return r;
}

/* tell_data tells authenticator data, which the library hands out as a byte string
 * of CBOR. */
static void tell_data(const fido_assert_t *assert, size_t i)
{
	const unsigned char *p = fido_assert_authdata_ptr(assert, i);
	size_t len = fido_assert_authdata_len(assert, i), head = 1;

	if (len < 3)
		return;
	if ((p[0] & 31) == 24)
		head = 2;
	else if ((p[0] & 31) == 25)
		head = 3;
	tell_bytes("authData", p + head, len - head);
}

static int get(fido_dev_t *dev)
{
	fido_assert_t *assert = fido_assert_new();
	size_t data_len;
	unsigned char *data = bytes_of(required("clientData"), &data_len);
	int r;

	if (assert == NULL)
		return FIDO_ERR_INTERNAL;
	if ((r = fido_assert_set_clientdata(assert, data, data_len)) != FIDO_OK ||
	    (r = fido_assert_set_rp(assert, required("rp"))) != FIDO_OK ||
	    (r = fido_assert_set_uv(assert, verification())) != FIDO_OK ||
	    (r = each(assert, allow)) != FIDO_OK ||
	    (r = fido_dev_get_assert(dev, assert, pin())) != FIDO_OK)
		goto out;
	for (size_t i = 0; i < fido_assert_count(assert); i++)
		if ((r = signed_by(assert, i)) != FIDO_OK)
			goto out;
	if (fido_assert_count(assert) == 0) {
		r = FIDO_ERR_NO_CREDENTIALS;
		goto out;
	}
	if (fido_assert_id_len(assert, 0) > 0)
		tell_bytes("credentialId", fido_assert_id_ptr(assert, 0), fido_assert_id_len(assert, 0));
	tell_data(assert, 0);
	tell_bytes("signature", fido_assert_sig_ptr(assert, 0), fido_assert_sig_len(assert, 0));
	tell_bytes("userHandle", fido_assert_user_id_ptr(assert, 0), fido_assert_user_id_len(assert, 0));
out:
	fido_assert_free(&assert);
	return r;
}

static int carry_out(fido_dev_t *dev, const char *command, const char *path)
{
	int r;

	if ((r = fido_dev_set_io_functions(dev, &socket_io)) != FIDO_OK || (r = fido_dev_set_timeout(dev, patience)) != FIDO_OK ||
	    (r = fido_dev_open(dev, path)) != FIDO_OK)
		return r;
	r = strcmp(command, "create") == 0 ? create(dev) : get(dev);
	fido_dev_close(dev);
	return r;
}

bool conforms(const char *command)
{
	return strcmp(command, "features") == 0 || strcmp(command, "create") == 0 || strcmp(command, "get") == 0;
}

int conform(const char *command, const char *path)
{
	static const char *const features[] = {"hid", "u2f", "pin", "any-pin", "uv", "accounts"};
	fido_dev_t *dev;
	int r = FIDO_ERR_INTERNAL;

	if (strcmp(command, "features") == 0) {
		tell("name", "%s", "libfido2 " LIBFIDO2_VERSION);
		for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++)
			tell("feature", "%s", features[i]);
		return 0;
	}
	if ((dev = fido_dev_new()) != NULL)
		r = carry_out(dev, command, path);
	fido_dev_free(&dev);
	if (r != FIDO_OK) {
		tell("error", "%s", fido_strerr(r));
		tell("detail", "%d", r);
	}
	return 0;
}

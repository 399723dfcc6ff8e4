#include <fido/bio.h>

#include "client.h"

int do_bio_info(fido_dev_t *dev)
{
	fido_bio_info_t *info = fido_bio_info_new();
	int r;

	if (info == NULL)
		return FIDO_ERR_INTERNAL;
	if ((r = fido_bio_dev_get_info(dev, info)) == FIDO_OK) {
		tell("kind", "%d", fido_bio_info_type(info));
		tell("samples", "%d", fido_bio_info_max_samples(info));
	}
	fido_bio_info_free(&info);
	return r;
}

enum { patience = 10000 }; /* ms for each touch */

/* capture presents fingers until the device has seen enough. */
static int capture(fido_dev_t *dev, fido_bio_template_t *t)
{
	fido_bio_enroll_t *enrolment = fido_bio_enroll_new();
	size_t touches = 1;
	int r;

	if (enrolment == NULL)
		return FIDO_ERR_INTERNAL;
	r = fido_bio_dev_enroll_begin(dev, t, enrolment, patience, required("pin"));
	if (r == FIDO_OK)
		tell(numbered("sample", 0), "%d", fido_bio_enroll_last_status(enrolment));
	while (r == FIDO_OK && fido_bio_enroll_remaining_samples(enrolment) > 0) {
		r = fido_bio_dev_enroll_continue(dev, t, enrolment, patience);
		if (r == FIDO_OK)
			tell(numbered("sample", touches++), "%d", fido_bio_enroll_last_status(enrolment));
	}
	tell("touches", "%zu", touches);
	fido_bio_enroll_free(&enrolment);
	return r;
}

int do_bio_enroll(fido_dev_t *dev)
{
	fido_bio_template_t *t = fido_bio_template_new();
	int r;

	if (t == NULL)
		return FIDO_ERR_INTERNAL;
	if ((r = capture(dev, t)) == FIDO_OK) {
		tell_bytes("id", fido_bio_template_id_ptr(t), fido_bio_template_id_len(t));
		if (argument("name") != NULL && (r = fido_bio_template_set_name(t, argument("name"))) == FIDO_OK)
			r = fido_bio_dev_set_template_name(dev, t, required("pin"));
	}
	fido_bio_template_free(&t);
	return r;
}

int do_bio_list(fido_dev_t *dev)
{
	fido_bio_template_array_t *all = fido_bio_template_array_new();
	int r;

	if (all == NULL)
		return FIDO_ERR_INTERNAL;
	if ((r = fido_bio_dev_get_template_array(dev, all, required("pin"))) == FIDO_OK) {
		tell("templates", "%zu", fido_bio_template_array_count(all));
		for (size_t i = 0; i < fido_bio_template_array_count(all); i++) {
			const fido_bio_template_t *t = fido_bio_template(all, i);
			const char *name = fido_bio_template_name(t);

			tell_bytes(numbered("id", i), fido_bio_template_id_ptr(t), fido_bio_template_id_len(t));
			tell(numbered("name", i), "%s", name != NULL ? name : "");
		}
	}
	fido_bio_template_array_free(&all);
	return r;
}

/* with_template does something to the template that was named. */
static int with_template(fido_dev_t *dev, int (*act)(fido_dev_t *, const fido_bio_template_t *, const char *))
{
	fido_bio_template_t *t = fido_bio_template_new();
	size_t len;
	unsigned char *id = bytes_of(required("id"), &len);
	int r;

	if (t == NULL)
		return FIDO_ERR_INTERNAL;
	if ((r = fido_bio_template_set_id(t, id, len)) == FIDO_OK &&
	    (argument("name") == NULL || (r = fido_bio_template_set_name(t, argument("name"))) == FIDO_OK))
		r = act(dev, t, required("pin"));
	fido_bio_template_free(&t);
	return r;
}

int do_bio_name(fido_dev_t *dev) { return with_template(dev, fido_bio_dev_set_template_name); }

int do_bio_delete(fido_dev_t *dev) { return with_template(dev, fido_bio_dev_enroll_remove); }

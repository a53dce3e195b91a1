/* What drydock rekey has done, or would do; see rekey.h. */
#include <stdlib.h>

#include "core/base/quote.h"
#include "core/base/units.h"
#include "core/cmd/fleet_out.h"
#include "core/cmd/rekey.h"
#include "core/fleet/unlock.h"

void
rekey_put_side(struct buf *b, const struct cgd_params *p)
{
	unsigned i;

	if (p == NULL) {
		(void)buf_str(b, "plain");
		return;
	}
	(void)buf_printf(b, "%s %u (", p->algorithm, p->keylen);
	for (i = 0; i < p->nkeygens; i++)
		(void)buf_printf(b, "%s%s", i > 0 ? " + " : "",
		    cgd_method_name(p->keygens[i].method));
	(void)buf_str(b, p->nkeygens == 0 ? "key from outside)" : ")");
}

static void
put_proof(struct buf *b, const struct rekeying *k)
{
	const bool done = !k->m.dry_run;
	char size[UNITS_MAX];

	if (done && k->r.holes > 0)
		(void)buf_printf(b, "  %s stayed holes: they show which blocks "
		    "no file has\n", units_format(size, k->r.holes));
	if (k->r.no_readback)
		(void)buf_str(b, done ? "  not verified: --no-readback\n" :
		    "  would not be verified: --no-readback\n");
	else
		(void)buf_printf(b, "  %s, byte for byte%s\n", done ?
		    "verified: read back from the disk" :
		    "would be verified: read back from the disk", k->r.ffs ?
		    "; file system and tree as before" : "");
}

/* Where the key is known, and who must be told. */
static void
put_params(struct buf *b, const struct rekeying *k)
{
	const bool done = !k->m.dry_run;

	if (k->tells != NULL && !k->plain) {
		(void)buf_str(b, "  ");
		fleet_out_text(b, k->tells);
		(void)buf_str(b, done ? " has the new parameters, too\n" :
		    k->change.makes ? " would be made, with the new "
		    "parameters\n" : " would get the new parameters, too\n");
	}
	if (k->shared_with != NULL) {
		(void)buf_str(b, "  ");
		fleet_out_text(b, k->x.disk->params);
		(void)buf_str(b, " stays as it is: ");
		fleet_out_text(b, k->shared_with);
		(void)buf_str(b, " has it, too.  drydock finds the new "
		    "parameters with the generation\n");
	}
	if (k->x.disk == NULL)
		return;
	if (k->plain && unlock_is_ours(k->x.disk))
		(void)buf_str(b, "  take script=" UNLOCK_SCRIPT " out of the "
		    "disk's line: it decrypts, and there is nothing to\n");
	else if (k->r.at.params == NULL && !unlock_is_ours(k->x.disk))
		(void)buf_str(b, "  nothing decrypts it for the domU yet: its "
		    "disk's line wants script=" UNLOCK_SCRIPT ",\n  or its "
		    "own boot must attach the cgd\n");
}

/* The target, as it is named on a command line. */
static void
put_name(struct buf *b, const struct rekeying *k)
{
	struct buf word = BUF_INIT, quoted = BUF_INIT;

	if (k->x.domu_of == NULL || target_word(k->x.domu_of,
	    k->x.disk->image, &word) == NULL)
		(void)buf_str(&word, k->x.image);
	if (!word.failed && quote_word(&quoted, word.p) == 0)
		fleet_out_text(b, quoted.p);
	buf_dispose(&word);
	buf_dispose(&quoted);
}

static void
put_back(struct buf *b, const struct rekeying *k)
{
	const struct generation *was = store_find(k->m.p.store, k->m.p.was);
	char *path = was == NULL ? NULL : store_path(k->m.p.store, was);

	if (k->x.domu_of != NULL) {
		(void)buf_str(b, "Back: drydock rollback ");
		put_name(b, k);
		(void)buf_str(b, "\n");
	}
	(void)buf_printf(b, "Generation %u is still %s.  When this one has "
	    "proven itself:\n  ", k->m.p.was, k->r.at.params != NULL ?
	    "under the old key" : "plain");
	if (k->x.domu_of != NULL) {
		(void)buf_str(b, "drydock destroy ");
		put_name(b, k);
		(void)buf_printf(b, "@%u\n", k->m.p.was);
	} else {
		(void)buf_str(b, "rm ");
		fleet_out_text(b, path != NULL ? path : k->x.image);
		(void)buf_str(b, "\n");
	}
	free(path);
}

static int
print_text(const struct rekeying *k, struct dd_err *e)
{
	const struct placing *p = &k->m.p;
	const bool done = !k->m.dry_run;
	struct buf b = BUF_INIT;

	put_name(&b, k);
	(void)buf_printf(&b, ": generation %u %s in place, %u %s kept\n  ",
	    p->next.n, done ? "is" : "would be", p->was, done ? "is" :
	    "would be");
	fleet_out_text(&b, k->x.image);
	(void)buf_str(&b, done ? "\n  was " : "\n  is ");
	rekey_put_side(&b, k->r.at.params);
	(void)buf_str(&b, done ? ", is " : ", would be ");
	rekey_put_side(&b, k->r.params);
	(void)buf_str(&b, "\n");
	put_proof(&b, k);
	put_params(&b, k);
	if (p->restart != NULL) {
		(void)buf_str(&b, "  ");
		fleet_out_text(&b, p->restart->name);
		(void)buf_str(&b, done ? " was shut down for it, and is "
		    "started again\n" : " would be shut down before, and "
		    "started again when all is done\n");
	}
	if (!done)
		(void)buf_printf(&b, "plan: %s\n", p->hash);
	else
		put_back(&b, k);
	return fleet_out_print(&b, e);
}

static struct json_object *
json_side(const struct cgd_params *p)
{
	struct json_object *o, *list;
	unsigned i;

	if (p == NULL)
		return NULL;
	o = json_object_new_object();
	list = json_object_new_array();
	json_set_string(o, "algorithm", p->algorithm);
	json_set_size(o, "keylength", p->keylen);
	json_set_string(o, "verify_method", cgd_verify_name(p->verify));
	for (i = 0; i < p->nkeygens; i++)
		(void)json_object_array_add(list, json_object_new_string(
		    cgd_method_name(p->keygens[i].method)));
	json_set(o, "keygens", list);
	return o;
}

static int
print_json(const struct rekeying *k, struct dd_err *e)
{
	struct json_object *o = json_object_new_object();
	const struct placing *p = &k->m.p;

	json_set_string(o, "action", p->action);
	json_set_string(o, "domu", k->x.domu);
	json_set_string(o, "image", k->x.image);
	json_set_size(o, "was", p->was);
	json_set_size(o, "is", p->next.n);
	json_set(o, "from", json_side(k->r.at.params));
	json_set(o, "to", json_side(k->r.params));
	json_set_bool(o, "verified", !k->r.no_readback);
	json_set_string(o, "manifest", k->r.manifest[0] != '\0' ?
	    k->r.manifest : NULL);
	json_set_size(o, "holes", k->r.holes);
	json_set_string(o, "restarted", p->restart != NULL ?
	    p->restart->name : NULL);
	json_set_string(o, "plan", p->hash);
	json_set_bool(o, "done", !k->m.dry_run);
	return cmd_print_json(o, e);
}

int
rekey_report(struct rekeying *k, struct dd_err *e)
{
	return k->m.json ? print_json(k, e) : print_text(k, e);
}

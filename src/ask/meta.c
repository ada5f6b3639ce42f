/*
 * meta.c
 *		Where a row is from, for those who ask for it with each row.
 *
 * A client that keeps rows and drops notices can still tell which request they
 * are of, and how far they may be trusted.
 */
#include "postgres.h"

#include "ask/confidence.h"
#include "ask/meta.h"
#include "ask/record.h"
#include "base/json.h"

static char *write_meta(const pg_uuid_t *id, const char *model,
						float4 confidence, const List *warnings);

/* The object of an answer with its rows. */
char *
allm_meta_of_request(const AllmRequest *request)
{
	return write_meta(&request->id, request->answer.model_used,
					  request->answer.confidence, request->answer.warnings);
}

/* The object of an answer as far as its query. */
char *
allm_meta_of_decided(const AllmDecided *decided)
{
	return write_meta(&decided->request_id, decided->model,
					  decided->confidence, decided->doubts);
}

/* The object, as JSON. */
static char *
write_meta(const pg_uuid_t *id, const char *model, float4 confidence,
		   const List *warnings)
{
	AllmJsonWriter w;
	ListCell   *cell;

	allm_json_start(&w);
	allm_json_open(&w, NULL, '{');
	allm_json_text(&w, "request_id", allm_record_uuid_text(id));
	allm_json_text(&w, "model", model);
	allm_json_raw(&w, "confidence", psprintf("%.2f", confidence));
	allm_json_text(&w, "confidence_band", allm_confidence_band(confidence));
	allm_json_open(&w, "warnings", '[');
	foreach(cell, warnings)
		allm_json_text(&w, NULL, lfirst(cell));
	allm_json_close(&w, ']');
	allm_json_close(&w, '}');
	return w.buf.data;
}

/* A row, which is a JSON object, with the object as its last member. */
char *
allm_meta_add(const char *row, const char *meta)
{
	int			end = strlen(row) - 1;

	return psprintf("%.*s%s\"" ALLM_META_KEY "\":%s}", end, row,
					end > 1 ? "," : "", meta);
}

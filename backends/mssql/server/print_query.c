/* SPDX-License-Identifier: Apache-2.0 */
/* Queries in SQLite's words: sources, the parts of a SELECT, and several SELECTs together. */
#include "mssql/server/bind.h"

void print_enclosed(struct binder *binder, const char *before, const struct tsql_query *query)
{
    print_text(binder, before);
    print_query(binder, query);
    print_text(binder, ")");
}

/* Columns that are computed are worked out around the scan. */
static void print_computed(struct binder *binder, const struct tsql_source *source)
{
    const struct engine_shape *shape = source->table->shape;
    for (uint32_t i = 0; i < shape->column_count; i++) {
        if (shape->columns[i].computed == NULL || shape->columns[i].is_gone)
            continue;
        print_text(binder, ",");
        print_text(binder, shape->columns[i].computed); /* in SQLite's words already */
        print_text(binder, " AS c");
        print_number(binder, i);
    }
}

static bool has_computed(const struct engine_shape *shape)
{
    for (uint32_t i = 0; i < shape->column_count; i++)
        if (shape->columns[i].computed != NULL && !shape->columns[i].is_gone)
            return true;
    return false;
}

static void print_scan(struct binder *binder, const struct tsql_source *source)
{
    print_text(binder, source->table->shape->key_count > 0 ? "keyed(" : "heap(");
    print_number(binder, source->table->number);
    print_text(binder, ",");
    print_number(binder, source->hints | (source->is_target ? SCAN_FOR_UPDATE : 0));
    print_text(binder, ")");
}

static void print_table(struct binder *binder, const struct tsql_source *source)
{
    const struct engine_shape *shape = source->table->shape;
    if (!has_computed(shape)) {
        print_scan(binder, source);
        return;
    }
    print_text(binder, "(SELECT place");
    for (uint32_t i = 0; i < shape->column_count; i++) {
        if (shape->columns[i].computed != NULL)
            continue;
        print_text(binder, ",c");
        print_number(binder, i);
    }
    print_computed(binder, source);
    print_text(binder, " FROM ");
    print_scan(binder, source);
    print_text(binder, ")");
}

static void print_sources(struct binder *binder, const struct tsql_source *sources)
{
    static const char *const joins[] = {[TSQL_CROSS] = " CROSS JOIN ",
                                        [TSQL_INNER] = " JOIN ",
                                        [TSQL_LEFT] = " LEFT JOIN ",
                                        [TSQL_FULL] = " FULL JOIN "};
    if (sources != NULL)
        print_text(binder, " FROM ");
    for (const struct tsql_source *source = sources; source != NULL; source = source->next) {
        if (source != sources)
            print_text(binder, joins[source->join]);
        if (source->query != NULL)
            print_enclosed(binder, "(", source->query);
        else
            print_table(binder, source);
        print_text(binder, " AS s");
        print_number(binder, source->number);
        if (source->on != NULL) {
            print_text(binder, " ON ");
            print_expression(binder, source->on);
        }
    }
}

void print_from(struct binder *binder, const struct tsql_query *query)
{
    print_sources(binder, query->from);
    if (query->where != NULL) {
        print_text(binder, " WHERE ");
        print_expression(binder, query->where);
    }
}

static void print_items(struct binder *binder, const struct tsql_query *query)
{
    uint32_t number = 0;
    for (const struct tsql_item *item = query->items; item != NULL; item = item->next, number++) {
        if (number > 0)
            print_text(binder, ",");
        print_as(binder, item->expression, query->outputs[number].type);
        print_text(binder, " AS c");
        print_number(binder, number);
    }
}

static void print_grouping(struct binder *binder, const struct tsql_query *query)
{
    if (query->group_by != NULL) {
        print_text(binder, " GROUP BY ");
        print_list(binder, query->group_by, (struct tsql_type){TSQL_UNKNOWN, 0});
    }
    if (query->having != NULL) {
        print_text(binder, query->group_by == NULL ? " GROUP BY NULL HAVING " : " HAVING ");
        print_expression(binder, query->having);
    }
}

static void print_one(struct binder *binder, const struct tsql_query *query)
{
    print_text(binder, query->distinct ? "SELECT DISTINCT " : "SELECT ");
    print_items(binder, query);
    print_from(binder, query);
    print_grouping(binder, query);
}

static void print_order(struct binder *binder, const struct tsql_query *query)
{
    for (const struct tsql_order *order = query->order; order != NULL; order = order->next) {
        print_text(binder, order == query->order ? " ORDER BY " : ",");
        print_expression(binder, order->expression);
        print_text(binder, order->is_descending ? " DESC" : "");
    }
}

/* TOP of a query that is not alone belongs to it alone. */
void print_limit(struct binder *binder, const struct tsql_query *query)
{
    const struct tsql_expression *count = query->top != NULL ? query->top : query->fetch;
    if (count == NULL && query->offset == NULL)
        return;
    print_text(binder, " LIMIT ");
    if (count != NULL)
        print_expression(binder, count);
    else
        print_text(binder, "-1");
    if (query->offset != NULL) {
        print_text(binder, " OFFSET ");
        print_expression(binder, query->offset);
    }
}

static void print_part(struct binder *binder, const struct tsql_query *query)
{
    if (query->top == NULL) {
        print_one(binder, query);
        return;
    }
    print_text(binder, "SELECT * FROM (");
    print_one(binder, query);
    print_limit(binder, query);
    print_text(binder, ")");
}

void print_query(struct binder *binder, const struct tsql_query *query)
{
    static const char *const sets[] = {[TSQL_SET_NONE] = "",
                                       [TSQL_UNION] = " UNION ",
                                       [TSQL_UNION_ALL] = " UNION ALL ",
                                       [TSQL_EXCEPT] = " EXCEPT ",
                                       [TSQL_INTERSECT] = " INTERSECT "};
    if (query->set == TSQL_SET_NONE) {
        print_one(binder, query);
        print_order(binder, query);
        print_limit(binder, query);
        return;
    }
    for (const struct tsql_query *part = query; part != NULL; part = part->next) {
        print_part(binder, part);
        print_text(binder, sets[part->set]);
    }
    print_order(binder, query);
    if (query->top == NULL)
        print_limit(binder, query);
}

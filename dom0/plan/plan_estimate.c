/* How long an experiment may take, from what earlier runs in the store took. */
#include "base.h"
#include "files.h"
#include "plan_view.h"
#include "store.h"

#include <limits.h>
#include <string.h>

/* Where neither experiment nor workload says how long a job may take. */
#define JOB_TIMEOUT_NS (3600 * XB_NS_PER_S)

/* The one number that a query gives, 0 where there is none. */
static uint64_t ask(sqlite3 *db, const char *sql, const char *a, const char *b)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
        return 0; /* a store of another version: nothing is known */
    sqlite3_bind_text(stmt, 1, a, -1, SQLITE_STATIC);
    if (b)
        sqlite3_bind_text(stmt, 2, b, -1, SQLITE_STATIC);
    if (sqlite3_step(stmt) != SQLITE_ROW)
        return 0;
    double ns = sqlite3_column_double(stmt, 0);
    return ns > 0 ? (uint64_t)ns : 0;
}

/* The same case of an experiment of the same name. */
static uint64_t by_case(sqlite3 *db, const struct xb_plan_view *view, uint32_t case_no)
{
    return ask(
        db,
        "SELECT avg(spent_ns) FROM cells JOIN cases USING (run, case_no) JOIN runs USING (run)"
        " WHERE runs.name = ? AND cases.name = ? AND cells.state = 'done'",
        view->exp->name, view->exp->cases[case_no].name);
}

/* The slowest of the case's workloads, in whatever cell it was run before. */
static uint64_t by_workload(sqlite3 *db, const struct xb_plan_view *view, uint32_t case_no)
{
    uint64_t most = 0;
    for (size_t g = 0; g < view->exp->guest_count; g++) {
        const struct xb_exp_part *part = &view->exp->cases[case_no].parts[g];
        if (part->role != XB_ROLE_MEASURED)
            continue;
        uint64_t ns = ask(db,
                          "SELECT avg(cells.spent_ns) FROM cells JOIN parts USING (run, case_no)"
                          " WHERE parts.workload = ? AND parts.role = 'measured'"
                          " AND cells.state = 'done'",
                          view->exp->workloads[part->workload].name, NULL);
        most = ns > most ? ns : most;
    }
    return most;
}

static uint64_t longest_job_ns(struct xb_app *app, const struct xb_plan_view *view,
                               uint32_t case_no)
{
    uint64_t most = 0;
    for (size_t g = 0; g < view->exp->guest_count; g++) {
        const struct xb_exp_part *part = &view->exp->cases[case_no].parts[g];
        if (part->role != XB_ROLE_MEASURED)
            continue;
        const struct xb_exp_workload *w = &view->exp->workloads[part->workload];
        struct xb_workload *found = NULL;
        struct xb_err ignored = {0}; /* not in the catalogue: told elsewhere */
        if (!w->own)
            xb_workload_find(app, w->name, &found, &ignored);
        const struct xb_workload *workload = w->own ? w->own : found;
        uint64_t ns = view->exp->timeout_ns              ? view->exp->timeout_ns
                      : workload && workload->timeout_ns ? workload->timeout_ns
                                                         : JOB_TIMEOUT_NS;
        most = ns > most ? ns : most;
        xb_workload_free(found);
    }
    return most;
}

static void add_case(struct xb_plan_view *view, struct xb_app *app, sqlite3 *db, uint32_t case_no,
                     uint32_t cells)
{
    uint64_t ns = db ? by_case(db, view, case_no) : 0;
    if (ns)
        view->time.by_case += cells;
    else if (db)
        ns = by_workload(db, view, case_no);
    if (!ns) {
        view->time.most_ns += cells * longest_job_ns(app, view, case_no);
        return;
    }
    view->time.known_cells += cells;
    view->time.known_ns += cells * ns;
}

void xb_plan_estimate(struct xb_plan_view *view, struct xb_app *app, const char *store)
{
    char path[PATH_MAX];
    sqlite3 *db = NULL;
    snprintf(path, sizeof(path), "%s%s", store ? store : app->state_dir,
             store ? "" : "/results.sqlite");
    if (access(path, R_OK) == 0 &&
        sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) {
        sqlite3_close(db);
        db = NULL;
    }
    for (uint32_t c = 0; c < view->exp->case_count; c++) {
        uint32_t cells = 0;
        for (size_t i = 0; i < view->cell_count; i++)
            cells += view->cells[i].case_no == c;
        add_case(view, app, db, c, cells);
    }
    sqlite3_close(db);
}

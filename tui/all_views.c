/* The views that there are; see all_views.h.  A new one is added here. */
#include "tui/all_views.h"
#include "tui/menu.h"

#define VIEWS(X)							\
	X(fleet_ops,		"on the fleet")				\
	X(domu_ops,		"on a domU")				\
	X(gens_ops,		"on generations")			\
	X(browser_ops,		"on files in an image")			\
	X(file_ops,		"on a file of an image")		\
	X(findings_ops,		"on what is wrong")			\
	X(host_ops,		"on the host")				\
	X(history_ops,		"on the history")			\
	X(record_ops,		"on a job of the history")		\
	X(settings_ops,		"on the settings")			\
	X(log_ops,		"on the log")				\
	X(jobs_ops,		"on the jobs")				\
	X(job_ops,		"on a job")				\
	X(preview_ops,		"on a preview")				\
	X(prepare_ops,		"in a form")				\
	X(batch_ops,		"on several jobs")			\
	X(themes_ops,		"on the themes")			\
	X(columns_ops,		"where columns are chosen")		\
	X(confirm_ops,		"in a question")			\
	X(passphrase_ops,	"where a passphrase is asked for")	\
	X(help_ops,		"in the help")

#define MENUS(X)							\
	X(life_menu,		"in the menu of start and stop")	\
	X(cipher_menu,		"in the menu of encryption")

#define X(ops, name) extern const struct view_ops ops;
VIEWS(X)
#undef X
#define X(m, name) extern const struct menu m;
MENUS(X)
#undef X

const struct named_view *
all_views(size_t i)
{
	static const struct named_view views[] = {
#define X(ops, name) { &ops, name },
		VIEWS(X)
#undef X
#define X(m, name) { &m.ops, name },
		MENUS(X)
#undef X
	};

	return i < sizeof(views) / sizeof(views[0]) ? &views[i] : NULL;
}

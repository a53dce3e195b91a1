/*
 * The files of a directory inside an image, from what drydock ls --json says.
 * It may say anything: the image is a stranger's.
 */
#ifndef DD_TUI_FILES_H
#define DD_TUI_FILES_H

#include "core/base/buf.h"
#include "tui/list.h"

struct file_row {
	char		*name;		/* its bytes */
	char		*shown;		/* fit for a screen; also its identity */
	char		*target;	/* of a symlink, fit for a screen; or
					 * NULL */
	char		 mode[11];	/* "drwxr-xr-x" */
	char		 owner[24];	/* "0:0" */
	uint64_t	 size;		/* bytes */
	int64_t		 mtime;
};

struct files {
	struct file_row	*v;
	size_t		 n;
	bool		 cut;		/* there are more */
};

#define FILES_MAX	20000		/* of a directory */
#define FILES_MAX_TEXT	"20000"

/* Lines that are no entries are passed over.  NULL: out of memory. */
struct files *files_parse(const struct buf *json);
void	files_free(struct files *);	/* NULL is fine */

/* Of a struct files. */
extern const struct list_source file_rows;
enum { FILE_COL_MODE, FILE_COL_OWNER, FILE_COL_SIZE, FILE_COL_TIME,
	FILE_COL_NAME, FILE_COLS };

#endif

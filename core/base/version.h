/* What this is called when somebody asks. */
#ifndef DD_BASE_VERSION_H
#define DD_BASE_VERSION_H

#define DD_VERSION	"0.1"

#endif

/* The process that keeps a service in which commands have their cgroups. */
#ifndef GUARD_HOLDER_H
#define GUARD_HOLDER_H

#include "caller.h"

/* Waits until it is killed, when this is called as "guard gateway hold"; else returns. */
void hold_if_asked(const struct caller *caller);

#endif

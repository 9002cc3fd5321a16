/* Cleanup handlers of C code, which are no destructors. */
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/* Waits for ever, in the scope of two cleanup handlers. */
void wait_with_two_handlers(void);
/* Which handlers have run: a decimal digit each, the first one highest. */
int handlers_run(void);

#ifdef __cplusplus
}
#endif

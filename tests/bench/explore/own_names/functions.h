/* What the tests call. */
#pragma once

#ifdef __cplusplus
extern "C"
#endif
    /* Calls each function once. Returns their number, and one more for a variable. */
    int
    call_them_all(void);

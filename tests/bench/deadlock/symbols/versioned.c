/* A function in an old and in a default version, as pthread_cond_wait of glibc. */
__asm__(".symver old_version, versioned@V1");
__asm__(".symver default_version, versioned@@V2");

int old_version(void);
int default_version(void);
int plain(void);
int undefined_elsewhere(void) __attribute__((weak));

int old_version(void) { return 1; }
int default_version(void) { return 2; }
int plain(void) { return undefined_elsewhere == 0 ? 3 : 4; }

/** The same environment for every test, whatever the terminal or the build service sets. */
for (const name of ['CI', 'NO_COLOR', 'FORCE_COLOR', 'SUDO_UID', 'SUDO_GID', 'SUDO_USER']) delete process.env[name];
process.env['LC_ALL'] = 'C.UTF-8';
process.env['TZ'] = 'UTC';

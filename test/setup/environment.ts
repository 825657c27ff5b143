/** The same environment for every test, whatever the terminal or the build service sets. */
for (const name of ['CI', 'NO_COLOR', 'FORCE_COLOR', 'SUDO_UID', 'SUDO_GID', 'SUDO_USER']) delete process.env[name];
// With it every start of Node takes some 50 ms more, and the tests start thousands.
delete process.env['NODE_EXTRA_CA_CERTS'];
process.env['LC_ALL'] = 'C.UTF-8';
process.env['TZ'] = 'UTC';

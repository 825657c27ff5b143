import { pathExists } from '../../host/proc.js';
import { dockerLike, FORMAT } from './docker-like.js';

/** Podman's template goes by the names of its own structure, in which the identifier is `ID`. */
const PODMAN_FORMAT = FORMAT.replace('{{json .Id}}', '{{json .ID}}');

/** Podman has no daemon: what its user has run is in that user's storage, of which root's is asked by root. */
export const podman = dockerLike({
  name: 'podman',
  format: PODMAN_FORMAT,
  mayAnswer: () => {
    const { CONTAINER_HOST, CONTAINERS_STORAGE_CONF, HOME } = process.env;
    return (
      CONTAINER_HOST !== undefined ||
      CONTAINERS_STORAGE_CONF !== undefined ||
      pathExists('/run/libpod') ||
      pathExists('/var/lib/containers/storage/libpod') ||
      pathExists('/var/lib/containers/storage/db.sql') ||
      pathExists(`${HOME ?? '/root'}/.local/share/containers/storage`)
    );
  },
});

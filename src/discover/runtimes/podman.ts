import { pathExists } from '../../host/proc.js';
import { dockerLike, FORMAT } from './docker-like.js';

/** Podman has no daemon: what its user has run is in that user's storage, of which root's is asked by root. */
export const podman = dockerLike({
  name: 'podman',
  format: FORMAT,
  mayAnswer: () => {
    const { CONTAINER_HOST, CONTAINERS_STORAGE_CONF, HOME } = process.env;
    return (
      CONTAINER_HOST !== undefined ||
      CONTAINERS_STORAGE_CONF !== undefined ||
      pathExists('/var/lib/containers/storage/libpod') ||
      pathExists('/var/lib/containers/storage/db.sql') ||
      pathExists(`${HOME ?? '/root'}/.local/share/containers/storage`)
    );
  },
});

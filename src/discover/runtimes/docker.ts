import { pathExists } from '../../host/proc.js';
import { dockerLike, FORMAT } from './docker-like.js';

export const docker = dockerLike({
  name: 'docker',
  format: FORMAT,
  mayAnswer: () => {
    const { DOCKER_HOST, DOCKER_CONTEXT, HOME, XDG_RUNTIME_DIR } = process.env;
    return (
      DOCKER_HOST !== undefined ||
      DOCKER_CONTEXT !== undefined ||
      pathExists('/run/docker.sock') ||
      pathExists('/var/run/docker.sock') ||
      pathExists(`${XDG_RUNTIME_DIR ?? '/nonexistent'}/docker.sock`) ||
      pathExists(`${HOME ?? '/root'}/.docker/contexts`)
    );
  },
});

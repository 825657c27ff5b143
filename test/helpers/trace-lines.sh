# Functions for scripts that run in host-in-netns.sh or docker-in-netns.sh; WORDS is the program.
export XDG_STATE_HOME=$LAB/state VETHOSCOPE_STATE=$LAB/state
# Prints a name, the exit code and what the command printed, as one line with tabs.
traced() {
  local name=$1 rc=0 out; shift
  out=$("$@" 2>"$LAB/complaint") || rc=$?
  [ -n "$out" ] || out=$(cat "$LAB/complaint")
  printf '%s\t%s\t%s\n' "$name" "$rc" "$(printf %s "$out" | tr '\n\t' '  ')"
}
trace() { local name=$1; shift; traced "$name" $WORDS trace "$@" --timeout 120s --json; }
# An image busybox:lab for Podman, and settings that work without systemd.
podman_lab() {
  mkdir -p "$LAB/image/bin" /etc/containers
  printf '[storage]\ndriver = "vfs"\nrunroot = "/run/containers/storage"\ngraphroot = "%s/storage"\n' "$LAB/space" >/etc/containers/storage.conf
  printf '[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\n[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]\n' >/etc/containers/containers.conf
  cp "$(command -v busybox)" "$LAB/image/bin/busybox"
  local applet; for applet in sh ping nc httpd sleep; do ln -sf busybox "$LAB/image/bin/$applet"; done
  tar -C "$LAB/image" -c . | podman import - busybox:lab >/dev/null 2>&1
}
# cni ADD|DEL NETNS CONFIG: the plugins of a configuration list one after the other, as containerd's go-cni runs them.
cni() {
  node -e '
    const { execFileSync } = require("node:child_process");
    const { readFileSync } = require("node:fs");
    const [command, netns, file] = process.argv.slice(1);
    const list = JSON.parse(readFileSync(file, "utf8"));
    let prevResult;
    for (const plugin of list.plugins) {
      const { capabilities = {}, ...config } = plugin;
      const runtimeConfig = capabilities.portMappings ? { portMappings: list.ports } : undefined;
      const input = JSON.stringify({ cniVersion: list.cniVersion, name: list.name, ...config, ...(runtimeConfig ? { runtimeConfig } : {}), ...(prevResult ? { prevResult } : {}) });
      const out = execFileSync(`/usr/lib/cni/${plugin.type}`, { input, env: { ...process.env, CNI_COMMAND: command, CNI_CONTAINERID: netns, CNI_NETNS: `/run/netns/${netns}`, CNI_IFNAME: "eth0", CNI_PATH: "/usr/lib/cni" } });
      if (command === "ADD") prevResult = JSON.parse(out.toString());
    }' "$@"
}

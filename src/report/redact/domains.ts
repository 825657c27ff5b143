import { isHostAlias } from '../../model/host-aliases.js';

/** Top-level domains by which a DNS name is told from a file name, a sysctl key or a counter. */
const TOP = `
  com net org edu gov mil int info biz name pro io ai app dev cloud tech online site store xyz top club shop blog page run zone network systems services
  solutions digital agency company group media email live news world today space tools works software host hosting global
  local internal intranet lan home corp private localdomain svc cluster test example invalid localhost arpa onion
  ac ad ae af ag al am ar asia au az ba bd bg bh bn bo br by bz ca cat ch ci cl cn co cr cu cy cz de dk dz ec ee eg es et eu fi fj fm fr ga gb ge gg gh gi
  gl gr gt hk hn hr ht hu ie il im iq ir je jm jo jp ke kg kh kr kw kz la lb li lk lt lu lv ly ma mc mk mm mn mo mt mu mv mx mz nc ng ni nl np nu nz om pa
  pe pf pg ph pk pr pt py qa re ro ru rw sa se sg si sk sl sn sr su sv sy th tj tm tn tr tt tv tw tz ua ug uk us uy uz va vc ve vg vn vu ws ye za zm zw
`;

const TOPS = new Set(TOP.trim().split(/\s+/));

const NAME =
  /(?<![\w.-])(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+([a-z]{2,24}|xn--[a-z0-9-]{2,59})(?![\w-])(?!\.\w)/gi;
const MAIL = /(?<![\w.+-])[\w.+-]+@(?:[a-z0-9-]+\.)+[a-z]{2,24}(?![\w-])/gi;

/**
 * Replaces DNS names with a known ending. Upper-case endings are counters (`TcpExt.TW`), not domains; names that are the same
 * everywhere tell nothing.
 */
export const replaceDomains = (text: string, alias: (name: string) => string): string =>
  text.includes('.')
    ? text.replace(NAME, (name: string, top: string) =>
        (TOPS.has(top) || top.startsWith('xn--')) && !isHostAlias(name) ? alias(name) : name,
      )
    : text;

export const replaceMails = (text: string, alias: (mail: string) => string): string =>
  text.includes('@') ? text.replace(MAIL, alias) : text;

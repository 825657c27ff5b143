/** The page's look: system fonts, one accent, colours that pass WCAG AA on both grounds; state is always a word too. */
export const STYLE = `
:root { color-scheme: light dark; --ground: #fbfbf9; --card: #ffffff; --text: #1d2329; --soft: #59636e; --line: #dfe2dd;
  --accent: #0b5c7a; --good: #1c6b3c; --good-soft: #e3f2e8; --bad: #b3261e; --bad-soft: #fbe9e7; --warn: #7a4b00; --warn-soft: #fdf1dc;
  --quiet: #eef0ec; --code: #f3f4f0; }
@media (prefers-color-scheme: dark) { :root { --ground: #14181b; --card: #1b2024; --text: #e6e9ea; --soft: #a3adb5; --line: #333b41;
  --accent: #7cc4e0; --good: #85d6a2; --good-soft: #1b3526; --bad: #ff9d94; --bad-soft: #43211f; --warn: #f2c879; --warn-soft: #3a2e17;
  --quiet: #262d32; --code: #22282d; } }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; overflow-wrap: anywhere; }
code, pre, .hash { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: .875em; }
.skip { position: absolute; left: -100vw; } .skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: .5rem 1rem; }
header, main, footer { max-width: 74rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2.25rem; padding-bottom: .5rem; }
h1 { font-size: clamp(1.35rem, 2.6vw, 1.9rem); line-height: 1.25; margin: .7rem 0 .6rem; font-weight: 650; letter-spacing: -.01em; text-wrap: balance; }
h2 { font-size: 1.1rem; margin: 0 0 .9rem; font-weight: 650; display: flex; gap: .6rem; align-items: baseline; }
h3 { font-size: 1rem; margin: 1.4rem 0 .5rem; font-weight: 650; }
.number { color: var(--soft); font-weight: 500; font-variant-numeric: tabular-nums; min-width: 1.3em; }
.badge { display: inline-block; padding: .2rem .75rem; border-radius: 1rem; font-weight: 650; font-size: .9rem; border: 1px solid currentColor; }
.badge.fault { color: var(--bad); background: var(--bad-soft); } .badge.degraded, .badge.inconclusive { color: var(--warn); background: var(--warn-soft); }
.badge.ok { color: var(--good); background: var(--good-soft); }
.meta { color: var(--soft); margin: .2rem 0; display: flex; flex-wrap: wrap; gap: .15rem 1.1rem; font-size: .93rem; padding: 0; list-style: none; }
nav ol { list-style: none; padding: 0; margin: 1.1rem 0 .4rem; display: flex; flex-wrap: wrap; gap: .3rem .95rem; font-size: .9rem; }
a { color: var(--accent); text-underline-offset: .2em; } nav a { text-decoration: none; } nav a:hover { text-decoration: underline; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.25rem 1.4rem 1.35rem; margin: 1rem 0; scroll-margin-top: 1rem; min-width: 0; }
.pair { display: grid; gap: 0 1rem; } @media (min-width: 62rem) { .pair { grid-template-columns: 1fr 1fr; } .pair section { margin-top: 0; } }
.states { display: grid; gap: 0 2rem; } .states > div { min-width: 0; } @media (min-width: 62rem) { .states { grid-template-columns: 1fr 1fr; } }
.stop { color: var(--bad); font-weight: 650; }
p { margin: .45rem 0; } .story { font-size: 1.06rem; max-width: 62ch; } .aside { color: var(--soft); font-size: .93rem; }
ul { margin: .3rem 0; padding-left: 1.2rem; } li { margin: .2rem 0; }
.proofs { padding-left: 1.6rem; margin: 0; } .proofs > li { margin: 0 0 .85rem; padding-left: .3rem; } .proofs > li::marker { color: var(--soft); }
.kind { display: inline-block; font-size: .8rem; font-weight: 600; color: var(--accent); background: var(--quiet); border-radius: 5px; padding: .04rem .45rem; margin-right: .25rem; }
.risk { font-weight: 650; } .risk.low { color: var(--good); } .risk.medium { color: var(--warn); } .risk.high { color: var(--bad); }
.warn { color: var(--bad); font-weight: 650; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .3rem 1.1rem; margin: 0; } dt { color: var(--soft); } dd { margin: 0; min-width: 0; }
dd > pre.command:first-child { margin-top: 0; }
@media (max-width: 34rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .55rem; } section { padding: 1rem; border-radius: 9px; } header, main, footer { padding-left: .7rem; padding-right: .7rem; } }
pre { background: var(--code); border-radius: 7px; padding: .55rem .8rem; margin: .4rem 0; white-space: pre-wrap; position: relative; }
pre.output { color: var(--soft); max-height: 28rem; overflow: auto; } pre.command code { display: block; max-height: 14rem; overflow: auto; } pre.command { padding-right: 4.6rem; border-left: 3px solid var(--accent); }
.copy { position: absolute; right: .35rem; top: .3rem; font: 600 .78rem system-ui, sans-serif; color: var(--accent); background: var(--card); border: 1px solid var(--line); border-radius: 5px; padding: .12rem .55rem; cursor: pointer; }
input[type=search] { font: inherit; font-size: .9rem; width: 100%; max-width: 20rem; padding: .3rem .6rem; margin: .5rem 0; border: 1px solid var(--soft); border-radius: 6px; background: var(--ground); color: var(--text); }
.remedy { border-left: 3px solid var(--line); padding-left: 1rem; margin: .9rem 0; }
.scroll, .figure { overflow-x: auto; } .scroll { max-height: 30rem; overflow-y: auto; } .pair section { display: flex; flex-direction: column; } .pair .scroll { max-height: 22rem; } .figure { padding: .3rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .93rem; } caption { text-align: left; color: var(--soft); font-size: .88rem; padding: .2rem 0 .45rem; }
th { text-align: left; font-weight: 600; color: var(--soft); } th, td { padding: .32rem .9rem .32rem 0; border-bottom: 1px solid var(--line); vertical-align: top; } tr:last-child td { border-bottom: 0; }
th { white-space: nowrap; } td { overflow-wrap: break-word; max-width: 34rem; } .nowrap, .nowrap code { white-space: nowrap; } .hash { font-size: .75em; }
summary { cursor: pointer; color: var(--accent); padding: .2rem 0; } details > :not(summary) { margin-left: .2rem; }
footer { color: var(--soft); font-size: .9rem; padding-bottom: 3rem; }
svg { display: block; font-family: inherit; } svg text { fill: var(--text); font-size: 13px; }
svg .band { fill: var(--quiet); } svg .band-name { fill: var(--soft); font-size: 13px; font-weight: 600; }
svg .hop { fill: var(--card); stroke: var(--soft); stroke-width: 1.4; } svg .hop.unseen { stroke-dasharray: 4 4; }
svg a { text-decoration: none; } svg a:hover .hop { stroke: var(--accent); stroke-width: 2.4; }
svg .hop-name { font-size: 14px; font-weight: 650; text-anchor: middle; } svg .hop-role { fill: var(--soft); text-anchor: middle; font-size: 12.5px; }
svg .lane-name { fill: var(--soft); font-weight: 600; } svg .wire { stroke: var(--good); stroke-width: 2; } svg .wire.silent { stroke: var(--soft); stroke-dasharray: 2 6; } svg .tip { fill: var(--good); }
svg .pill { fill: var(--quiet); stroke: var(--soft); stroke-width: 1.2; } svg .pill.all { fill: var(--good-soft); stroke: var(--good); } svg .pill.some { fill: var(--warn-soft); stroke: var(--warn); }
svg .pill.unknown { stroke-dasharray: 3 3; fill: var(--card); } svg .pill.none { fill: var(--card); } svg .count { text-anchor: middle; font-weight: 600; font-variant-numeric: tabular-nums; }
svg .count.all { fill: var(--good); } svg .count.some { fill: var(--warn); } svg .count.none, svg .count.unknown { fill: var(--soft); }
svg .break { stroke: var(--bad); stroke-width: 1; } svg .break-dot { fill: var(--bad); } svg .break-cross { stroke: var(--card); stroke-width: 3; fill: none; stroke-linecap: round; }
svg .hatch-ground { fill: var(--bad-soft); } svg .hatch-line { fill: var(--bad); opacity: .35; } svg .hatch-line-muted { fill: var(--line); }
svg .guide { stroke: var(--line); stroke-width: 1.5; } svg .packet { fill: var(--good); } svg .packet.last { fill: var(--bad); } svg .cross { stroke: var(--bad); stroke-width: 3; fill: none; stroke-linecap: round; }
svg .offset { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; } svg .offset.last { fill: var(--bad); font-weight: 600; } svg .nat { fill: var(--warn); font-size: 12px; font-weight: 600; }
svg.bar rect { fill: var(--accent); }
@page { size: A4; margin: 14mm; }
@media print { :root { --ground: #fff; --card: #fff; --text: #000; --soft: #444; --line: #bbb; --accent: #063f56; --good: #14502c; --good-soft: #fff; --bad: #8c1b15; --bad-soft: #fff; --warn: #5c3900; --warn-soft: #fff; --quiet: #f2f2f2; --code: #f6f6f6; }
  body { font-size: 10.5pt; } header, main, footer { max-width: none; padding: 0; } nav, .copy, input[type=search] { display: none; }
  section { border: 0; border-top: 1px solid var(--line); border-radius: 0; padding: .6rem 0; margin: .5rem 0; } h2, h3 { break-after: avoid; }
  .remedy, tr, li, pre { break-inside: avoid; } .figure, .scroll, .pair .scroll { overflow: visible; max-height: none; } .figure svg { width: 100%; height: auto; } pre.output, pre.command code { max-height: none; } a { color: inherit; text-decoration: none; } }
`;

/** Adds copy buttons, and a field that filters the long tables. The page is complete without it. */
export const SCRIPT = `'use strict';
for (const pre of document.querySelectorAll('pre.command')) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'copy';
  button.textContent = 'copy';
  button.addEventListener('click', () => {
    const done = () => { button.textContent = 'copied'; setTimeout(() => { button.textContent = 'copy'; }, 1500); };
    const select = () => getSelection().selectAllChildren(pre.querySelector('code'));
    if (navigator.clipboard) navigator.clipboard.writeText(pre.querySelector('code').textContent).then(done, select);
    else select();
  });
  pre.append(button);
}
for (const table of document.querySelectorAll('table')) {
  const rows = [...table.tBodies[0].rows];
  if (rows.length < 12) continue;
  const field = document.createElement('input');
  field.type = 'search';
  field.placeholder = 'filter ' + rows.length + ' rows';
  field.setAttribute('aria-label', 'filter: ' + table.caption.textContent);
  field.addEventListener('input', () => {
    const wanted = field.value.toLowerCase();
    for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
  });
  table.parentElement.before(field);
}
const open = () => {
  const target = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
  if (target instanceof HTMLDetailsElement) target.open = true;
};
addEventListener('hashchange', open);
open();
addEventListener('beforeprint', () => { for (const fold of document.querySelectorAll('#evidence details')) fold.open = true; });
`;

'use strict';
// What the scripts of all pages share. Whatever a page shows of its data is text or an attribute,
// never markup.
const byId = (id) => document.getElementById(id);
const pageData = () => JSON.parse(byId('data').textContent);
const NOT_HERE = '–';

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) continue;
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}
// Without an icon of its own a browser asks the server of a page for one.
document.head.append(element('link', {rel: 'icon', href: 'data:,'}));
const number = (value, digits) => value.toLocaleString('en', {
  minimumFractionDigits: 0, maximumFractionDigits: digits, useGrouping: false});
const plural = (n, one, many) => `${n} ${n === 1 ? one : many}`;

// Terms with their values, large: [term, value, what is small beside it].
function facts(list, rows) {
  list.replaceChildren(...rows.map(([term, value, more]) => element('div', {},
    element('dt', {}, term),
    element('dd', {}, String(value), more ? element('small', {}, ` ${more}`) : null))));
}

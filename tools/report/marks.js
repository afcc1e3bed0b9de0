const NS = 'http://www.w3.org/2000/svg';
// Marks of what was found on a slide: every kind has a shape of its own as well as a colour.
const KINDS = {
  claim: {text: 'detection', color: 'claim', shape: 'ring'},
  found: {text: 'found', color: 'found', shape: 'ring'},
  false: {text: 'false', color: 'false', shape: 'square'},
  missed: {text: 'missed', color: 'missed', shape: 'cross'},
  below: {text: 'below the threshold', color: 'claim', shape: 'dots'},
};
const PATHS = {
  ring: (x, y, r) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`,
  square: (x, y, r) => `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}z`,
  cross: (x, y, r) => `M${x - r} ${y - r}l${2 * r} ${2 * r}m0 ${-2 * r}l${-2 * r} ${2 * r}`,
};
PATHS.dots = PATHS.ring;
function icon(kind, hidden = true) {
  const {shape, text} = KINDS[kind];
  const svg = document.createElementNS(NS, 'svg');
  svg.setAttribute('viewBox', '0 0 20 20');
  if (hidden) svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(NS, 'path');
  path.setAttribute('d', PATHS[shape](10, 10, 6.5));
  path.setAttribute('fill', 'none');
  path.setAttribute('stroke', `var(--${KINDS[kind].color})`);
  path.setAttribute('stroke-width', '3');
  if (shape === 'dots') path.setAttribute('stroke-dasharray', '2.5 3');
  svg.append(path);
  svg.dataset.kind = text;
  return svg;
}

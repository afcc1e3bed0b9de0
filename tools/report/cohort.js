// The page of a cohort: a line for each slide, the bad ones first.
(() => {
  const data = pageData();
  const {slides} = data;
  const NS = 'http://www.w3.org/2000/svg';
  // What needs a look comes first: what went wrong, then what is doubtful, then what is not done.
  const STATES = ['failed', 'stale', 'stopped', 'doubtful', 'running', 'waiting', 'done', 'not analysed'];
  slides.forEach((slide, index) => {
    slide.index = index;
    slide.shown = slide.state === 'done' && slide.doubt ? 'doubtful' : slide.state ?? 'not analysed';
    slide.rank = STATES.indexOf(slide.shown);
    slide.note = slide.message || (slide.doubt ? `doubtful tissue mask: ${slide.doubt}` : '');
    slide.bad = slide.rank < STATES.indexOf('running');
  });

  const ORIGIN = ['case', 'centre', 'scanner'];  // where a table of the slides says it
  const COLUMNS = [
    {key: 'slide', title: 'slide'},
    ...ORIGIN.filter((key) => slides.some((slide) => slide[key])).map((key) => ({key, title: key})),
    {key: 'rank', title: 'state'},
    {key: 'hotspot_count', title: 'count in hotspot', number: 2, low: 'hotspot_low', high: 'hotspot_high'},
    {key: 'grade', title: 'grade', number: 0},
    {key: 'detections', title: 'mitoses', number: 0, low: 'mitoses_low', high: 'mitoses_high'},
    {key: 'per_mm2', title: 'per mm²', number: 2},
    {key: 'tissue_mm2', title: 'tissue, mm²', number: 2},
    {key: 'seconds', title: 'seconds', number: 1},
    {key: 'note', title: 'message'},
  ];
  const sorting = {key: 'rank', up: true};

  function compare(a, b) {
    const [one, other] = [a[sorting.key], b[sorting.key]];
    const missing = (value) => value === null || value === undefined || value === '';
    if (missing(one) || missing(other)) return missing(one) - missing(other) || a.index - b.index;
    const order = typeof one === 'number' ? one - other : one.localeCompare(other, 'en', {numeric: true});
    return (sorting.up ? order : -order) || a.index - b.index;
  }
  function sortBy(key) {
    sorting.up = sorting.key === key ? !sorting.up : true;
    sorting.key = key;
    show();
  }

  function numberCell({key, title, number: digits, low, high}, slide) {
    const value = slide[key];
    const cell = element('td', {class: 'number', 'data-title': title});
    if (typeof value !== 'number') return element('td', {class: 'number'});
    cell.append(number(value, digits));
    if (typeof slide[low] === 'number')
      cell.append(element('span', {class: 'interval'}, `${number(slide[low], 1)} to ${number(slide[high], 1)}`));
    return cell;
  }
  function row(slide) {
    const picture = element('td', {class: 'thumbnail'});
    if (slide.thumbnail)
      picture.append(element('img', {src: slide.thumbnail, alt: '', loading: 'lazy', decoding: 'async'}));
    const name = element('td', {class: 'name'},
      slide.link ? element('a', {href: slide.link}, slide.slide) : slide.slide);
    const cells = COLUMNS.map((column) => {
      if (column.key === 'slide') return name;
      if (column.key === 'rank') return element('td', {'data-title': 'state'}, slide.shown);
      if (ORIGIN.includes(column.key)) return element('td', {'data-title': column.title}, slide[column.key] ?? '');
      if (column.key === 'note') return element('td', {class: 'message'}, slide.note);
      return numberCell(column, slide);
    });
    return element('tr', slide.bad ? {class: 'bad'} : {}, picture, ...cells);
  }
  function head() {
    return element('thead', {}, element('tr', {}, element('td', {}),
      ...COLUMNS.map(({key, title, number: digits}) => element('th', {
        scope: 'col', class: digits === undefined ? null : 'number',
        'aria-sort': sorting.key !== key ? 'none' : sorting.up ? 'ascending' : 'descending',
      }, element('button', {type: 'button', onclick: () => sortBy(key)}, title)))));
  }
  function show() {
    const text = byId('find').value.trim().toLowerCase();
    const state = byId('state').value;
    const visible = slides.filter((slide) => (state === '' || slide.shown === state) &&
      [slide.slide, slide.case, slide.centre, slide.scanner, slide.note].join(' ').toLowerCase().includes(text)).sort(compare);
    const focused = document.activeElement?.closest('th') ? document.activeElement.textContent : null;
    byId('slides').replaceChildren(head(), element('tbody', {}, ...visible.map(row)));
    if (focused)
      [...byId('slides').querySelectorAll('th button')].find((b) => b.textContent === focused)?.focus();
    byId('shown').textContent = visible.length === slides.length ? plural(slides.length, 'slide', 'slides')
      : `${visible.length} of ${plural(slides.length, 'slide', 'slides')}`;
    byId('order').value = sorting.key;
  }

  // ---- how the counts lie ----
  function histogram() {
    const counts = slides.map((slide) => slide.hotspot_count).filter((value) => typeof value === 'number');
    byId('spread').hidden = counts.length < 2;
    if (counts.length < 2) return;
    const most = Math.max(...counts);
    const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].find((width) => most / width < 20) ?? 2000;
    const bins = new Array(Math.floor(most / step) + 1).fill(0);
    for (const count of counts) bins[Math.floor(count / step)] += 1;
    // As wide as there is room, so that its letters are as large as others.
    const width = Math.max(260, Math.min(720, byId('histogram').clientWidth));
    const [height, left, bottom] = [170, 30, 34];
    const wide = (width - left) / bins.length;
    const tall = (height - bottom - 14) / Math.max(...bins);
    const svg = document.createElementNS(NS, 'svg');
    svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    svg.setAttribute('aria-hidden', 'true');
    const add = (tag, attributes, text) => {
      const made = document.createElementNS(NS, tag);
      for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
      if (text !== undefined) made.textContent = text;
      svg.append(made);
    };
    const every = Math.ceil(bins.length * 42 / (width - left));
    bins.forEach((n, i) => {
      const x = left + i * wide;
      add('rect', {x: x + 1, y: height - bottom - n * tall, width: Math.max(1, wide - 2), height: n * tall});
      if (n > 0) add('text', {x: x + wide / 2, y: height - bottom - n * tall - 4, 'text-anchor': 'middle'}, n);
      if (i % every === 0)
        add('text', {x: x + wide / 2, y: height - bottom + 14, 'text-anchor': 'middle'},
          step === 1 ? i : `${i * step}–${(i + 1) * step - 1}`);
    });
    add('line', {x1: left, x2: width, y1: height - bottom, y2: height - bottom});
    add('text', {x: (left + width) / 2, y: height - 4, 'text-anchor': 'middle'}, 'mitoses in the hotspot of a slide');
    byId('histogram').replaceChildren(svg);
    byId('histogram').setAttribute('aria-label', `Number of slides by count: ${bins.map((n, i) =>
      `${i * step} to ${(i + 1) * step}: ${n}`).join(', ')}`);
  }

  // ---- the head ----
  const inState = (state) => slides.filter((slide) => slide.shown === state).length;
  document.title = `${data.title}: ${plural(slides.length, 'slide', 'slides')}`;
  byId('title').textContent = data.title;
  byId('notice').textContent = data.notice;
  byId('foot').textContent = `mitoloom ${data.version}`;
  facts(byId('facts'), [['slides', slides.length],
    ...STATES.map((state) => [state, inState(state)]).filter(([, n]) => n > 0),
    ...[1, 2, 3].map((grade) => [`grade ${grade}`, slides.filter((slide) => slide.grade === grade).length])
      .filter(([, n]) => n > 0)]);
  byId('state').add(new Option('all', ''));
  for (const state of STATES) if (inState(state) > 0) byId('state').add(new Option(state, state));
  for (const {key, title} of COLUMNS) byId('order').add(new Option(title, key));
  byId('find').addEventListener('input', show);
  byId('state').addEventListener('change', show);
  byId('order').addEventListener('change', (event) => sortBy(event.target.value));
  histogram();
  show();
  document.documentElement.dataset.ready = '1';
})();

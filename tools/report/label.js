// The page on which observers label patches: one set of labels per sheet and observer.
(() => {
  const data = pageData();
  const names = data.samples.map((sample) => sample[0]);
  const grid = byId('grid');
  const kinds = ['first', 'second'];
  const STORE = 'mitoloom-labels:' + data.draw;
  let observer = '';
  let labels = new Map();  // sample -> 0 or 1
  let current = 0;         // index of the sample that keys apply to
  let shown = [];          // indices that the filter lets through, in order

  // ---- what is kept in this browser: one set of labels per sheet and observer ----
  let storageWorks = true;
  function recall(key) {
    try { return localStorage.getItem(key); } catch { storageWorks = false; return null; }
  }
  function keep(key, text) {
    try { localStorage.setItem(key, text); } catch { storageWorks = false; }
  }
  const keyOf = (name) => STORE + ':labels:' + name;
  function remember() {
    keep(keyOf(observer), JSON.stringify([...labels]));
    if (!storageWorks)
      say('This browser keeps nothing: save the CSV before you close the page.', true);
  }
  function recallLabels(name) {
    const known = new Set(names);
    try {
      return new Map(JSON.parse(recall(keyOf(name)) || '[]')
        .filter(([sample, label]) => known.has(sample) && (label === 0 || label === 1)));
    } catch { return new Map(); }
  }

  // ---- showing ----
  function say(text, warning = false) {
    byId('status').textContent = text;
    byId('status').className = warning ? 'warning' : '';
  }
  const items = data.samples.map(([name, jpeg], index) => {
    const item = element('div', {class: 'patch', id: 'patch-' + name, role: 'option',
      onclick: () => { select(index); grid.focus({preventScroll: true}); }},
      element('img', {loading: 'lazy', decoding: 'async', alt: '', src: 'data:image/jpeg;base64,' + jpeg}),
      element('div', {class: 'marks'}),
      element('div', {class: 'name'}, element('span', {}, name), ' ', element('span')));
    grid.append(item);
    return item;
  });
  function paint(index) {
    const label = labels.get(names[index]);
    const item = items[index];
    kinds.forEach((kind, i) => item.classList.toggle(kind, label === i));
    const text = label === undefined ? '' : data.labels[label].text;
    item.querySelector('.name').lastChild.textContent = text;
    item.setAttribute('aria-label', `${names[index]} ${text || '(no label)'}`);
  }
  function showCount() {
    byId('bar').max = names.length;
    byId('bar').value = labels.size;
    const one = [0, 1].map((i) => [...labels.values()].filter((label) => label === i).length);
    for (const id of ['give1', 'give2', 'give0'])
      byId(id).setAttribute('aria-disabled', String(observer === ''));
    byId('save').setAttribute('aria-disabled', String(observer === '' || labels.size === 0));
    byId('count').textContent = `${labels.size} of ${names.length} labelled (` +
      `${one[0]} ${data.labels[0].text}, ${one[1]} ${data.labels[1].text})`;
  }
  function filter() {
    const only = byId('unlabelled').checked;
    shown = [];
    items.forEach((item, index) => {
      const visible = !only || !labels.has(names[index]);
      item.classList.toggle('hidden', !visible);
      if (visible) shown.push(index);
    });
    if (only && shown.length === 0) say('Every patch has a label. Press Save CSV.');
  }
  function select(index, scroll = true) {
    items[current].setAttribute('aria-selected', 'false');
    current = index;
    items[current].setAttribute('aria-selected', 'true');
    grid.setAttribute('aria-activedescendant', items[current].id);
    if (scroll) items[current].scrollIntoView({block: 'nearest'});
  }
  function showAll() {
    items.forEach((_, index) => paint(index));
    filter();
    showCount();
    if (shown.length > 0 && !shown.includes(current)) select(shown[0]);
  }

  // ---- moving and labelling ----
  const columns = () => Number(byId('columns').value);
  function move(step) {
    if (shown.length === 0) return;
    const at = shown.indexOf(current);
    select(shown[Math.min(Math.max((at < 0 ? 0 : at) + step, 0), shown.length - 1)]);
  }
  function give(label) {
    if (observer === '') {
      say('Enter your name first: every label is saved with it.', true);
      byId('observer').focus();
      return;
    }
    if (shown.length === 0) return;
    const name = names[current];
    if (label === null) labels.delete(name); else labels.set(name, label);
    say(`${name}: ${label === null ? 'no label' : data.labels[label].text}`);
    remember();
    paint(current);
    showCount();
    if (byId('unlabelled').checked && label !== null) {
      const at = shown.indexOf(current);
      filter();  // the patch leaves the list, so the next one has its place
      if (shown.length > 0) select(shown[Math.min(Math.max(at, 0), shown.length - 1)]);
    } else if (label !== null && byId('advance').checked) {
      move(1);
    }
  }
  const keys = {
    '1': () => give(0), '2': () => give(1), '0': () => give(null), 'Delete': () => give(null),
    'ArrowLeft': () => move(-1), 'ArrowRight': () => move(1),
    'ArrowUp': () => move(-columns()), 'ArrowDown': () => move(columns()),
    'Home': () => move(-names.length), 'End': () => move(names.length),
  };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.matches('input[type=text], input[type=file], select')) return;
    const action = keys[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
  byId('give1').addEventListener('click', () => { give(0); });
  byId('give2').addEventListener('click', () => { give(1); });
  byId('give0').addEventListener('click', () => { give(null); });

  // ---- the observer ----
  function setObserver(name) {
    name = name.trim().replace(/\s+/g, ' ');
    byId('observer').value = name;
    if (name === observer) return;
    const before = observer === '' ? '' : ` ${observer} keeps ${labels.size}.`;
    observer = name;
    keep(STORE + ':observer', name);
    labels = name === '' ? new Map() : recallLabels(name);
    showAll();
    say(name === '' ? 'Enter your name to label.'
                    : `${name}: ${labels.size} labels in this browser.${before}`);
  }
  byId('observer').addEventListener('change', (event) => setObserver(event.target.value));
  byId('observer').addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    setObserver(event.target.value);
    grid.focus({preventScroll: true});
  });

  // ---- CSV ----
  const quoted = (text) => /[",\s]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
  function csv() {
    const lines = names.filter((name) => labels.has(name))
      .map((name) => [name, observer, data.labels[labels.get(name)].value].map(quoted).join(','));
    return ['sample,observer,label', ...lines].join('\n') + '\n';
  }
  byId('save').addEventListener('click', () => {
    if (observer === '' || labels.size === 0) {
      say(observer === '' ? 'Enter your name first.' : 'There is nothing to save yet.', true);
      return;
    }
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([csv()], {type: 'text/csv'}));
    link.download = 'labels_' + observer.replace(/[^\p{L}\p{N}._-]+/gu, '_') + '.csv';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    const missing = names.length - labels.size;
    say(`Saved ${link.download} with ${labels.size} labels` +
        (missing > 0 ? `; ${missing} patches have none.` : '.'));
  });
  const fields = (line) => [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)]
    .map((match) => (match[1] === undefined ? match[2] : match[1].replaceAll('""', '"')).trim());
  byId('open').addEventListener('change', async (event) => {
    const file = event.target.files[0];
    event.target.value = '';
    if (!file) return;
    const [head, ...lines] =
      (await file.text()).split(/\r?\n/).filter((line) => line.trim() !== '');
    if (head === undefined || fields(head).join() !== 'sample,observer,label') {
      say(`${file.name} is not a label file of this page.`, true);
      return;
    }
    const rows = lines.map(fields);
    const people = new Set(rows.map((row) => row[1]));
    const values = data.labels.map((label) => label.value);
    const known = new Set(names);
    const fits = ([sample, , label]) => known.has(sample) && values.includes(label);
    if (people.size !== 1 || !rows.every(fits)) {
      say(`${file.name} does not belong to these patches, or holds several observers.`, true);
      return;
    }
    setObserver([...people][0]);
    for (const [sample, , label] of rows) labels.set(sample, values.indexOf(label));
    remember();
    showAll();
    say(`${file.name}: ${rows.length} labels of ${observer} read.`);
  });

  // ---- start ----
  document.title = data.question;
  byId('question').textContent = data.question;
  byId('hint').textContent = data.hint +
    ' Each picture is 32 \u00b5m wide; strokes at its edges point to the object asked about.';
  data.labels.forEach((label, i) => {
    byId('give' + (i + 1)).lastChild.textContent = label.text;
  });
  for (let n = 1; n <= 24; n++) byId('columns').add(new Option(String(n), String(n)));
  // On a telephone so many that what they show can be seen.
  const LEAST_PX = 90;
  byId('columns').value = String(Math.max(1, Math.min(data.columns, Math.floor(innerWidth / LEAST_PX))));
  const setColumns = () =>
    document.documentElement.style.setProperty('--columns', byId('columns').value);
  byId('columns').addEventListener('change', setColumns);
  byId('unlabelled').addEventListener('change', showAll);
  setColumns();
  showAll();
  select(0, false);
  say('Enter your name to label.');
  const last = recall(STORE + ':observer');
  if (last) setObserver(last);
  const open = names.findIndex((name) => !labels.has(name));
  select(open < 0 ? 0 : open, open > 0);
  if (observer === '') byId('observer').focus(); else grid.focus({preventScroll: true});
})();

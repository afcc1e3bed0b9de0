// A page of a report: what is in it comes as data, figures are drawn by the bundle afterwards.
(() => {
  const data = pageData();
  const TALL_PX = 300;  // a figure of this height takes the width of the page

  function cell(column, text, tag = 'td') {
    const attributes = {class: column.kind === 'text' ? null : column.kind};
    if (tag === 'th') attributes.scope = 'col';
    else if (column.title) attributes['data-title'] = column.title;
    return element(tag, attributes, text);
  }
  function table({columns, rows}) {
    const titled = columns.some(({title}) => title !== '');
    const head = titled ? element('thead', {}, element('tr', {},
      ...columns.map((column) => cell(column, column.title, 'th')))) : null;
    // What scrolls must be reached by keys, too.
    return element('div', {class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'Table'},
      element('table', {class: titled && columns.length > 3 ? 'cards' : 'pairs'}, head,
        element('tbody', {}, ...rows.map((row) => element('tr', {},
          ...columns.map((column, i) => cell(column, row[i])))))));
  }
  function figure({name, title, caption}) {
    const instead = data.draws
      ? `The figure appears when scripts may run; its data are in ${name}.vl.json.`
      : 'This build of mitoloom draws no figures (MITO_REPORT_BUNDLE); this one is in ' +
        `${name}.vl.json, a Vega-Lite specification.`;
    return element('figure', {class: data.figures[name].height < TALL_PX ? null : 'tall'}, element('h3', {}, title),
      element('div', {class: 'plot', 'data-figure': name}, instead), element('figcaption', {}, caption));
  }
  function picture({uri, caption, mark, place}) {
    return element('figure', {class: mark || null},
      element('img', {src: uri, alt: '', loading: 'lazy', decoding: 'async'}),
      element('figcaption', {}, mark ? icon(mark) : null, element('span', {}, caption),
        place ? element('small', {}, place) : null));
  }
  function gallery({title, pictures}) {
    return [element('h3', {}, title), element('div', {class: 'gallery'}, ...pictures.map(picture))];
  }
  function section(one) {
    const title = element(one.folded ? 'summary' : 'h2', {}, one.title);
    return element(one.folded ? 'details' : 'section', {}, title,
      ...one.paragraphs.map((text) => element('p', {}, text)), one.table ? table(one.table) : null,
      ...one.galleries.flatMap(gallery),
      one.figures.length > 0 ? element('div', {class: 'figures'}, ...one.figures.map(figure)) : null);
  }

  document.title = data.title;
  byId('title').textContent = data.title;
  byId('notice').textContent = data.notice;
  byId('foot').textContent = `mitoloom ${data.version}`;
  facts(byId('answer'), data.answer.map(({what, value, more}) => [what, value, more]));
  byId('paragraphs').replaceChildren(...data.paragraphs.map((text) => element('p', {}, text)));
  byId('sections').replaceWith(...data.sections.map(section));
  document.documentElement.dataset.ready = '1';
})();

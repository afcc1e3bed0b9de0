// Draws every figure of a report page: the specifications lie in its data, by name.
import embed from 'vega-embed';

const OPTIONS = {
  renderer: 'svg',
  mode: 'vega-lite',
  tooltip: {theme: 'light'},
  actions: {export: true, source: false, compiled: false, editor: false},
  i18n: {SVG_ACTION: 'Save as SVG', PNG_ACTION: 'Save as PNG'},
};

async function draw(place, specification) {
  place.textContent = '';
  try {
    await embed(place, specification, {...OPTIONS, downloadFileName: place.dataset.figure});
    // Its menu is a picture only.
    place.querySelector('summary').setAttribute('aria-label', 'Save this figure');
  } catch (error) {
    place.textContent = `This figure cannot be drawn: ${error.message}`;
    console.error(place.dataset.figure, error);
  }
}

const {figures: specifications} = JSON.parse(document.getElementById('data').textContent);
const places = [...document.querySelectorAll('[data-figure]')];
Promise.all(places.map((place) => draw(place, specifications[place.dataset.figure])))
  .then(() => { document.documentElement.dataset.drawn = String(places.length); });

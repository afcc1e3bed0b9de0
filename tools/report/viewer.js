// Deep zoom for the page of a run (run.js), which knows what to do without it.
import OpenSeadragon from 'openseadragon';

globalThis.OpenSeadragon = OpenSeadragon;

// node bundle.mjs ENTRY OUTPUT: joins a script and the libraries it needs into one minified script,
// headed by their licences. Runs where npm has put node_modules beside it.
import {build} from 'esbuild';
import fs from 'node:fs';
import path from 'node:path';

const [entry, output] = process.argv.slice(2);
const {metafile, outputFiles} = await build({
  entryPoints: [entry],
  bundle: true,
  minify: true,
  format: 'iife',
  charset: 'ascii',
  legalComments: 'none',
  metafile: true,
  write: false,
  outfile: output,
});

const packages = new Set(Object.keys(metafile.inputs)
  .map((file) => /^(node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1])
  .filter(Boolean));
const owners = new Map();  // text of a licence -> whose it is
for (const folder of [...packages].sort()) {
  const {name, version, license} = JSON.parse(fs.readFileSync(path.join(folder, 'package.json')));
  const file = fs.readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? fs.readFileSync(path.join(folder, file), 'utf8').trim() : license;
  owners.set(text, [...(owners.get(text) ?? []), `${name} ${version}`]);
}
const notices = [...owners].map(([text, names]) => `${names.join(', ')}\n\n${text}`)
  .join('\n\n----\n\n').replaceAll('*/', '* /').replaceAll('</', '< /')
  .replace(/[^\n\x20-\x7e]/g, (c) => (c === '\r' || c === '\t' ? ' ' : `\\u{${c.codePointAt(0).toString(16)}}`));
fs.writeFileSync(output, `/*!\n${notices}\n*/\n${outputFiles[0].text}`);

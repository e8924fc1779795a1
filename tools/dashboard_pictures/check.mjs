// Each dashboard as a constant of Grafana's own type: what `tsc` says of dist/check.ts is what is wrong with the JSON.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { FieldColorModeId, MappingType, ThresholdsMode } from '@grafana/schema';
import { DASHBOARDS } from './serve.mjs';

// TypeScript takes no text for a member of an enumeration
const ENUMERATIONS = [['mode', { FieldColorModeId }], ['mode', { ThresholdsMode }], ['type', { MappingType }]];
const members = ENUMERATIONS.flatMap(([key, named]) => Object.entries(named).flatMap(([name, values]) =>
  Object.entries(values).map(([member, value]) => [`"${key}": "${value}"`, `"${key}": ${name}.${member}`])));
const constants = readdirSync(DASHBOARDS).filter((name) => name.endsWith('.json')).map((name) => {
  const text = members.reduce((json, [from, to]) => json.replaceAll(from, to), readFileSync(new URL(name, DASHBOARDS), 'utf8'));
  return `export const ${name.replace('.json', '')}: Dashboard = ${text};`;
});
mkdirSync(new URL('dist/', import.meta.url), { recursive: true });
writeFileSync(new URL('dist/check.ts', import.meta.url),
  `import { type Dashboard, FieldColorModeId, MappingType, ThresholdsMode } from '@grafana/schema';\n${constants.join('\n')}\n`);

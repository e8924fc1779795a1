// One dashboard on one page: ?dashboard=overview&prometheus=http://…&from=…&to=…&scrape=5&width=1600, and &var-provider=… to choose.
import { createTheme, type DataFrame, type GrafanaTheme2, ThemeContext } from '@grafana/data';
import { initPluginTranslations } from '@grafana/i18n';
import { GlobalStyles, PanelChrome } from '@grafana/ui';
import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import type { Dashboard, Panel, Range, Variable } from './model';
import { isEmpty, KINDS, prepare } from './panels';
import { ask, interpolate } from './prometheus';

const asked = new URLSearchParams(location.search);
const range: Range = { from: Number(asked.get('from')), to: Number(asked.get('to')) };
const scrape = Number(asked.get('scrape') ?? 5);
const pageWidth = Number(asked.get('width') ?? 1600);
const theme: GrafanaTheme2 = createTheme({ colors: { mode: 'dark' } });
const chosen: Record<string, string[]> = {};
asked.forEach((value, key) => key.startsWith('var-') && (chosen[key.slice(4)] ??= []).push(value));

// Grafana's grid
const [ROW, GAP, PADDING] = [30, 8, 16];
const column = (pageWidth - 2 * PADDING + GAP) / 24;
const place = ({ x, y, w, h }: Panel['gridPos']) => ({
  left: x * column, top: y * (ROW + GAP), width: w * column - GAP, height: h * (ROW + GAP) - GAP,
});

// read by render.mjs
const report = { pending: 0, empty: [] as string[], failed: [] as string[] };
Object.assign(window, { report });

const Shown = ({ panel, variables }: { panel: Panel; variables: Variable[] }) => {
  const [frames, setFrames] = useState<DataFrame[]>();
  const { left, top, width, height } = place(panel.gridPos);
  useEffect(() => {
    report.pending += 1;
    ask(asked.get('prometheus')!, panel, range, width, scrape, (text, built) => interpolate(text, variables, chosen, built))
      .then((found) => prepare(panel, found, theme))
      .then((found) => { isEmpty(found) && report.empty.push(panel.title); setFrames(found); })
      .catch((error) => report.failed.push(String(error)))
      .finally(() => { report.pending -= 1; });
  }, []);
  const Kind = KINDS[panel.type];
  return (
    <div style={{ position: 'absolute', left, top }}>
      <PanelChrome title={panel.title} description={panel.description} width={width} height={height} padding={panel.type === 'table' ? 'none' : 'md'}>
        {(innerWidth, innerHeight) => frames === undefined ? null : isEmpty(frames) ? <>{panel.fieldConfig.defaults.noValue ?? 'No data'}</>
          : <Kind {...{ panel, frames, range, theme }} width={innerWidth} height={innerHeight} />}
      </PanelChrome>
    </div>
  );
};

const Page = ({ dashboard }: { dashboard: Dashboard }) => {
  const variables = dashboard.templating.list;
  const bottom = Math.max(...dashboard.panels.map(({ gridPos }) => gridPos.y + gridPos.h));
  const { colors, typography } = theme;
  return (
    <div style={{ padding: PADDING, width: pageWidth, boxSizing: 'border-box', background: colors.background.canvas, fontFamily: typography.fontFamily, color: colors.text.primary }}>
      <h3>{dashboard.title}</h3>
      <div style={{ display: 'flex', gap: 8, marginBottom: 12, fontSize: 12 }}>
        {variables.filter(({ type }) => type === 'query').map(({ name, label }) => (
          <span key={name} style={{ border: `1px solid ${colors.border.medium}`, borderRadius: 2, padding: '4px 8px' }}>
            {label} <b style={{ marginLeft: 8 }}>{chosen[name]?.join(' + ') ?? 'All'}</b>
          </span>
        ))}
      </div>
      <div style={{ position: 'relative', height: bottom * (ROW + GAP) }}>
        {dashboard.panels.map((panel) => panel.type === 'row'
          ? <div key={panel.id} style={{ position: 'absolute', ...place(panel.gridPos), lineHeight: `${ROW}px`, fontWeight: 500 }}>⌄ {panel.title}</div>
          : <Shown key={panel.id} panel={panel} variables={variables} />)}
      </div>
    </div>
  );
};

await initPluginTranslations('unigate');
const dashboard: Dashboard = await (await fetch(`/dashboards/${asked.get('dashboard')}.json`)).json();
createRoot(document.getElementById('root')!).render(
  <ThemeContext.Provider value={theme}>
    <GlobalStyles />
    <Page dashboard={dashboard} />
  </ThemeContext.Provider>,
);

// A panel's queries -> data frames, as Grafana's Prometheus data source makes them.
// https://grafana.com/docs/grafana/latest/datasources/prometheus/template-variables/
import { type DataFrame, dateTime, type Field, FieldType, rangeUtil, type TimeRange } from '@grafana/data';
import type { Panel, Range, Target, Variable } from './model';

type Labels = Record<string, string>;
interface Series {
  metric: Labels;
  values?: Array<[number, string]>;
  value?: [number, string];
}

const escaped = (value: string) => value.replace(/[\\^$.*+?()[\]{}|]/g, '\\\\$&');

export const timeRange = ({ from, to }: Range): TimeRange => {
  const [start, end] = [dateTime(from), dateTime(to)];
  return { from: start, to: end, raw: { from: start, to: end } };
};

/** `$name`, `${name}` and `$__…` in a query or a title; variables without a chosen value stand for all. */
export const interpolate = (text: string, variables: Variable[], chosen: Record<string, string[]>, built: Labels = {}) =>
  text.replace(/\$\{(\w+)\}|\$(\w+)/g, (whole, braced, plain) => {
    const name = braced ?? plain;
    if (name in built) {
      return built[name];
    }
    const variable = variables.find((each) => each.name === name);
    const values = chosen[name] ?? [];
    if (!variable) {
      return whole;
    }
    return values.length === 0 ? (variable.allValue ?? '.*')
      : values.length === 1 ? escaped(values[0]) : `(${values.map(escaped).join('|')})`;
  });

/** `$__interval`, `$__rate_interval` and `$__range` for a panel of a width in pixels, scraped every so many seconds. */
export const intervals = (range: Range, width: number, scrape: number) => {
  const { intervalMs } = rangeUtil.calculateInterval(timeRange(range), Math.max(1, Math.floor(width)), `${scrape}s`);
  const step = Math.max(intervalMs / 1000, scrape);
  const spanned = Math.round((range.to - range.from) / 1000);
  return {
    step,
    names: {
      __interval: `${step}s`,
      __rate_interval: `${Math.max(step + scrape, 4 * scrape)}s`,
      __range: `${spanned}s`,
      __range_s: `${spanned}`,
    },
  };
};

const nameOf = (target: Target, labels: Labels, alone: boolean) => {
  if (target.legendFormat && target.legendFormat !== '__auto') {
    return target.legendFormat.replace(/\{\{\s*(.+?)\s*\}\}/g, (_, label) => labels[label] ?? '');
  }
  const pairs = Object.entries(labels);
  return pairs.length === 0 ? (alone ? 'Value' : target.expr) : `{${pairs.map(([k, v]) => `${k}="${v}"`).join(', ')}}`;
};

const number = (text: string) => (text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text));

const seriesFrame = (target: Target, series: Series, range: Range, step: number, alone: boolean): DataFrame => {
  const known = new Map((series.values ?? [series.value!]).map(([at, value]) => [Math.round(at * 1000), number(value)]));
  const start = Math.ceil(range.from / 1000 / step) * step * 1000;
  const times: number[] = target.instant ? [...known.keys()] : [];
  for (let at = start; !target.instant && at <= range.to; at += step * 1000) {
    times.push(at);
  }
  const field: Field = {
    name: 'Value', type: FieldType.number, labels: series.metric, values: times.map((at) => known.get(at) ?? null),
    config: { displayNameFromDS: nameOf(target, series.metric, alone), interval: step * 1000 } as Field['config'],
  };
  return {
    refId: target.refId, length: times.length,
    fields: [{ name: 'Time', type: FieldType.time, values: times, config: { interval: step * 1000 } as Field['config'] }, field],
  };
};

const tableFrame = (target: Target, found: Series[], alone: boolean): DataFrame => {
  const names = [...new Set(found.flatMap((series) => Object.keys(series.metric)))].sort();
  const text = (name: string): Field => ({
    name, type: FieldType.string, config: {}, values: found.map((series) => series.metric[name] ?? ''),
  });
  return {
    refId: target.refId, length: found.length,
    fields: [
      { name: 'Time', type: FieldType.time, config: {}, values: found.map((series) => series.value![0] * 1000) },
      ...names.map(text),
      {
        name: alone ? 'Value' : `Value #${target.refId}`, type: FieldType.number, config: {},
        values: found.map((series) => number(series.value![1])),
      },
    ],
  };
};

/** Ask Prometheus all queries of a panel. */
export const ask = async (
  prometheus: string, panel: Panel, range: Range, width: number, scrape: number, fill: (text: string, built: Labels) => string,
): Promise<DataFrame[]> => {
  const { step, names } = intervals(range, panel.maxDataPoints ?? width, scrape);
  const targets = panel.targets ?? [];
  const answers = await Promise.all(targets.map(async (target) => {
    const query = fill(target.expr, names);
    const start = Math.ceil(range.from / 1000 / step) * step;
    const asked = new URLSearchParams(target.instant ? { query, time: `${range.to / 1000}` }
      : { query, start: `${start}`, end: `${range.to / 1000}`, step: `${step}` });
    const answer = await fetch(`${prometheus}/api/v1/${target.instant ? 'query' : 'query_range'}?${asked}`);
    const { status, error, data } = await answer.json();
    if (status !== 'success') {
      throw new Error(`${panel.title}: ${error}: ${query}`);
    }
    return data.result as Series[];
  }));
  return targets.flatMap((target, at) => target.format === 'table' ? [tableFrame(target, answers[at], targets.length === 1)]
    : answers[at].map((series) => seriesFrame(target, series, range, step, targets.length === 1)));
};

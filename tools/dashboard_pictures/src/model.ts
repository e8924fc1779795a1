// The parts of a dashboard's JSON that are looked at; `npm run check` holds all of it against Grafana's own types.
import type { DataTransformerConfig, FieldConfigSource } from '@grafana/data';

export interface Target {
  refId: string;
  expr: string;
  legendFormat?: string;
  instant?: boolean;
  format?: string;
}

export interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: { h: number; w: number; x: number; y: number };
  fieldConfig: FieldConfigSource;
  options: any;
  targets?: Target[];
  transformations?: DataTransformerConfig[];
  maxDataPoints?: number;
}

export interface Variable {
  name: string;
  label: string;
  type: string;
  allValue?: string;
}

export interface Dashboard {
  title: string;
  description: string;
  panels: Panel[];
  templating: { list: Variable[] };
}

export interface Range {
  from: number;
  to: number;
}

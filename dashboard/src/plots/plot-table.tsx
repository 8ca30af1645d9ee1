/** The figures of a plot as a table, behind a line that opens it: for those who cannot see the plot, or want the figures. */
import { useState } from 'react';
import { useWords } from '../language.js';
import type { PlotData } from './plot-data.js';

interface PlotTableProps {
  data: PlotData;
  title: string;
  headX: string;
  formatX(value: number): string;
  formatY(value: number): string;
}

export function PlotTable({ data, title, headX, formatX, formatY }: PlotTableProps): React.JSX.Element {
  const { strings } = useWords();
  // Rows are made only when somebody looks: a plot may have hundreds, and changes while it is open.
  const [isOpen, setIsOpen] = useState(false);
  const series = data.series.filter(({ isGuide }) => !isGuide);
  return (
    <details className="plot-table" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>{strings.plots.asTable}</summary>
      {isOpen && (
        <div className="plot-table-rows" tabIndex={0} role="region" aria-label={title}>
          <table>
            <thead>
              <tr>
                <th scope="col">{headX}</th>
                {series.map(({ label }) => (
                  <th key={label} scope="col">
                    {label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {data.x.map((x, index) => (
                <tr key={index}>
                  <th scope="row">{formatX(x)}</th>
                  {series.map(({ label, values }) => {
                    const value = values[index];
                    return <td key={label}>{value == null ? '–' : formatY(value)}</td>;
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}

/** A table that scrolls within itself where the screen is narrow. */

export interface Column<Row> {
  /** Unique in the table. */
  key: string;
  title: string;
  /** Figures stand at the end, so that their digits line up. */
  isFigure?: boolean;
  /** Names the row for screen readers: at most one column. */
  isHeader?: boolean;
  render: (row: Row) => React.ReactNode;
}

interface TableProps<Row> {
  /** What the table holds, for screen readers. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** What a row shows below itself when it is open; null keeps it closed. */
  renderBelow?: (row: Row) => React.ReactNode;
}

export function Table<Row>({ label, columns, rows, keyOf, renderBelow }: TableProps<Row>): React.JSX.Element {
  return (
    <div className="table-frame" role="region" aria-label={label} tabIndex={0}>
      <table className="table">
        <thead>
          <tr>
            {columns.map(({ key, title, isFigure }) => (
              <th key={key} scope="col" data-figure={isFigure}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <TableRow key={keyOf(row)} row={row} columns={columns} below={renderBelow?.(row) ?? null} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function TableRow<Row>({ row, columns, below }: { row: Row; columns: readonly Column<Row>[]; below: React.ReactNode }): React.JSX.Element {
  return (
    <>
      <tr data-open={below !== null}>
        {columns.map(({ key, isFigure, isHeader, render }) =>
          isHeader ? (
            <th key={key} scope="row" data-figure={isFigure}>
              {render(row)}
            </th>
          ) : (
            <td key={key} data-figure={isFigure}>
              {render(row)}
            </td>
          ),
        )}
      </tr>
      {below !== null && (
        <tr className="table-below">
          <td colSpan={columns.length}>{below}</td>
        </tr>
      )}
    </>
  );
}

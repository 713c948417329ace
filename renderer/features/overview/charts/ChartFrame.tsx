import { Button, Stack, Table, Text, Title } from '@mantine/core';
import { type ReactNode, useId, useState } from 'react';
import classes from './Charts.module.css';
import type { Figures } from './chart-words.ts';

type Props = Readonly<{
  title: string;
  /** What the picture says, in words. */
  summary: string;
  table: Figures;
  children: ReactNode;
}>;

/** A chart with its sentence, and the same as a table for whoever sees no pictures or wants the figures. */
export function ChartFrame({ title, summary, table, children }: Props) {
  const [isTable, setIsTable] = useState(false);
  const id = useId();
  return (
    <Stack gap="xs" component="section" aria-labelledby={id} className={classes['frame']}>
      <div className={classes['head']}>
        <Title order={2} id={id}>
          {title}
        </Title>
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          aria-pressed={isTable}
          aria-label={`Table: ${title}`}
          onClick={() => setIsTable(!isTable)}
        >
          Table
        </Button>
      </div>
      <Text className={classes['quiet']}>{summary}</Text>
      {isTable ? <FigureTable table={table} title={title} /> : <div aria-hidden="true">{children}</div>}
    </Stack>
  );
}

function FigureTable({ table: { headings, rows }, title }: Readonly<{ table: Figures; title: string }>) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be scrolled by keyboard too
    <div className={classes['figures']} tabIndex={0} role="region" aria-label={`Figures: ${title}`}>
      <Table verticalSpacing={4} horizontalSpacing={6} fz="xs">
        <Table.Thead>
          <Table.Tr>
            {headings.map((heading) => (
              <Table.Th key={heading}>{heading}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.toReversed().map((row, index) => (
            // Two backups of one second have the same cells.
            <Table.Tr key={String(rows.length - index)}>
              {row.map((cell, column) => (
                <Table.Td key={headings[column]}>{cell}</Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

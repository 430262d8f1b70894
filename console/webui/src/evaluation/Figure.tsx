import { ExpandableSection, Title } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { type ReactNode, useId } from "react";
import "./evaluation.css";

interface Props {
  title: string;
  note: string;
  columns: string[];
  /** The numbers of the plot, as texts. */
  rows: string[][];
  children: ReactNode;
}

/** A plot with its title, a note, and its numbers as a table. */
export function Figure({ title, note, columns, rows, children }: Props) {
  const toggle = useId();
  return (
    <section className="stack-small figure">
      <Title headingLevel="h3" size="md">
        {title}
      </Title>
      {children}
      <p className="quiet metric-help">{note}</p>
      <ExpandableSection toggleText="Show as a table" toggleId={toggle} toggleAriaLabel={`Show as a table: ${title}`}>
        <div className="figure-table" tabIndex={0} role="region" aria-label={title}>
          <Table variant="compact" borders={false} aria-label={title} gridBreakPoint="">
            <Thead>
              <Tr>
                {columns.map((column) => (
                  <Th key={column}>{column}</Th>
                ))}
              </Tr>
            </Thead>
            <Tbody>
              {rows.map((row, index) => (
                <Tr key={index}>
                  {row.map((text, column) => (
                    <Td key={column} className="number">
                      {text}
                    </Td>
                  ))}
                </Tr>
              ))}
            </Tbody>
          </Table>
        </div>
      </ExpandableSection>
    </section>
  );
}

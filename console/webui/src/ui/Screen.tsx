import { Flex, FlexItem, PageSection, Title } from "@patternfly/react-core";
import type { ReactNode } from "react";
import { useTitle } from "./useTitle";

interface Props {
  title: string;
  /** What the browser's tab says besides the title. */
  of?: string;
  /** Beside the title. */
  badge?: ReactNode;
  /** One or two sentences below the title. */
  lead?: ReactNode;
  /** Buttons at the end of the title's line. */
  actions?: ReactNode;
  /** Above the title: the way back. */
  above?: ReactNode;
  /** Below the title: the way to other views of the same thing. */
  below?: ReactNode;
  children: ReactNode;
}

/** A screen with its heading. */
export function Screen({ title, of, badge, lead, actions, above, below, children }: Props) {
  useTitle(title, of);
  return (
    <>
      <PageSection>
        {above && <div className="screen-way">{above}</div>}
        <Flex justifyContent={{ default: "justifyContentSpaceBetween" }} alignItems={{ default: "alignItemsFlexStart" }}>
          <FlexItem>
            <Flex gap={{ default: "gapMd" }} alignItems={{ default: "alignItemsCenter" }}>
              <Title headingLevel="h1">{title}</Title>
              {badge}
            </Flex>
          </FlexItem>
          {actions && (
            <FlexItem>
              <Flex gap={{ default: "gapSm" }}>{actions}</Flex>
            </FlexItem>
          )}
        </Flex>
        {lead && (
          <p className="lead">{lead}</p>
        )}
        {below && <div className="screen-views">{below}</div>}
      </PageSection>
      <PageSection isFilled>{children}</PageSection>
    </>
  );
}

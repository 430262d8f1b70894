import { Button, type ButtonProps, Tooltip } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { callerQuery } from "../api/access";
import type { Role } from "../api/types";
import { ROLES } from "../members/roles";
import { may, operates } from "./role";

interface Props extends ButtonProps {
  needs: Role;
  /** The project whose role counts, too; absent: the role in all projects. */
  projectId?: string;
  /** Changes what all tenants share: only for administrators of all projects of the tenant `default`. */
  shared?: boolean;
}

/** A button that says which role it needs, where the person does not have it. */
export function RoleButton({ needs, projectId, shared, ...button }: Props) {
  const caller = useQuery(callerQuery).data;
  if (shared ? operates(caller) : may(caller, needs, projectId)) {
    return <Button {...button} />;
  }
  const where = projectId ? "in this project" : `in all projects${shared && caller?.tenant !== "default" ? " of the tenant default" : ""}`;
  return (
    <Tooltip content={`Needs the role ${ROLES[needs][0]} ${where}.`}>
      <Button {...button} isAriaDisabled />
    </Tooltip>
  );
}
